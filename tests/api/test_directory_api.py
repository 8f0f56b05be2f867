"""Tenants, condominiums, units, residents and extensions: added, found, changed and removed."""

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from tests.api.serving import Api, Client


@dataclass(frozen=True, slots=True)
class Home:
    client: Client
    tenant: Any
    condominium: Any
    unit: Any


@pytest.fixture
async def home(api: Api) -> Home:
    client = await api.client()
    tenant = await client.made("tenants", name="Alfa")
    condominium = await client.made("condominiums", name="Ipê", tenant_id=tenant["id"])
    unit = await client.made("units", condominium_id=condominium["id"], number="12")
    return Home(client, tenant, condominium, unit)


def extension(home: Home, number: str, port: int, **more: Any) -> dict[str, Any]:
    ports = {"port": port, "return_port": port + 1}
    return {"number": number, "condominium_id": home.condominium["id"], **ports, **more}


async def test_what_was_added_is_found_where_location_says(home: Home) -> None:
    reply = await home.client.post(
        "units", {"condominium_id": home.condominium["id"], "block": "B", "number": "101"}
    )
    assert reply.status == 201
    again = await home.client.get(reply.headers["Location"])
    assert (again.status, again.body, again.etag) == (200, reply.body, reply.etag)
    assert (again.body["block"], again.body["notes"]) == ("B", "")


async def test_a_resident_without_a_position_is_called_last(home: Home) -> None:
    for name in ("Ana", "Bia"):
        await home.client.made(
            "residents", unit_id=home.unit["id"], name=name, phones=["(11) 98765-4321"]
        )
    listed = (await home.client.get("residents", unit_id=home.unit["id"])).body["items"]
    assert [(each["name"], each["position"]) for each in listed] == [("Ana", 1), ("Bia", 2)]
    assert listed[0]["phones"] == ["11987654321"]
    assert listed[0]["condominium_id"] == home.condominium["id"]


async def test_a_resident_is_called_in_a_language_of_ours_or_the_extensions(home: Home) -> None:
    made = await home.client.made("residents", unit_id=home.unit["id"], name="Ann", language="en")
    assert made["language"] == "en"
    path = f"residents/{made['id']}"
    etag = (await home.client.get(path)).etag
    changed = await home.client.patch(path, {"language": None}, etag)
    assert (changed.status, changed.body["language"]) == (200, None)
    wrong = await home.client.patch(path, {"language": "fr"}, changed.etag)
    assert wrong.status == 422
    other = await home.client.made("residents", unit_id=home.unit["id"], name="Rui")
    assert other["language"] is None


async def test_residents_added_at_the_same_moment_get_places_of_their_own(home: Home) -> None:
    made = await asyncio.gather(
        *(home.client.made("residents", unit_id=home.unit["id"], name="x") for _ in range(6))
    )
    assert sorted(each["position"] for each in made) == [1, 2, 3, 4, 5, 6]


async def test_a_change_needs_the_etag_of_what_was_read(home: Home) -> None:
    path = f"units/{home.unit['id']}"
    etag = (await home.client.get(path)).etag
    blind = await home.client.send("PATCH", path, json={"notes": "x"})
    assert (blind.status, blind.body["title"]) == (428, "Precondition Required")
    first = await home.client.patch(path, {"notes": "dog"}, etag)
    assert (first.status, first.body["notes"], first.body["number"]) == (200, "dog", "12")
    late = await home.client.patch(path, {"notes": "cat"}, etag)
    assert (late.status, late.etag) == (412, first.etag)
    assert (await home.client.patch(path, {"notes": "cat"}, first.etag)).status == 200


async def test_of_changes_at_the_same_moment_one_wins_and_the_others_are_told(home: Home) -> None:
    path = f"units/{home.unit['id']}"
    etag = (await home.client.get(path)).etag
    replies = await asyncio.gather(
        *(home.client.patch(path, {"notes": f"note {n}"}, etag) for n in range(5))
    )
    assert sorted(reply.status for reply in replies) == [200, 412, 412, 412, 412]


