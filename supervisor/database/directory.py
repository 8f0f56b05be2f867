"""The ``units`` and ``residents`` tables: who lives where, and how to reach them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from supervisor.database.pool import Connection, Pool


@dataclass(frozen=True, slots=True)
class ResidentRow:
    """A resident, with telephone numbers in the order in which they are tried."""

    name: str
    phones: tuple[str, ...]
    notes: str = ""
    language: str | None = None
    """What they are called in; without it the extension's own. To be stored: None leaves it as it
    is, and an empty one forgets it."""


@dataclass(frozen=True, slots=True)
class UnitRow:
    """An apartment or a house, with residents in the order in which they are called."""

    block: str
    number: str
    residents: tuple[ResidentRow, ...]
    notes: str = ""


def units_from_json(units: Iterable[Any]) -> list[UnitRow]:
    """What ``dataclasses.asdict`` made of units, after a way through JSON."""
    return [
        UnitRow(
            unit["block"],
            unit["number"],
            tuple(
                ResidentRow(
                    each["name"], tuple(each["phones"]), each["notes"], each.get("language")
                )
                for each in unit["residents"]
            ),
            unit["notes"],
        )
        for unit in units
    ]


async def load_units(connection: Connection | Pool, condominium_id: UUID) -> list[UnitRow]:
    """A condominium's whole directory, by block and number."""
    rows = await connection.fetch(
        """SELECT u.block, u.number, u.notes AS unit_notes, r.name, r.phones, r.notes,
               r.language
           FROM units u LEFT JOIN residents r ON r.unit_id = u.id
           WHERE u.condominium_id = $1 ORDER BY u.block, u.number, r.position""",
        condominium_id,
    )
    units: dict[tuple[str, str], tuple[str, list[ResidentRow]]] = {}
    for row in rows:
        _, residents = units.setdefault((row["block"], row["number"]), (row["unit_notes"], []))
        if row["name"] is not None:
            told = (row["name"], tuple(row["phones"]), row["notes"], row["language"])
            residents.append(ResidentRow(*told))
    return [
        UnitRow(block, number, tuple(residents), notes)
        for (block, number), (notes, residents) in units.items()
    ]


async def store_units(
    connection: Connection, condominium_id: UUID, units: Iterable[UnitRow], *, replace: bool = False
) -> None:
    """Write units with exactly these residents, in one transaction.

    Units that are not named stay as they are, unless ``replace`` says that these are all. A unit of
    the same block and number, and in it a resident of the same name, is the one that was there:
    visitor lists and PINs stay theirs.
    """
    async with connection.transaction():
        kept = [await _store_unit(connection, condominium_id, unit) for unit in units]
        if replace:
            await connection.execute(
                "DELETE FROM units WHERE condominium_id = $1 AND id != ALL($2)",
                condominium_id,
                kept,
            )


async def _store_unit(connection: Connection, condominium_id: UUID, unit: UnitRow) -> UUID:
    unit_id: UUID = await connection.fetchval(
        """INSERT INTO units (condominium_id, block, number, notes) VALUES ($1, $2, $3, $4)
           ON CONFLICT (condominium_id, block, number) DO UPDATE SET notes = excluded.notes
           RETURNING id""",
        condominium_id,
        unit.block,
        unit.number,
        unit.notes,
    )
    await _store_residents(connection, unit_id, unit.residents)
    return unit_id


async def _store_residents(
    connection: Connection, unit_id: UUID, residents: Sequence[ResidentRow]
) -> None:
    known = await connection.fetch(
        "SELECT id, name FROM residents WHERE unit_id = $1 ORDER BY position DESC", unit_id
    )
    by_name: dict[str, list[UUID]] = {}
    for row in known:
        by_name.setdefault(row["name"], []).append(row["id"])
    rows = [
        (by_name[each.name].pop() if by_name.get(each.name) else uuid4(), unit_id, position,
         each.name, list(each.phones), each.notes)
        for position, each in enumerate(residents, start=1)
    ]  # fmt: skip
    await connection.execute(
        "DELETE FROM residents WHERE unit_id = $1 AND id != ALL($2)",
        unit_id,
        [row[0] for row in rows],
    )
    # out of each other's places first: no two may have the same, not even for a moment
    await connection.execute(
        "UPDATE residents SET position = position + $2 WHERE unit_id = $1", unit_id, _OUT_OF_THE_WAY
    )
    await connection.executemany(
        """INSERT INTO residents (id, unit_id, position, name, phones, notes)
           VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO UPDATE
           SET position = excluded.position, phones = excluded.phones, notes = excluded.notes""",
        rows,
    )
    languages = [
        (row[0], each.language or None)
        for row, each in zip(rows, residents, strict=True)
        if each.language is not None
    ]
    await connection.executemany("UPDATE residents SET language = $2 WHERE id = $1", languages)


_OUT_OF_THE_WAY = 1_000_000
"""Beyond every position that people give."""
