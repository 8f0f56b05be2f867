"""The ``events`` table as a stream that can be taken up again where it was left.

Numbers are given before transactions commit, so "greater than the last" would miss what commits
late. What is read is therefore older than every transaction that still runs, in the order of
transactions: nothing can appear before it any more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from supervisor.database.pool import Connection

CHANNEL: Final = "ramal_events"
"""A trigger notifies it of every insertion."""
LAST_ID: Final = 10**18 - 1
PLACE: Final = r"^[0-9]{1,18}-[0-9]{1,18}$"
"""The form of a place as text."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in the stream: everything up to it was read."""

    written_in: int
    id: int

    def __str__(self) -> str:
        return f"{self.written_in}-{self.id}"

    @classmethod
    def parse(cls, text: str) -> "Place":
        """The place that ``str`` gave, of the form :data:`PLACE`; raises ``ValueError``."""
        written_in, row_id = map(int, text.split("-"))
        return cls(written_in, row_id)


async def end_of_events(connection: Connection) -> Place:
    """The place behind everything that can be read."""
    return Place(await _horizon(connection) - 1, LAST_ID)


async def events_after(
    connection: Connection, place: Place, given: Mapping[str, Any], limit: int
) -> tuple[list[tuple[Place, dict[str, Any]]], Place]:
    """At most ``limit`` events behind ``place``, in order, and the place to read on from.

    ``given`` may name a ``kind`` and a ``call_id``.
    """
    horizon = await _horizon(connection)
    names = sorted(given)
    conditions = "".join(f" AND {name} = ${number}" for number, name in enumerate(names, start=5))
    rows = await connection.fetch(
        f"""SELECT written_in::text::bigint AS written_in, id, call_id, sequence, at, kind, data
           FROM events
           WHERE (written_in, id) > ($1::text::xid8, $2) AND written_in < $3::text::xid8{conditions}
           ORDER BY written_in, id LIMIT $4""",  # noqa: S608
        str(place.written_in),
        place.id,
        str(horizon),
        limit,
        *(given[name] for name in names),
    )
    found = [(Place(row["written_in"], row["id"]), dict(row)) for row in rows]
    if len(found) == limit:
        return found, found[-1][0]
    return found, max(place, Place(horizon - 1, LAST_ID))


async def _horizon(connection: Connection) -> int:
    """The oldest transaction that still runs: all before it are over."""
    found: int = await connection.fetchval(
        "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
    )
    return found