async def test_removing_can_be_made_to_depend_on_the_etag(home: Home) -> None:
    path = f"units/{home.unit['id']}"
    stale = await home.client.send("DELETE", path, headers={"If-Match": '"old"'})
    assert stale.status == 412
    assert (await home.client.delete(path)).status == 204
    assert (await home.client.get(path)).status == 404
    assert (await home.client.delete(path)).status == 404


async def test_a_list_comes_by_pages_that_miss_and_repeat_nothing(home: Home) -> None:
    for number in range(20, 31):
        await home.client.made("units", condominium_id=home.condominium["id"], number=str(number))
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await home.client.get("units", limit=5, **cursor)).body
        seen += [each["number"] for each in page["items"]]
        assert len(page["items"]) <= 5
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
        if len(seen) == 5:  # what comes in between moves no page
            await home.client.made("units", condominium_id=home.condominium["id"], number="11")
    assert seen == ["12", *map(str, range(20, 31))]


@pytest.mark.parametrize("cursor", ["xx", "bm9wZQ", "WyJhIl0", "WyIiLCIiLCJ4Il0", "____"])
async def test_a_cursor_that_is_not_ours_is_refused(home: Home, cursor: str) -> None:
    reply = await home.client.get("units", cursor=cursor)
    assert (reply.status, reply.body["errors"][0]["where"]) == (400, "query.cursor")


async def test_filters_find_parts_of_names_whatever_the_case(home: Home) -> None:
    await home.client.made("condominiums", name="Edifício Aurora", tenant_id=home.tenant["id"])
    found = (await home.client.get("condominiums", name="AURO")).body["items"]
    assert [each["name"] for each in found] == ["Edifício Aurora"]
    assert (await home.client.get("condominiums", tenant_id=str(uuid4()))).body["items"] == []


async def test_a_filter_that_does_not_exist_is_refused_by_name(home: Home) -> None:
    reply = await home.client.get("units", color="red")
    assert (reply.status, reply.body["errors"][0]["where"]) == (422, "query.color")


@pytest.mark.parametrize(
    ("path", "body", "where"),
    [
        ("tenants", {"name": ""}, "body.name"),
        ("tenants", {"name": "a\u0000b"}, "body.name"),
        ("tenants", {"name": "x", "colour": 1}, "body.colour"),
        ("tenants", [], "body"),
        ("condominiums", {"name": "x"}, "body.tenant_id"),
        ("condominiums", {"name": "x", "timezone": "Mars/Phobos"}, "body.timezone"),
        ("units", {"number": "1"}, "body.condominium_id"),
        ("residents", {"name": "x", "unit_id": str(uuid4()), "phones": ["abc"]}, "body.phones.0"),
    ],
)
async def test_a_fault_is_named_by_its_place(home: Home, path: str, body: Any, where: str) -> None:
    reply = await home.client.post(path, body)
    assert reply.status == 422
    assert reply.body["errors"][0]["where"] == where


async def test_what_is_no_json_is_told_apart_from_what_is_wrong(home: Home) -> None:
    headers = {"Content-Type": "application/json"}
    broken = await home.client.send("POST", "tenants", data=b"{", headers=headers)
    assert broken.status == 400
    surrogate = await home.client.send(
        "POST", "tenants", data=b'{"name":"\\ud800"}', headers=headers
    )
    assert surrogate.status in (400, 422)
    form = await home.client.send("POST", "tenants", data={"name": "x"})
    assert form.status == 415


async def test_a_reference_to_nothing_is_refused(home: Home) -> None:
    reply = await home.client.post("units", {"condominium_id": str(uuid4()), "number": "1"})
    assert (reply.status, reply.body["detail"]) == (
        409,
        "This refers to something that is not there.",
    )


async def test_what_is_there_already_is_a_conflict_that_names_the_field(home: Home) -> None:
    reply = await home.client.post(
        "units", {"condominium_id": home.condominium["id"], "number": "12"}
    )
    assert (reply.status, reply.body["detail"]) == (
        409,
        "There is one already with this block and number.",
    )


