"""The tables of expected visitors and residents' PINs: written, read, given codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Final
from uuid import UUID

import asyncpg

from conversation.directory.units import canonical_block, canonical_number
from supervisor.admission.secrets import SecretHash, new_code
from supervisor.database.pool import Connection
from supervisor.errors import OperatorError

_TRIES: Final = 20
"""Codes that are thrown before one is nobody else's: with a thousand in use, one in a thousand is
taken."""


class VisitorError(OperatorError):
    """An expected visitor cannot be added, changed or found."""


@dataclass(frozen=True, slots=True)
class VisitorRow:
    """An expected visitor as people are shown one; times know their zone."""

    id: UUID
    name: str
    block: str
    number: str
    starts_at: datetime
    ends_at: datetime
    weekdays: tuple[int, ...]
    from_time: time | None
    until_time: time | None
    lets_in: str
    most_uses: int | None
    uses: int
    has_code: bool
    note: str
    made_by: str


async def load_visitors(connection: Connection, condominium_id: UUID) -> list[VisitorRow]:
    """Those of a condominium, by unit and by when they end."""
    rows = await connection.fetch(
        """SELECT e.id, e.name, u.block, u.number, e.starts_at, e.ends_at, e.weekdays, e.from_time,
               e.until_time, e.lets_in, e.most_uses, e.uses, e.has_code, e.note, e.made_by
           FROM expected_visitors e JOIN units u ON u.id = e.unit_id
           WHERE e.condominium_id = $1 ORDER BY u.block, u.number, e.ends_at, e.id""",
        condominium_id,
    )
    return [VisitorRow(**{**row, "weekdays": tuple(row["weekdays"] or ())}) for row in rows]


async def add_visitor(
    connection: Connection, condominium_id: UUID, unit_id: UUID, columns: Mapping[str, Any]
) -> UUID:
    """Insert one. Raises :class:`VisitorError` for what the table refuses."""
    given = {"condominium_id": condominium_id, "unit_id": unit_id, **columns}
    places = ", ".join(f"${place}" for place in range(1, len(given) + 1))
    try:
        made: UUID = await connection.fetchval(
            f"INSERT INTO expected_visitors ({', '.join(given)}) VALUES ({places}) RETURNING id",  # noqa: S608
            *given.values(),
        )
    except asyncpg.CheckViolationError as error:
        raise VisitorError(
            f"This is no time for a visit ({error.constraint_name}); it must end after it begins."
        ) from None
    return made


async def remove_visitor(connection: Connection, visitor_id: UUID) -> None:
    """Delete it, and its code; what the log says of it stays. Raises :class:`VisitorError`."""
    gone = await connection.fetchval(
        "DELETE FROM expected_visitors WHERE id = $1 RETURNING id", visitor_id
    )
    if gone is None:
        raise _no_visitor(visitor_id)


async def issue_code(connection: Connection, hashes: SecretHash, visitor_id: UUID) -> str:
    """A new code for an entry, in place of one that it had; its uses begin again.

    Raises :class:`VisitorError` where there is no such entry, or no code to be had.
    """
    condominium_id = await connection.fetchval(
        "SELECT condominium_id FROM expected_visitors WHERE id = $1", visitor_id
    )
    if condominium_id is None:
        raise _no_visitor(visitor_id)
    numbers = await _whole_numbers(connection, condominium_id)
    for _ in range(_TRIES):
        code = new_code(numbers)
        try:
            async with connection.transaction():
                await connection.execute(
                    "UPDATE expected_visitors SET code_hash = $2, uses = 0 WHERE id = $1",
                    visitor_id,
                    hashes.code(condominium_id, code),
                )
        except asyncpg.UniqueViolationError:
            continue
        return code
    raise VisitorError("No code was found that nobody has; remove entries that are over.")


async def issue_pin(
    connection: Connection, hashes: SecretHash, resident_id: UUID, made_by: str
) -> str:
    """A new PIN for a resident, in place of one that they had."""
    pin = new_code()
    await connection.execute(
        """INSERT INTO resident_pins (resident_id, pin_hash, made_by) VALUES ($1, $2, $3)
           ON CONFLICT (resident_id) DO UPDATE
           SET pin_hash = $2, made_by = $3, made_at = now()""",  # the API's role reads no hashes
        resident_id,
        hashes.pin(resident_id, pin),
        made_by,
    )
    return pin


async def remove_pin(connection: Connection, resident_id: UUID) -> bool:
    """Whether there was one."""
    gone = await connection.fetchval(
        "DELETE FROM resident_pins WHERE resident_id = $1 RETURNING resident_id", resident_id
    )
    return gone is not None


async def find_unit_id(
    connection: Connection, condominium_id: UUID, number: str, block: str | None
) -> UUID:
    """The unit, however its number and block are written. Raises :class:`VisitorError`."""
    rows = await connection.fetch(
        "SELECT id, block, number FROM units WHERE condominium_id = $1", condominium_id
    )
    found = [row for row in rows if canonical_number(row["number"]) == canonical_number(number)]
    if block is not None:
        wanted = canonical_block(block)
        found = [row for row in found if canonical_block(row["block"]) == wanted]
    if len(found) == 1:
        unit_id: UUID = found[0]["id"]
        return unit_id
    if not found:
        raise VisitorError(f"There is no unit {number}{f' in block {block}' if block else ''}.")
    blocks = ", ".join(row["block"] for row in found)
    raise VisitorError(f"There is a unit {number} in each of the blocks {blocks}; name --block.")


async def find_resident_id(connection: Connection, unit_id: UUID, name: str) -> UUID:
    """The resident of that name. Raises :class:`VisitorError`."""
    rows = await connection.fetch(
        "SELECT id, name FROM residents WHERE unit_id = $1 ORDER BY position", unit_id
    )
    found: Sequence[Any] = [row for row in rows if row["name"].casefold() == name.casefold()]
    if not found:
        known = ", ".join(row["name"] for row in rows) or "nobody"
        raise VisitorError(f'There is no "{name}" in this unit; there is: {known}.')
    resident_id: UUID = found[0]["id"]
    return resident_id


async def _whole_numbers(connection: Connection, condominium_id: UUID) -> list[str]:
    """Units' numbers that are taken as soon as they are keyed, since none begins with them."""
    rows = await connection.fetch(
        "SELECT number FROM units WHERE condominium_id = $1", condominium_id
    )
    numbers = {canonical_number(row["number"]) for row in rows}
    return sorted(
        number
        for number in numbers
        if number.isdigit()
        and not any(other != number and other.startswith(number) for other in numbers)
    )


def _no_visitor(visitor_id: UUID) -> VisitorError:
    return VisitorError(f"There is no expected visitor {visitor_id}; see: ramal visitor list")
