"""List, read, add, change and remove, for any table that is declared as a resource."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aiohttp import hdrs
from pydantic import BaseModel

from supervisor.api.endpoint import Answer, Ask, Change, Endpoint
from supervisor.api.models import Given, changes_of
from supervisor.api.pages import Paging
from supervisor.api.problems import Problem
from supervisor.api.reading import listing, missing, row_of
from supervisor.database.api_keys import Role
from supervisor.database.pool import Connection
from supervisor.database.resources import (
    Table,
    delete_row,
    find_row,
    insert_row,
    update_row,
)

Prepare = Callable[[Ask, dict[str, Any], Mapping[str, Any] | None], Awaitable[None]]
"""Completes or refuses what is to be written; gets the columns, and the row of before."""


async def _as_given(_: Ask, __: dict[str, Any], ___: Mapping[str, Any] | None) -> None:
    """Writes what was sent."""


def _let_go(_: Ask, __: Mapping[str, Any]) -> None:
    """Anything may be removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A table as it is seen from outside. ``own`` are columns that no client changes: they are in
    no ETag, as the supervisor writes them."""

    table: Table
    one: str
    many: str
    new: type[Given]
    shown: type[BaseModel]
    query: type[Paging]
    role: Role
    """The least that may change it."""
    read_role: Role = "viewer"
    """The least that may read it."""
    installation: bool = False
    """Whether only keys of the whole installation may add and remove."""
    fixed: frozenset[str] = frozenset()
    """Columns of ``new`` that cannot be changed afterwards."""
    own: frozenset[str] = frozenset()
    prepare: Prepare = _as_given
    part: Callable[[Ask, Mapping[str, Any]], None] = _let_go
    """Refuses what must not be removed; gets the row."""


def endpoints_of(resource: Resource) -> list[Endpoint]:
    """The five operations."""
    return [
        listing(
            resource.many,
            resource.table,
            resource.shown,
            resource.query,
            role=resource.read_role,
        ),
        _add(resource),
        _get(resource),
        _change(resource),
        _remove(resource),
    ]


def etag_of(shown: BaseModel, besides: frozenset[str] = frozenset()) -> str:
    """Changes whenever what is shown does, ``besides`` left aside."""
    data = shown.model_dump(mode="json", exclude=set(besides))
    text = json.dumps(data, sort_keys=True, ensure_ascii=False)
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


async def found(connection: Connection, resource: Resource, row_id: UUID) -> BaseModel:
    """One row, as it is shown. Raises ``Problem``."""
    row = await find_row(connection, resource.table, row_id)
    if row is None:
        raise missing(resource.one, row_id)
    return resource.shown.model_validate(row)


def _add(resource: Resource) -> Endpoint:
    async def handle(ask: Ask) -> Answer:
        columns = ask.body.model_dump(exclude_unset=False)
        columns = {name: value for name, value in columns.items() if _is_told(ask.body, name)}
        await resource.prepare(ask, columns, None)
        row_id = await insert_row(ask.connection, resource.table, columns)
        shown = await found(ask.connection, resource, row_id)
        ask.changes.append(Change(resource.table.name, row_id, None, _dump(shown)))
        location = f"/api/v1/{resource.many}/{row_id}"
        return Answer(shown, {hdrs.LOCATION: location, hdrs.ETAG: etag_of(shown, resource.own)})

    return Endpoint(
        method="POST",
        path=f"/api/v1/{resource.many}",
        name=f"add_{resource.one}",
        summary=f"Add a {resource.one}",
        tag=resource.many,
        handle=handle,
        role=resource.role,
        installation=resource.installation,
        body=resource.new,
        answer=resource.shown,
        status=201,
        idempotent=True,
        tagged=True,
    )


def _get(resource: Resource) -> Endpoint:
    async def handle(ask: Ask) -> Answer:
        shown = await found(ask.connection, resource, ask.id())
        return Answer(shown, {hdrs.ETAG: etag_of(shown, resource.own)})

    return Endpoint(
        method="GET",
        path=f"/api/v1/{resource.many}/{{id}}",
        name=f"get_{resource.one}",
        summary=f"Read a {resource.one}",
        tag=resource.many,
        handle=handle,
        role=resource.read_role,
        answer=resource.shown,
        tagged=True,
    )


def _change(resource: Resource) -> Endpoint:
    async def handle(ask: Ask) -> Answer:
        row = await _lock(ask, resource)
        before = resource.shown.model_validate(row)
        columns = ask.body.model_dump(include=ask.body.model_fields_set)
        await resource.prepare(ask, columns, row)
        if columns:
            await update_row(ask.connection, resource.table, ask.id(), columns)
        after = await found(ask.connection, resource, ask.id())
        if after != before:
            change = Change(resource.table.name, ask.id(), _dump(before), _dump(after))
            ask.changes.append(change)
        return Answer(after, {hdrs.ETAG: etag_of(after, resource.own)})

    return Endpoint(
        method="PATCH",
        path=f"/api/v1/{resource.many}/{{id}}",
        name=f"change_{resource.one}",
        summary=f"Change a {resource.one}",
        tag=resource.many,
        handle=handle,
        role=resource.role,
        installation=resource.installation,
        body=changes_of(resource.new, besides=resource.fixed),
        answer=resource.shown,
        if_match="required",
        tagged=True,
    )


def _remove(resource: Resource) -> Endpoint:
    async def handle(ask: Ask) -> Answer:
        row = await _lock(ask, resource)
        resource.part(ask, row)
        await delete_row(ask.connection, resource.table, ask.id())
        before = _dump(resource.shown.model_validate(row))
        ask.changes.append(Change(resource.table.name, ask.id(), before, None))
        return Answer()

    return Endpoint(
        method="DELETE",
        path=f"/api/v1/{resource.many}/{{id}}",
        name=f"remove_{resource.one}",
        summary=f"Remove a {resource.one}",
        tag=resource.many,
        handle=handle,
        role=resource.role,
        installation=resource.installation,
        status=204,
        if_match="allowed",
        errors=frozenset({409}),
    )


async def _lock(ask: Ask, resource: Resource) -> dict[str, Any]:
    """The row, which nobody else changes from here on, if it is what the client last saw."""
    row = await row_of(ask, resource.table, resource.one, lock=True)
    unchanged(ask, etag_of(resource.shown.model_validate(row), resource.own))
    return row


def unchanged(ask: Ask, now: str) -> None:
    """Raises ``Problem`` where the client changes what is not any more as they last saw it."""
    given = ask.request.headers.get(hdrs.IF_MATCH)
    if given is None or given.strip() == "*" or now in [each.strip() for each in given.split(",")]:
        return
    raise Problem(412, f"It was changed meanwhile; it is {now} now.", headers={hdrs.ETAG: now})


def _is_told(body: BaseModel, name: str) -> bool:
    """Whether a column is to be written: what was left out has a default, or is left out."""
    return name in body.model_fields_set or getattr(body, name) is not None


def _dump(shown: BaseModel) -> dict[str, Any]:
    return shown.model_dump(mode="json")
