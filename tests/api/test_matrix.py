"""Every operation of the OpenAPI document against every role, proof and tenant."""

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from supervisor.api.endpoint import RANKS
from supervisor.api.principal import Kind
from supervisor.database.api_keys import Role
from tests.api.estates import Estate, found
from tests.api.people import person
from tests.api.rights import RIGHTS, Belongs, Rights
from tests.api.serving import Api, Client, Reply

PROVEN = [
    (role, kind, belongs)
    for role in ("viewer", "operator", "admin")
    for kind in ("key", "user")
    for belongs in ("tenant", "installation")
]
REFUSED = (401, 403)


@dataclass(frozen=True, slots=True)
class Operation:
    """One of the document's."""

    name: str
    method: str
    path: str

    @property
    def rights(self) -> Rights:
        return RIGHTS[self.name]

    @property
    def collections(self) -> list[str]:
        """What each id of the path is of: the part before it."""
        return re.findall(r"(\w+)/\{\w+\}", self.path)

    def at(self, parts: dict[str, str]) -> str:
        """The path with these in its braces. Fails for a collection that no estate has one of."""
        missing = set(self.collections) - set(parts)
        assert not missing, f"furnish one of {missing} in tests/api/estates.py, for {self.name}"
        return re.sub(r"(\w+)/\{\w+\}", lambda found: f"{found[1]}/{parts[found[1]]}", self.path)


async def operations(api: Api) -> list[Operation]:
    document = (await api.stranger().get("/api/openapi.json")).body
    return [
        Operation(operation["operationId"], method.upper(), path)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


async def asked(client: Client, operation: Operation, path: str, aim: Estate) -> Reply:
    """The operation's answer; of a stream without an end, what there is in it up to now."""
    more: dict[str, Any] = {"headers": {"If-Match": "*"}}
    more["params"] = dict(operation.rights.query)
    if operation.rights.file is not None:
        form = aiohttp.FormData(operation.rights.body(aim))
        form.add_field(operation.rights.file, b"nothing good", filename="x")
        more["data"] = form
    elif operation.method in ("POST", "PATCH", "PUT"):
        more["json"] = operation.rights.body(aim)
    if operation.name == "follow_events":
        return await _followed(client, path)
    return await client.send(operation.method, path, **more)


async def _followed(client: Client, path: str) -> Reply:
    url = f"{client.base}{path}?after=0-0"
    async with client.session.get(url, headers=client.headers) as response:
        body = b""
        if response.status == 200:
            async with asyncio.timeout(20):
                while b"event: call.ended" not in body:
                    body += await response.content.readuntil(b"\n\n")
        return Reply(response.status, response.headers, body.decode())


@pytest.fixture
async def estates(api: Api) -> tuple[Estate, Estate]:
    admin = await api.client()
    return await found(api, admin, "Alfa", 20_000), await found(api, admin, "Zebra", 21_000)


async def proven(api: Api, role: Role, kind: Kind, tenant: str | None) -> Client:
    if kind == "key":
        return await api.client(role, tenant)
    return (await person(api, f"{role}-{kind}", role, tenant)).client


def may(operation: Operation, role: Role, kind: Kind, belongs: Belongs) -> bool:
    """Whether they may ask at all; what they then see is another matter."""
    rights = operation.rights
    if rights.role is None:
        return True
    if rights.whole and belongs == "tenant":
        return False
    if rights.users and kind != "user":
        return False
    return RANKS[role] >= RANKS[rights.role]


async def test_every_operation_is_declared(api: Api) -> None:
    undeclared = {operation.name for operation in await operations(api)} - set(RIGHTS)
    assert not undeclared, f"say in tests/api/rights.py who may do {sorted(undeclared)}"
    gone = set(RIGHTS) - {operation.name for operation in await operations(api)}
    assert not gone, f"these operations are gone, take them out of rights.py: {sorted(gone)}"


async def test_without_proof_nobody_gets_anything(api: Api, estates: tuple[Estate, Estate]) -> None:
    mine, _ = estates
    let_in = []
    for operation in await operations(api):
        reply = await asked(api.stranger(), operation, operation.at(mine.parts), mine)
        if reply.status != 401 and operation.rights.role is not None:
            let_in.append((operation.name, reply.status))
    assert let_in == []


@pytest.mark.slow
@pytest.mark.parametrize(("role", "kind", "belongs"), PROVEN)
async def test_each_may_what_is_declared_and_gets_at_nothing_of_another_tenant(
    api: Api, estates: tuple[Estate, Estate], role: Role, kind: Kind, belongs: Belongs
) -> None:
    mine, others = estates
    client = await proven(api, role, kind, mine.tenant if belongs == "tenant" else None)
    before = await _everything(api, others)
    faults = []
    for operation in sorted(await operations(api), key=_lists_first):
        allowed = may(operation, role, kind, belongs)
        if belongs == "installation":  # nothing is another's: only the rights are looked at
            path = operation.at({**others.parts, **{name: str(uuid4()) for name in others.ids}})
            reply = await asked(client, operation, path, others)
            fault = _wrong_right(operation, allowed, reply)
        else:
            reply = await asked(client, operation, operation.at(others.parts), others)
            fault = _wrong_right(operation, allowed, reply) or _leak(
                operation, allowed, reply, others
            )
        if fault:
            faults.append((operation.name, reply.status, fault))
    assert faults == []
    assert await _everything(api, others) == before


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["key", "user"])
@pytest.mark.parametrize("role", ["viewer", "operator", "admin"])
async def test_each_reads_what_is_the_tenants_own_and_no_other(
    api: Api, estates: tuple[Estate, Estate], role: Role, kind: Kind
) -> None:
    mine, others = estates
    client = await proven(api, role, kind, mine.tenant)
    faults = []
    for operation in await operations(api):
        if operation.method != "GET" or not may(operation, role, kind, "tenant"):
            continue
        reply = await asked(client, operation, operation.at(mine.parts), mine)
        good = (404, 409) if operation.rights.empty else (200,)
        if reply.status not in good:
            faults.append((operation.name, reply.status, "is refused its own"))
        if found_in(reply, [others.mark, *others.ids.values()]):
            faults.append((operation.name, reply.status, "shows another tenant's"))
        if not operation.rights.empty and not found_in(reply, [mine.mark, *mine.ids.values()]):
            faults.append((operation.name, reply.status, "does not show the tenant's own"))
    assert faults == []


