"""The seam between a session, which moves audio and time, and a flow, which decides.

A flow is a pure, serialisable state machine: events in, actions out. It never awaits, never
reads a clock and never touches audio, so that every path through it is an ordinary test, and a
call can go on in another process from its snapshot.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, TypeAlias
from uuid import UUID

from conversation.admission import Admission, Inquiry
from conversation.losses import Lost
from conversation.understanding import Expecting, Understanding
from stt.endpointing import Completeness
from stt.recogniser import Hints


class Party(StrEnum):
    """Who is on a leg of the call."""

    VISITOR = "visitor"
    RESIDENT = "resident"


class CallOutcome(StrEnum):
    """How an attempt to call somebody ended."""

    ANSWERED = "answered"
    BUSY = "busy"
    REJECTED = "rejected"
    NO_ANSWER = "no_answer"
    UNREACHABLE = "unreachable"
    INVALID = "invalid"
    FAILED = "failed"
    """The telephone system itself failed: nobody can be called just now."""


# ---------------------------------------------------------------- events: what happened


@dataclass(frozen=True, slots=True)
class CallStarted:
    """The caller is on the line. ``hour`` (0..23, local time) chooses the greeting; ``at`` is the
    whole of that moment, by the clock of the condominium or business."""

    hour: int
    caller: str | None = None
    resumed: bool = False
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """A party ended a turn, and this is what was made of it."""

    party: Party
    understanding: Understanding
    interrupted: bool = False
    """The turn cut off what we were saying, before its last words: it may not answer it."""
    lost: Lost = Lost.NOTHING
    """What may not have reached us of the turn."""


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """A DTMF digit: one of ``0123456789*#ABCD``."""

    party: Party
    digit: str
    interrupted: bool = False
    """The key cut off what we were saying, as a turn may."""


@dataclass(frozen=True, slots=True)
class WentQuiet:
    """A party was asked something and said nothing; ``times`` counts in a row, from 1."""

    party: Party
    times: int


@dataclass(frozen=True, slots=True)
class StillWaiting:
    """A party has been listening to nothing while we are busy, e.g. while a phone rings."""

    party: Party
    waited_s: float


@dataclass(frozen=True, slots=True)
class CallOutRinging:
    """The phone that we call is ringing."""

    phone: str


@dataclass(frozen=True, slots=True)
class CallOutEnded:
    """The call that we placed was answered (its leg is up) or was not."""

    phone: str
    outcome: CallOutcome
    took_s: float = 0.0
    """From the order to call until this was known."""


@dataclass(frozen=True, slots=True)
class PartyLeft:
    """A party hung up, or its line was lost."""

    party: Party


@dataclass(frozen=True, slots=True)
class DoorOpened:
    """A door's system took the order that ``authorisation`` justified."""

    authorisation: UUID
    door: str = ""


@dataclass(frozen=True, slots=True)
class DoorFailed:
    """The door did not open, or nobody can say that it did."""

    authorisation: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class AdmissionAnswered:
    """What came of :class:`AskAdmission`; ``None``: it did not help, and why is not for a flow."""

    admission: Admission | None


@dataclass(frozen=True, slots=True)
class Parted:
    """Visitor and resident, who were joined, are with us again: their time was over."""


@dataclass(frozen=True, slots=True)
class Transferred:
    """A party leaves for another destination: because of :class:`Transfer`, or of an operator."""

    party: Party
    destination: str


@dataclass(frozen=True, slots=True)
class TransferFailed:
    """A party that was to be handed over is still here."""

    party: Party
    destination: str


@dataclass(frozen=True, slots=True)
class TimeIsUp:
    """The call reached its ceiling, or nobody has interacted for too long."""

    reason: str


Event: TypeAlias = (
    CallStarted
    | Heard
    | KeyPressed
    | WentQuiet
    | StillWaiting
    | CallOutRinging
    | CallOutEnded
    | PartyLeft
    | DoorOpened
    | DoorFailed
    | AdmissionAnswered
    | Parted
    | Transferred
    | TransferFailed
    | TimeIsUp
)


