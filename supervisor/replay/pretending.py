"""What a replay has in place of the world: nothing rings, nothing opens, nothing is written."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from audiosocket.clock import MediaClock
from conversation.door import DoorError, DoorOrder
from conversation.flow import CallOutcome
from conversation.journal import Entry
from conversation.monitor import Monitor
from supervisor.agents.doorman import COPIES as OF_CONDOMINIUM
from supervisor.agents.receptionist import COPIES as OF_HANDBOOK
from supervisor.replay.bundle import ReplayError, Told, Voiced
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

    async def chain(self, *_: object) -> None:
        """None."""


class RecordedThen:
    """Who was recorded was told so, which is part of the call; nothing is recorded now."""

    def of_extension(self, parties: object) -> Monitor:
        """See :meth:`supervisor.recordings.monitoring.Monitoring.of_extension`."""

        def told(call_id: object, party: object, connection: object) -> Mapping[str, Any]:
            return {}

        return told


class NoDatabase:
    """A replay goes without: it is simulated time, and everything is known beforehand."""

    def __getattr__(self, name: str) -> Any:
        raise ReplayError(
            "The call's agent asks the database for something, which a replay cannot do: only what "
            "doormen and receptionists know is kept with a call."
        )


@dataclass(frozen=True, slots=True)
class KnownCopies:
    """What the condominium or business was like, instead of the database."""

    known: Mapping[str, Any]

    async def read_through(
        self, name: str, load: Callable[[], Awaitable[Mapping[str, Any]]]
    ) -> Mapping[str, Any]:
        """The same for all that our agents ask for; a package's own have to find it themselves."""
        ours = name.startswith((OF_CONDOMINIUM, OF_HANDBOOK))
        return self.known if ours else await load()
