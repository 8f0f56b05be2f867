"""What is remembered of a call: those of its entries from which another process can go on.

They are found in three places, each of which may be behind or away: the database, the spool's
folders on disk, and the supervisor, whom workers tell at once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from conversation.interlock import SEEN
from conversation.journal import Entry, Recollection

STATE: Final = "state"
ENDED: Final = "call.ended"
LEG: Final = "call_out.started"
MEMORABLE: Final = frozenset({STATE, ENDED, LEG, *SEEN})
"""Kinds of entries that count; of the states only the last one does."""
CUT_OFF: Final = frozenset({"lost", "error", "transferred"})
"""Reasons of an end that was not meant, or that somebody else's silence may undo: the call may go
on."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """How far a call came, and its memorable entries."""

    last_sequence: int
    entries: tuple[Entry, ...] = ()

    @classmethod
    def of(cls, entries: Iterable[Entry], last_sequence: int = 0) -> "Remembered":
        """From any entries of one call, in any order, found once or twice."""
        unique = {(each.sequence, each.at, each.kind): each for each in entries}
        ordered = sorted(unique.values(), key=lambda each: (each.at, each.sequence))
        states = [each for each in ordered if each.kind == STATE]
        kept = tuple(
            each
            for each in ordered
            if each.kind in MEMORABLE and (each.kind != STATE or each is states[-1])
        )
        return cls(max([last_sequence, *(each.sequence for each in ordered)]), kept)

    def together_with(self, other: "Remembered") -> "Remembered":
        """What both know: the clock says which of two states is the later one."""
        last = max(self.last_sequence, other.last_sequence)
        return self.of((*self.entries, *other.entries), last)

    @property
    def over(self) -> bool:
        """Whether the call ended as it was meant to."""
        ends = [each for each in self.entries if each.kind == ENDED]
        return any(each.data.get("reason") not in CUT_OFF for each in ends)

    def recollection(self) -> Recollection:
        """For the session that goes on."""
        snapshot = next((each.data for each in self.entries if each.kind == STATE), None)
        placed = (each.data.get("leg") for each in self.entries if each.kind == LEG)
        legs = tuple(UUID(str(leg)) for leg in placed if leg is not None)
        doors = tuple(each for each in self.entries if each.kind in SEEN)
        return Recollection(self.last_sequence, snapshot, self.over, legs, doors)
