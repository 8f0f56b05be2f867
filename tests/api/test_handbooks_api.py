"""Receptionists over HTTP: chosen for an extension, their handbooks written, read and forgotten."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.api.serving import Api, Client, Reply
from tests.receptionist.clinic import DOCUMENT

SMALL = {"facts": [{"id": 1, "says": "Abrimos às oito."}]}


@dataclass(frozen=True, slots=True)
class Business:
    admin: Client
    path: str
    extension: dict[str, Any]

    async def put(self, document: Any, **headers: str) -> Reply:
        return await self.admin.send("PUT", self.path, json=document, headers=headers)


@pytest.fixture
async def business(api: Api) -> Business:
    admin = await api.client()
    tenant = (await admin.made("tenants", name="Alfa"))["id"]
    place = (await admin.made("condominiums", name="Clínica Boa Vista", tenant_id=tenant))["id"]
    extension = await admin.made(
        "extensions",
        number="1001",
        condominium_id=place,
        flow="receptionist",
        port=20_000,
        return_port=20_001,
        settings={"operator": "8000", "languages": ["en", "es"]},
    )
    client = await api.client("admin", tenant)
    return Business(client, f"extensions/{extension['id']}/handbook", extension)


async def test_a_handbook_is_written_read_changed_and_forgotten(business: Business) -> None:
    assert (await business.admin.get(business.path)).body["document"] is None
    written = await business.put(DOCUMENT)
    assert (written.status, written.body["document"]) == (200, DOCUMENT)
    read = await business.admin.get(business.path)
    assert read.body == written.body
    assert (await business.put(DOCUMENT, **{"If-Match": '"old"'})).status == 412
    changed = {**DOCUMENT, "closed": ["01-01"]}
    assert read.etag is not None
    assert (await business.put(changed, **{"If-Match": read.etag})).status == 200
    assert (await business.admin.delete(business.path)).status == 204
    assert (await business.admin.delete(business.path)).status == 404


async def test_each_change_is_in_the_audit_log(business: Business) -> None:
    await business.put(DOCUMENT)
    await business.admin.delete(business.path)
    entries = (await business.admin.get("audit", resource="handbooks")).body["items"]
    assert [(each["before"], each["after"]) for each in entries] == [
        (DOCUMENT, None),
        (None, DOCUMENT),
    ]


@pytest.mark.parametrize(
    ("document", "status", "detail"),
    [
        ({"facts": [{"id": 0, "says": "a"}]}, 422, "body.facts.0.id"),
        ({"facts": [{"id": 1, "says": ""}]}, 422, "body.facts.0.says"),
        ({"faqs": []}, 422, "body.faqs"),
        ({"facts": [{"id": 1, "says": "a"}] * 2}, 409, 'the id "1" is there twice'),
        (SMALL, 409, "fact 1 of its handbook says nothing in en"),
    ],
)
async def test_a_handbook_that_could_not_be_used_is_not_written(
    business: Business, document: dict[str, Any], status: int, detail: str
) -> None:
    reply = await business.put(document)
    assert (reply.status, detail in reply.body["detail"]) == (status, True), reply.body
    assert (await business.admin.get(business.path)).body["document"] is None


async def test_settings_are_the_flows_own(business: Business, api: Api) -> None:
    path = f"extensions/{business.extension['id']}"
    etag = {"If-Match": "*"}
    guard = {"settings": {"guard": "8000"}}
    reply = await business.admin.send("PATCH", path, json=guard, headers=etag)
    assert (reply.status, "body.settings.guard" in reply.body["detail"]) == (409, True)
    reply = await business.admin.send("PATCH", path, json={"flow": "doorman"}, headers=etag)
    assert (reply.status, "body.settings.operator" in reply.body["detail"]) == (409, True)
    both = {"flow": "doorman", **guard}
    reply = await business.admin.send("PATCH", path, json=both, headers=etag)
    assert (reply.status, reply.body["flow"]) == (200, "doorman")
    assert reply.body["settings"] == {"guard": "8000"}
