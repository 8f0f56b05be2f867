"""Rows of a table by pages, one, new, changed and gone: the SQL behind the API's resources.

Names of tables and columns come from declarations in the program, never from a client.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from supervisor.database.pool import Connection


@dataclass(frozen=True, slots=True)
class Key:
    """A column that a list is ordered by, as ``select`` names it and as an expression in it."""

    name: str
    expression: str
    type: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table and how it is read. ``order`` ends with something unique and is never null.

    ``select`` ends before its WHERE, and names the table ``alias``; ``filters`` are conditions by
    the names that clients use, with ``{}`` for the value.
    """

    name: str
    alias: str
    select: str
    order: tuple[Key, ...]
    descending: bool = False
    filters: Mapping[str, str] = field(default_factory=dict)


async def list_rows(
    connection: Connection,
    table: Table,
    given: Mapping[str, Any],
    *,
    after: Sequence[str] | None,
    limit: int,
) -> tuple[list[dict[str, Any]], list[str] | None]:
    """A page of rows, and where the next one begins (``None`` if there is none).

    ``given`` are values for ``filters``. Raises ``asyncpg.DataError`` for an ``after`` that does
    not fit the order.
    """
    values: list[Any] = [*given.values()]
    conditions = [
        table.filters[name].format(f"${place}") for place, name in enumerate(given, start=1)
    ]
    if after is not None:
        places = range(len(values) + 1, len(values) + 1 + len(after))
        conditions.append(_after(table, places))
        values += after
    where = " AND ".join(f"({condition})" for condition in conditions) or "true"
    direction = " DESC" if table.descending else ""
    order = ", ".join(key.expression + direction for key in table.order)
    statement = f"{table.select} WHERE {where} ORDER BY {order} LIMIT {limit + 1}"
    rows = [dict(row) for row in await connection.fetch(statement, *values)]
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], [_text(rows[limit - 1][key.name]) for key in table.order]


async def find_row(
    connection: Connection, table: Table, row_id: UUID, *, lock: bool = False
) -> dict[str, Any] | None:
    """One row; ``lock`` keeps others from changing it until the transaction ends."""
    suffix = f" FOR NO KEY UPDATE OF {table.alias}" if lock else ""
    row = await connection.fetchrow(f"{table.select} WHERE {table.alias}.id = $1{suffix}", row_id)
    return None if row is None else dict(row)


async def insert_row(connection: Connection, table: Table, columns: Mapping[str, Any]) -> UUID:
    """Add a row; raises ``asyncpg.PostgresError`` for one that the schema refuses."""
    names = ", ".join(columns)
    places = ", ".join(f"${place}" for place in range(1, len(columns) + 1))
    row_id: UUID = await connection.fetchval(
        f"INSERT INTO {table.name} ({names}) VALUES ({places}) RETURNING id",  # noqa: S608
        *columns.values(),
    )
    return row_id


async def update_row(
    connection: Connection, table: Table, row_id: UUID, columns: Mapping[str, Any]
) -> None:
    """Change columns of a row; raises ``asyncpg.PostgresError`` like :func:`insert_row`."""
    sets = ", ".join(f"{name} = ${place}" for place, name in enumerate(columns, start=2))
    await connection.execute(
        f"UPDATE {table.name} SET {sets} WHERE id = $1",  # noqa: S608
        row_id,
        *columns.values(),
    )


async def delete_row(connection: Connection, table: Table, row_id: UUID) -> None:
    """Remove a row; raises ``asyncpg.ForeignKeyViolationError`` where others need it."""
    await connection.execute(f"DELETE FROM {table.name} WHERE id = $1", row_id)  # noqa: S608


def _after(table: Table, places: Sequence[int]) -> str:
    expressions = ", ".join(key.expression for key in table.order)
    bounds = ", ".join(
        f"${place}::text::{key.type}" for place, key in zip(places, table.order, strict=True)
    )
    return f"({expressions}) {'<' if table.descending else '>'} ({bounds})"


def _text(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
