"""The seam between a session and whatever keeps its record: events of the call, in order."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened in a call. ``at`` is wall time in UTC; ``sequence`` counts from 1.

    Kinds: ``call.started``, ``turn`` (party, speaker, text, latencies in ms), ``call_out``,
    ``joined``, ``parted``, ``transfer``, ``transfer.failed``, ``authorisation``,
    ``door.ordered``, ``door.opened``, ``door.failed``, ``visit``, ``state`` (the flow's
    snapshot), ``recording.started``, ``recording.kept``, ``recording.deleted``,
    ``call.resumed``, ``engine.changed`` (``stage``: another engine than ``before`` spoke or
    listened), ``call.ended``, and what flows record.
    """

    call_id: UUID
    sequence: int
    at: datetime
    kind: str
    data: Mapping[str, Any]


class Journal(Protocol):
    """Takes entries without blocking; delivers them in order, each once."""

    def write(self, entry: Entry) -> None:
        """Queue an entry; never blocks and never raises for a database that is away."""


@dataclass(frozen=True, slots=True)
class Recollection:
    """What is known of a call that began elsewhere: in a process that is gone.

    ``snapshot`` is the flow's last state, if any was kept; ``over`` says that the call had ended.
    ``legs`` are those of its calls to others, which may still ring: nobody else hangs them up.
    ``doors`` are its entries about authorisations and doors, in order.
    """

    last_sequence: int
    snapshot: Mapping[str, Any] | None
    over: bool
    legs: tuple[UUID, ...] = ()
    doors: tuple[Entry, ...] = ()


class Memory(Protocol):
    """Remembers calls that Asterisk brings back after their process died."""

    async def recall(self, call_id: UUID) -> Recollection | None:
        """What is known of a call, ``None`` for a new one; answers within half a second.

        Raises :class:`MemoryLapseError` when it cannot say.
        """


class MemoryLapseError(Exception):
    """Whether the call is known cannot be said now, e.g. while the database is away."""
