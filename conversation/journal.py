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
    ``authorisation``, ``door``, ``visit``, ``call.ended``, and what flows record.
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
