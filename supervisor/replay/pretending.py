"""What a replay has in place of the world: nothing rings, nothing opens, nothing is written."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from audiosocket.clock import MediaClock
from conversation.door import DoorError, DoorOrder
from conversation.flow import CallOutcome
from conversation.journal import Entry
from supervisor.replay.bundle import Told, Voiced
from supervisor.replay.line import Line
from supervisor.replay.recorded_voice import RecordedVoice
from supervisor.switchboard import LegSwitchboard

ANSWERED: Final = "answered"


class Notebook:
    """Keeps a call's entries in memory."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def write(self, entry: Entry) -> None:
        """See :meth:`conversation.journal.Journal.write`."""
        self.entries.append(entry)


@dataclass(frozen=True, slots=True)
class Attempt:
    """How a phone behaved when it was called."""

    phone: str
    rings_after_s: float | None
    ends_after_s: float
    outcome: str


def attempts_of(events: Sequence[Told]) -> list[Attempt]:
    """Every phone that was called, in order."""
    found: list[Attempt] = []
    started: Told | None = None
    ringing_s: float | None = None
    for event in events:
        if event.kind == "call_out.started":
            started, ringing_s = event, None
        elif event.kind == "call_out.ringing" and started is not None:
            ringing_s = event.at_s - started.at_s
        elif event.kind == "call_out.ended" and started is not None:
            took_s = event.at_s - started.at_s
            phone, outcome = str(event.data["phone"]), str(event.data["outcome"])
            found.append(Attempt(phone, ringing_s, took_s, outcome))
            started = None
    return found


@dataclass(slots=True)
class PretendedTelephone:
    """Phones that behave as they did; one that was not called then rings unanswered."""

    attempts: list[Attempt]
    voices: list[Voiced]
    clock: MediaClock
    switchboard: LegSwitchboard
    lines: list[Line] = field(default_factory=list)

    async def call(
        self,
        phone: str,
        leg_id: UUID,
        *,
        ring_s: float,
        return_port: int,
        on_ringing: Callable[[], None],
    ) -> CallOutcome:
        """See :meth:`conversation.telephone.Telephone.call`."""
        attempt = next((one for one in self.attempts if one.phone == phone), None)
        if attempt is None:
            on_ringing()
            await asyncio.sleep(ring_s)
            return CallOutcome.NO_ANSWER
        self.attempts.remove(attempt)
        if attempt.rings_after_s is not None:
            await asyncio.sleep(attempt.rings_after_s)
            on_ringing()
        await asyncio.sleep(attempt.ends_after_s - (attempt.rings_after_s or 0.0))
        if attempt.outcome == ANSWERED and self.voices:
            voice = RecordedVoice(self.voices.pop(0))
            self.lines.append(
                Line(self.switchboard.accept, leg_id, voice.frame, self.clock, voice.rate_hz)
            )
            voice.ends(self.lines[-1].hang_up)
            return CallOutcome.ANSWERED
        known = {str(one) for one in CallOutcome} - {ANSWERED}
        return CallOutcome(attempt.outcome if attempt.outcome in known else "no_answer")

    async def hang_up(self, leg_id: UUID) -> None:
        """Nothing really rings."""

    async def expect_end(self, call_id: UUID) -> None:
        """Nobody calls again."""

    async def transfer(self, call_id: UUID, destination: str) -> None:
        """Nobody is handed to anybody."""


@dataclass(frozen=True, slots=True)
class PretendedDoor:
    """A door that does what it did then, and touches nothing."""

    name: str
    works: bool
    driver: str = "replay"

    async def open(self, order: DoorOrder) -> None:
        """See :meth:`conversation.door.Door.open`."""
        if not self.works:
            raise DoorError("it failed in the recorded call")


class NobodyThinks:
    """No language model is asked: what it would say today is not what it said then."""

    async def thinker(self, *_: object) -> None:
        """None."""


@dataclass(frozen=True, slots=True)
class KnownCopies:
    """What the condominium was like, instead of the database."""

    condominium: Mapping[str, Any]

    async def read_through(self, name: str, load: object) -> Mapping[str, Any]:
        """The same for every name that a doorman asks for; nothing is loaded."""
        return self.condominium
