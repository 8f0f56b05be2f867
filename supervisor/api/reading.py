"""Endpoints that only read: a table by pages, and one row of it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg
from pydantic import BaseModel

from supervisor.api.endpoint import Answer, Ask, Endpoint
from supervisor.api.pages import Page, Paging, from_cursor, not_ours, to_cursor
from supervisor.api.problems import Problem
from supervisor.database.api_keys import Role
from supervisor.database.pool import Connection
from supervisor.database.resources import Table, find_row, list_rows


def listing(
    many: str,
    table: Table,
    shown: type[BaseModel],
    query: type[Paging],
    *,
    summary: str | None = None,
    role: Role = "viewer",
) -> Endpoint:
    """``GET /api/v1/MANY``: rows of ``table`` as ``shown``, filtered and paged by ``query``."""

    async def handle(ask: Ask) -> Answer:
        return await page_of(ask.connection, table, shown, ask.query)

    return Endpoint(
        method="GET",
        path=f"/api/v1/{many}",
        name=f"list_{many}",
        summary=summary or f"List {many}",
        tag=many,
        handle=handle,
        role=role,
        query=query,
        answer=Page[shown],  # type: ignore[valid-type]
    )


def reading(
    one: str, many: str, table: Table, shown: type[BaseModel], *, summary: str | None = None
) -> Endpoint:
    """``GET /api/v1/MANY/{id}`` of what never changes, and so needs no ETag."""

    async def handle(ask: Ask) -> Answer:
        return Answer(shown.model_validate(await row_of(ask, table, one)))

    return Endpoint(
        method="GET",
        path=f"/api/v1/{many}/{{id}}",
        name=f"get_{one}",
        summary=summary or f"Read a {one}",
        tag=many,
        handle=handle,
        answer=shown,
    )


async def page_of(
    connection: Connection,
    table: Table,
    shown: type[BaseModel],
    query: Paging,
    within: Mapping[str, Any] | None = None,
) -> Answer:
    """A page of a table; ``within`` are filters that the path says.

    Raises ``Problem`` for a cursor that is none.
    """
    after = from_cursor(query.cursor, len(table.order))
    given = {name: getattr(query, name) for name in query.model_fields_set if name in table.filters}
    given.update(within or {})
    try:
        rows, following = await list_rows(connection, table, given, after=after, limit=query.limit)
    except asyncpg.DataError:
        raise not_ours() from None
    items = [shown.model_validate(row) for row in rows]
    page = Page[shown](items=items, next=None if following is None else to_cursor(following))  # type: ignore[valid-type]
    return Answer(page)


async def row_of(ask: Ask, table: Table, one: str, *, lock: bool = False) -> dict[str, Any]:
    """The row that the path's id names; ``lock`` keeps others from changing it.

    Raises ``Problem`` where there is none, or where it is another tenant's.
    """
    row = await find_row(ask.connection, table, ask.id(), lock=lock)
    if row is None:
        raise missing(one, ask.id())
    return row


def missing(one: str, row_id: UUID) -> Problem:
    """The problem of an id that leads nowhere, or to what another tenant has."""
    return Problem(404, f"There is no {one} {row_id}.")