# ---------------------------------------------------------------- actions: what to do


@dataclass(frozen=True, slots=True)
class Say:
    """Speak a text of the language's data file to a party.

    ``expecting`` says which answer is awaited; it steers the end of the turn, the recogniser's
    hints and the extraction. ``NOTHING`` means that no answer is awaited.
    """

    party: Party
    text: str
    values: Mapping[str, str] = field(default_factory=dict)
    expecting: Expecting = Expecting.NOTHING
    interruptible: bool = True
    language: str | None = None
    """Of the text and of the voice; ``None`` is the extension's own."""


@dataclass(frozen=True, slots=True)
class CallOut:
    """Call a phone; the session reports :class:`CallOutRinging` and :class:`CallOutEnded`."""

    phone: str
    ring_s: float


@dataclass(frozen=True, slots=True)
class CancelCallOut:
    """Stop the phone from ringing."""


@dataclass(frozen=True, slots=True)
class Join:
    """Let visitor and resident talk with each other once both have heard what we say to them.

    We are silent meanwhile, understand nothing, and take keys. It lasts until :class:`Part`, the
    end of a leg, or ``limit_s``, which is told as :class:`Parted`.
    """

    limit_s: float


@dataclass(frozen=True, slots=True)
class Part:
    """Listen and speak to each party ourselves again; none being joined, nothing happens."""


@dataclass(frozen=True, slots=True)
class HangUp:
    """End a party's leg once everything said to it has been heard."""

    party: Party


@dataclass(frozen=True, slots=True)
class OpenDoor:
    """Carry out the door command; only a recorded authorisation justifies it, and only once.

    The session reports :class:`DoorOpened` or :class:`DoorFailed`. ``door`` names one of the
    condominium's; ``None`` is the extension's own.
    """

    authorisation: UUID
    door: str | None = None


@dataclass(frozen=True, slots=True)
class AskAdmission:
    """Ask whether somebody was let in beforehand; the session reports :class:`AdmissionAnswered`,
    within two seconds."""

    inquiry: Inquiry


@dataclass(frozen=True, slots=True)
class Transfer:
    """Hand a party over to another destination of the dialplan, e.g. the guard; the session
    reports :class:`Transferred` or :class:`TransferFailed`."""

    party: Party
    destination: str


@dataclass(frozen=True, slots=True)
class Record:
    """Something decided or learnt that must be kept: an event of the call."""

    kind: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LogVisit:
    """The visit's entry in the log: who, why, for whom, and how it ended."""

    outcome: str
    data: Mapping[str, Any] = field(default_factory=dict)


Action: TypeAlias = (
    Say
    | CallOut
    | CancelCallOut
    | Join
    | Part
    | HangUp
    | OpenDoor
    | AskAdmission
    | Transfer
    | Record
    | LogVisit
)


class Flow(Protocol):
    """What an agent does, one event at a time."""

    def handle(self, event: Event) -> Sequence[Action]:
        """Take an event, change the state, and say what is to be done, in order."""

    def expecting(self, party: Party) -> Expecting:
        """What a party was last asked for."""

    def completeness(self, party: Party, text: str) -> Completeness:
        """How far ``text`` answers what the party was asked; called at each short silence, and
        with words that will stay while the party still speaks."""

    def language(self, party: Party) -> str | None:
        """The language that a party is listened to in; ``None`` is the extension's own."""

    def hints(self, party: Party) -> Hints:
        """Words that the recogniser should expect from a party now."""

    def prompts(self) -> Sequence[tuple[str, Mapping[str, str]]]:
        """Text keys with values that can be known before the call, to be rendered ahead."""

    def snapshot(self) -> dict[str, Any]:
        """The state as JSON-serialisable data."""

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Go on from a snapshot; raises ``ValueError`` if it is not one of this flow's."""