async def test_what_others_need_cannot_be_removed(home: Home) -> None:
    reply = await home.client.delete(f"tenants/{home.tenant['id']}")
    assert (reply.status, reply.body["detail"]) == (
        409,
        "It is still needed by condominiums; remove these first.",
    )


async def test_a_request_that_is_sent_again_is_carried_out_once(home: Home) -> None:
    body = {"condominium_id": home.condominium["id"], "number": "77"}
    sent = [home.client.post("units", body, **{"Idempotency-Key": "k1"}) for _ in range(5)]
    replies = await asyncio.gather(*sent)
    assert {(reply.status, reply.body["id"], reply.etag) for reply in replies} == {
        (201, replies[0].body["id"], replies[0].etag)
    }
    replayed = [reply.headers.get("Idempotent-Replayed") for reply in replies]
    assert sorted(map(str, replayed)) == ["None", "true", "true", "true", "true"]


async def test_an_idempotency_key_is_good_for_one_request_of_one_client(
    home: Home, api: Api
) -> None:
    key = {"Idempotency-Key": "k1"}
    body = {"condominium_id": home.condominium["id"], "number": "77"}
    assert (await home.client.post("units", body, **key)).status == 201
    assert (await home.client.post("units", {**body, "number": "78"}, **key)).status == 409
    other = await api.client()
    assert (await other.post("units", {**body, "number": "79"}, **key)).status == 201


async def test_what_failed_may_be_tried_again_under_the_same_key(home: Home) -> None:
    key = {"Idempotency-Key": "k2"}
    body = {"condominium_id": home.condominium["id"], "number": "12"}
    assert (await home.client.post("units", body, **key)).status == 409
    await home.client.delete(f"units/{home.unit['id']}")
    assert (await home.client.post("units", body, **key)).status == 201


async def test_an_extension_is_added_with_defaults_and_marked_by_the_supervisor_only(
    home: Home,
) -> None:
    made = await home.client.made("extensions", **extension(home, "1001", 20_000))
    assert (made["flow"], made["enabled"], made["settings"]) == ("doorman", True, {})
    assert (made["status"], made["status_reason"]) == ("new", None)
    reply = await home.client.post(
        "extensions", extension(home, "1002", 21_000, status="listening")
    )
    assert reply.status == 422


async def test_a_mark_of_the_supervisor_makes_no_etag_stale(home: Home, api: Api) -> None:
    made = await home.client.made("extensions", **extension(home, "1001", 20_000))
    path = f"extensions/{made['id']}"
    etag = (await home.client.get(path)).etag
    await api.database.execute("UPDATE extensions SET status = 'listening'")
    reply = await home.client.patch(path, {"settings": {"ring_s": 20}, "voice": None}, etag)
    assert (reply.status, reply.body["settings"]) == (200, {"ring_s": 20})
    assert reply.body["status"] == "listening"


@pytest.mark.parametrize(
    ("given", "status", "detail"),
    [
        (
            {"flow": "butler"},
            422,
            "body.flow: there is no such flow; use doorman or receptionist or echo.",
        ),
        ({"return_port": 21_000}, 409, "the port and the return port must differ"),
        ({"port": 20_001}, 409, "Port 20001 belongs to another extension already"),
        ({"port": 0}, 422, "body.port"),
        ({"settings": {"ring_s": 1}}, 422, "body.settings.ring_s"),
        ({"settings": {"volume": 1}}, 422, "body.settings.volume"),
        ({"number": "1001"}, 409, "There is one already with this number."),
    ],
)
async def test_an_extension_that_could_not_be_served_is_not_written(
    home: Home, given: dict[str, Any], status: int, detail: str
) -> None:
    await home.client.made("extensions", **extension(home, "1001", 20_000))
    reply = await home.client.post("extensions", {**extension(home, "1002", 21_000), **given})
    assert reply.status == status
    assert detail in reply.body["detail"]
    assert len((await home.client.get("extensions")).body["items"]) == 1
