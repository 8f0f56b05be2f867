"""Tenants' language models over HTTP: keys are written and never read, addresses are guarded."""

import ipaddress
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web

from supervisor.database.condominiums import find_or_create_condominium
from supervisor.database.language_models import LanguageModelRow, store_language_model
from supervisor.database.pool import Pool
from supervisor.outgoing.addresses import AddressGuard
from tests.api.serving import Api, Client, Reply, serving
from tests.conversation.model_server import KEY, completion, says, sends
from tests.conversation.model_server import serving as models

PUBLIC = "https://models.example/v1"
LOOPBACK = AddressGuard([ipaddress.ip_network("127.0.0.0/8")], allow_http=True)


@dataclass(frozen=True, slots=True)
class Tenant:
    admin: Client
    id: str

    @property
    def path(self) -> str:
        return f"tenants/{self.id}/language-model"

    async def put(self, url: str = PUBLIC, **body: Any) -> Reply:
        given = {"base_url": url, "models": ["small"], **body}
        return await self.admin.send("PUT", self.path, json=given)

    async def test(self) -> Reply:
        return await self.admin.send("POST", f"{self.path}/test")


async def a_tenant(api: Api) -> Tenant:
    admin = await api.client()
    tenant = (await admin.made("tenants", name="Alfa"))["id"]
    return Tenant(await api.client("admin", tenant), tenant)


@pytest.fixture
async def tenant(api: Api) -> Tenant:
    return await a_tenant(api)


@pytest.fixture
async def near(database_url: str, database: Pool) -> AsyncIterator[Tenant]:
    """A tenant whose models may be on this machine."""
    async with serving(database_url, database, guard=LOOPBACK) as api:
        yield await a_tenant(api)


async def key_of(database: Pool, tenant: Tenant) -> Any:
    return await database.fetchval(
        "SELECT api_key FROM language_models WHERE tenant_id = $1", UUID(tenant.id)
    )


async def test_a_model_is_set_read_changed_and_removed(tenant: Tenant) -> None:
    assert (await tenant.admin.get(tenant.path)).status == 404
    made = await tenant.put(api_key=KEY, deadline_ms=900)
    assert (made.status, made.body["has_key"], made.body["guarded"]) == (200, True, True)
    read = await tenant.admin.get(tenant.path)
    assert read.body == made.body
    assert (read.body["models"], read.body["deadline_ms"]) == (["small"], 900)
    assert (await tenant.put(models=["small", "large"])).body["models"] == ["small", "large"]
    assert (await tenant.admin.delete(tenant.path)).status == 204
    assert (await tenant.admin.delete(tenant.path)).status == 404


async def test_a_key_is_in_no_answer_and_not_in_the_audit_log(
    tenant: Tenant, database: Pool
) -> None:
    replies = [await tenant.put(api_key=KEY), await tenant.admin.get(tenant.path)]
    audit = await tenant.admin.get("audit", resource="language_models")
    assert KEY not in repr([each.body for each in replies]) + repr(audit.body)
    assert audit.body["items"][0]["after"]["api_key"] == "replaced"
    assert await key_of(database, tenant) == KEY


async def test_a_key_is_kept_for_the_same_address_only(tenant: Tenant, database: Pool) -> None:
    """Or whoever may set an address could have a key sent there that they were never given."""
    await tenant.put(api_key=KEY)
    await tenant.put(models=["other"])
    assert await key_of(database, tenant) == KEY
    assert (await tenant.put("https://elsewhere.example/v1")).body["has_key"] is False
    assert await key_of(database, tenant) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://models.example/v1",
        "https://127.0.0.1/v1",
        "https://10.0.0.8:8000/v1",
        "https://169.254.169.254/latest",
        "https://[::1]/v1",
        "https://user:pass@models.example/v1",
    ],
)
async def test_an_address_that_is_not_public_is_refused(tenant: Tenant, url: str) -> None:
    reply = await tenant.put(url)
    assert (reply.status, "body.base_url" in reply.body["detail"]) == (409, True)
    assert (await tenant.admin.get(tenant.path)).status == 404


async def test_a_name_that_nobody_knows_is_said_when_it_is_tried(tenant: Tenant) -> None:
    await tenant.put("https://models.invalid/v1")
    tried = await tenant.test()
    assert (tried.status, tried.body["works"]) == (200, False)
    assert tried.body["text"] == "The host's name is not known."


async def test_what_an_operator_set_is_asked_wherever_it_is(api: Api, database: Pool) -> None:
    """At the terminal or by SQL an address may be this machine's; whoever sets it over HTTP takes
    it under the guard."""
    async with models(says({})) as server, database.acquire() as connection:
        await find_or_create_condominium(connection, "Edifício Aurora")
        row = LanguageModelRow(server.url, ("small",), KEY)
        await store_language_model(connection, "default", row, keeps_key=False)
        [default] = (await (await api.client()).get("tenants")).body["items"]
        tenant = Tenant(await api.client("admin", default["id"]), default["id"])
        assert (await tenant.test()).body["works"] is True
        assert (await tenant.put(server.url)).status == 409


async def test_a_model_that_works_is_said_to(near: Tenant) -> None:
    async with models(says({})) as server:
        await near.put(server.url, api_key=KEY)
        tried = await near.test()
        assert server.keys == {f"Bearer {KEY}"}
    assert (tried.body["works"], tried.body["model"]) == (True, "small")
    assert tried.body["text"].startswith("It answers, in ")


def status(code: int) -> Any:
    return lambda: web.Response(status=code, text=f"secret {KEY}")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (status(401), "The server answers 401: it wants a key, and none is set."),
        (status(404), 'The server answers 404: it has no model "small"'),
        (status(429), "The server answers 429: too many requests"),
        (status(500), "The server answers 500: it is in trouble itself."),
        (lambda: web.Response(status=302, headers={"Location": "http://x"}), "leads elsewhere"),
        (lambda: web.Response(text="<html>"), "with no chat completion"),
        (lambda: web.json_response([1]), "with no chat completion"),
        (lambda: web.json_response(completion("yes")), "It answers, in"),
    ],
)
async def test_what_is_wrong_is_one_sentence_with_nothing_of_what_the_server_said(
    near: Tenant, answer: Any, sentence: str
) -> None:
    async with models(sends(answer)) as server:
        await near.put(server.url)
        tried = (await near.test()).body
    assert sentence in tried["text"] and KEY not in tried["text"]
    assert tried["works"] is sentence.startswith("It answers")


async def test_of_several_models_the_first_that_does_not_answer_is_told(near: Tenant) -> None:
    async with models(says({})) as server:
        server.of_model["broken"] = sends(status(404))
        await near.put(server.url, models=["small", "broken"])
        tried = (await near.test()).body
    assert (tried["works"], tried["model"]) == (False, "broken")


async def test_a_server_that_is_not_there_is_said_so(near: Tenant) -> None:
    async with models(says({})) as server:
        url = server.url
    await near.put(url)
    assert (await near.test()).body["text"] == "The host takes no connection."


async def test_a_tenant_without_a_model_has_none_to_try(tenant: Tenant) -> None:
    assert (await tenant.test()).status == 404