def _lists_first(operation: Operation) -> tuple[bool, bool]:
    """The audit log then shows no path yet that this client made up."""
    return bool(operation.collections), operation.method != "GET"


def _wrong_right(operation: Operation, allowed: bool, reply: Reply) -> str:
    if operation.rights.role is None:
        return ""
    if not allowed and reply.status != 403:
        return "is not refused"
    wrong_password = operation.rights.users and reply.status in (401, 429)
    if allowed and reply.status in (*REFUSED, 500) and not wrong_password:
        return "is refused"
    return ""


def _leak(operation: Operation, allowed: bool, reply: Reply, others: Estate) -> str:
    """A path with another's ids leads nowhere, and a body that points there adds nothing."""
    if operation.collections or operation.rights.body(others).keys() & _POINTERS:
        if allowed and reply.status not in (404, 409):
            return "gets at another tenant's"
        return "names another tenant's" if found_in(reply, [others.mark]) else ""
    hidden = [others.mark, *others.ids.values()]
    return "shows another tenant's" if found_in(reply, hidden) else ""


_POINTERS = {"tenant_id", "condominium_id", "unit_id"}


def found_in(reply: Reply, marks: Iterable[str]) -> bool:
    text = str(reply.body).lower()
    return any(mark.lower() in text for mark in marks)


async def _everything(api: Api, estate: Estate) -> dict[str, Any]:
    """All rows of a tenant, as the database has them."""
    tables = {**{name: name for name in estate.ids}, "deliveries": "webhook_deliveries"}
    tables |= {"keys": "api_keys", "webhooks": "webhook_endpoints", "visitors": "expected_visitors"}
    tables |= {"jobs": "synthesis_jobs", "items": "synthesis_items"}
    said = await api.database.fetch(
        "SELECT row::text FROM texts row WHERE tenant_id::text = $1 ORDER BY id", estate.tenant
    )
    rows = {
        name: await api.database.fetchval(
            f"SELECT row::text FROM {tables[name]} row WHERE id::text = $1", row_id
        )
        for name, row_id in estate.ids.items()
    }
    of_owner = {
        table: await api.database.fetchval(
            f"SELECT row::text FROM {table} row WHERE {column}::text = $1", estate.ids[owner]
        )
        for table, column, owner in (
            ("handbooks", "extension_id", "extensions"),
            ("language_models", "tenant_id", "tenants"),
        )
    }
    return {**rows, **of_owner, "texts": [row[0] for row in said]}
