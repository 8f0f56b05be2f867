"""What is said, over HTTP: shown with our own words, replaced, put back, kept apart by tenant."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.api.serving import Api, Client, Reply

GOODBYE = "closing.goodbye"


@dataclass(frozen=True, slots=True)
class Estate:
    client: Client
    tenant: str
    condominium: str

    def path(self, key: str = GOODBYE, owners: str = "condominiums") -> str:
        owner = self.condominium if owners == "condominiums" else self.tenant
        return f"{owners}/{owner}/texts/{key}"

    async def put(self, *variants: str, key: str = GOODBYE, owners: str = "condominiums") -> Reply:
        return await self.client.send(
            "PUT",
            self.path(key, owners),
            json={"variants": list(variants)},
            headers={"If-Match": "*"},
        )


@pytest.fixture
async def estate(api: Api) -> Estate:
    admin = await api.client()
    tenant = (await admin.made("tenants", name="Alfa"))["id"]
    condominium = (await admin.made("condominiums", name="Ipê", tenant_id=tenant))["id"]
    return Estate(await api.client("operator", tenant), tenant, condominium)


async def test_the_list_shows_our_sentences_and_theirs(estate: Estate) -> None:
    await estate.put("Volte sempre.")
    listed = (await estate.client.get(f"condominiums/{estate.condominium}/texts")).body["items"]
    texts = {each["key"]: each for each in listed}
    assert len(texts) > 100
    goodbye, greeting = texts[GOODBYE], texts["greeting.morning"]
    assert (goodbye["override"], goodbye["said"]) == (["Volte sempre."], ["Volte sempre."])
    assert goodbye["default"] != goodbye["said"]
    assert (greeting["override"], greeting["said"]) == (None, greeting["default"])
    assert greeting["values"] == ["condominium"]


async def test_a_text_is_replaced_by_etag_and_put_back(estate: Estate) -> None:
    etag = (await estate.client.get(estate.path())).etag
    body = {"variants": ["Volte sempre.", "Até a próxima."]}
    blind = await estate.client.send("PUT", estate.path(), json=body)
    assert blind.status == 428
    put = await estate.client.send("PUT", estate.path(), json=body, headers={"If-Match": etag})
    assert (put.status, put.body["said"]) == (200, body["variants"])
    assert put.etag == (await estate.client.get(estate.path())).etag != etag
    late = await estate.client.send("PUT", estate.path(), json=body, headers={"If-Match": etag})
    assert (late.status, late.etag) == (412, put.etag)
    assert (await estate.client.delete(estate.path())).status == 204
    again = await estate.client.get(estate.path())
    assert (again.body["override"], again.etag) == (None, etag)
    assert (await estate.client.delete(estate.path())).status == 404


async def test_a_tenants_text_holds_in_its_condominiums_that_have_none(estate: Estate) -> None:
    await estate.put("Tchau da Alfa.", owners="tenants")
    inherited = (await estate.client.get(estate.path())).body
    assert (inherited["of_tenant"], inherited["override"]) == (["Tchau da Alfa."], None)
    assert inherited["said"] == ["Tchau da Alfa."]
    await estate.put("Tchau do Ipê.")
    assert (await estate.client.get(estate.path())).body["said"] == ["Tchau do Ipê."]
    tenant = (await estate.client.get(estate.path(owners="tenants"))).body
    assert (tenant["override"], tenant["said"]) == (["Tchau da Alfa."], ["Tchau da Alfa."])


@pytest.mark.parametrize(
    ("key", "said", "complaint"),
    [
        ("greeting.morning", "Bom dia.", "{condominium} is missing"),
        (GOODBYE, "Tchau, {visitor}.", "{visitor} is not known here"),
        (GOODBYE, "Tchau 😀", "grinning face"),
        ("receptionist.greeting.morning", "Bom dia, {condominium}.", "{business} is missing"),
        ("receptionist.menu.person", "Tecle {key}.", "{key} is not known here"),
    ],
)
async def test_what_cannot_be_said_is_refused_with_the_reason(
    estate: Estate, key: str, said: str, complaint: str
) -> None:
    reply = await estate.put(said, key=key)
    assert (reply.status, complaint in reply.body["detail"]) == (409, True)
    assert (await estate.client.get(estate.path(key))).body["override"] is None


@pytest.mark.parametrize("variants", [[], ["x" * 301], ["Tchau\n"], [""], ["a"] * 11])
async def test_what_is_no_sentence_is_refused(estate: Estate, variants: list[str]) -> None:
    assert (await estate.put(*variants)).status == 422


async def test_a_receptionists_texts_are_told_from_the_doormans(estate: Estate) -> None:
    own = "receptionist.closing.goodbye"
    await estate.put("Volte sempre.", key=own)
    path = f"condominiums/{estate.condominium}/texts"
    of_receptionist = (await estate.client.get(path, agent="receptionist")).body["items"]
    of_doorman = (await estate.client.get(path, agent="doorman")).body["items"]
    both = (await estate.client.get(path)).body["items"]
    assert [*of_doorman, *of_receptionist] == both
    said = {each["key"]: each["said"] for each in both}
    assert (said[own], said[GOODBYE] == ["Volte sempre."]) == (["Volte sempre."], False)
    assert {each["agent"] for each in of_receptionist} == {"receptionist"}
    assert (await estate.client.get(path, agent="butler")).status == 422


async def test_a_text_that_we_do_not_say_is_not_there(estate: Estate) -> None:
    assert (await estate.put("Tchau.", key="closing.goodby")).status == 404
    assert (await estate.client.get(estate.path(), language="xx-XX")).status == 422


async def test_changes_are_in_the_audit_log(api: Api, estate: Estate) -> None:
    await estate.put("Volte sempre.")
    await estate.client.delete(estate.path())
    audited = (await (await api.client()).get("audit", resource="texts")).body["items"]
    told = sorted((each["before"]["variants"] or [], each["after"]["variants"]) for each in audited)
    assert told == [([], ["Volte sempre."]), (["Volte sempre."], None)]


async def test_neither_viewers_nor_other_tenants_change_what_is_said(
    api: Api, estate: Estate
) -> None:
    admin = await api.client()
    other = (await admin.made("tenants", name="Beta"))["id"]
    cases: list[tuple[Any, str, int]] = [("viewer", estate.tenant, 403), ("admin", other, 404)]
    for role, tenant, status in cases:
        client = await api.client(role, tenant)
        for owners in ("condominiums", "tenants"):
            path = estate.path(owners=owners)
            body = {"variants": ["Tchau."]}
            put = await client.send("PUT", path, json=body, headers={"If-Match": "*"})
            assert (put.status, (await client.delete(path)).status) == (status, status)
    stranger = await api.client("viewer", other)
    assert (await stranger.get(estate.path())).status == 404
    assert (await estate.client.get(estate.path())).body["override"] is None
