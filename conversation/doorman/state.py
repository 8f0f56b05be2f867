"""Where a doorman's call stands: plain data that survives its process."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter

from conversation.flow import Party
from conversation.understanding import Expecting, Intent

VERSION = 1
"""Of the snapshot; a change that old snapshots cannot satisfy raises it."""


class Stage(StrEnum):
    """What the call is waiting for."""

    NEW = "new"
    ASKING_PURPOSE = "asking_purpose"
    ASKING_UNIT = "asking_unit"
    ASKING_BLOCK = "asking_block"
    CONFIRMING_UNIT = "confirming_unit"
    ASKING_NAME = "asking_name"
    ASKING_COMPANY = "asking_company"
    ASKING_CODE = "asking_code"
    """For a visitor's code, or a resident's PIN."""
    CHECKING = "checking"
    """Whether the visitor was let in beforehand; for a moment."""
    CALLING = "calling"
    AUTHORISING = "authorising"
    TALKING = "talking"
    """Visitor and resident talk with each other."""
    OFFERING_DESK = "offering_desk"
    OPENING_DOOR = "opening_door"
    OFFERING_GUARD = "offering_guard"
    OFFERING_MESSAGE = "offering_message"
    TAKING_MESSAGE = "taking_message"
    HANDING_OVER = "handing_over"
    """The visitor is being given to a person."""
    ENDED = "ended"


ASKING = frozenset(
    {
        Stage.ASKING_PURPOSE,
        Stage.ASKING_UNIT,
        Stage.ASKING_BLOCK,
        Stage.CONFIRMING_UNIT,
        Stage.ASKING_NAME,
        Stage.ASKING_COMPANY,
        Stage.ASKING_CODE,
        Stage.OFFERING_DESK,
        Stage.OFFERING_GUARD,
        Stage.OFFERING_MESSAGE,
        Stage.TAKING_MESSAGE,
    }
)
"""Stages in which the visitor owes an answer."""

YES_OR_NO = frozenset(
    {
        Stage.CONFIRMING_UNIT,
        Stage.OFFERING_DESK,
        Stage.OFFERING_GUARD,
        Stage.OFFERING_MESSAGE,
    }
)
"""Those of them in which the answer is a yes or a no."""

WAITING = frozenset({Stage.CALLING, Stage.AUTHORISING})
"""Stages in which the visitor waits for us."""


class Outcome(StrEnum):
    """How a visit ended, as the visit log has it."""

    AUTHORISED = "authorised"
    DENIED = "denied"
    LEFT_AT_DESK = "left_at_desk"
    LEFT_IN_LOCKER = "left_in_locker"
    COMING_DOWN = "coming_down"
    """The resident comes to the gate."""
    NO_ANSWER = "no_answer"
    MESSAGE_LEFT = "message_left"
    """Nobody answered, and the visitor left a message."""
    UNDECIDED = "undecided"
    """Somebody answered, but there was no clear decision: not authorised."""
    UNKNOWN_UNIT = "unknown_unit"
    SILENT = "silent"
    NOT_UNDERSTOOD = "not_understood"
    LEFT = "left"
    """The visitor hung up."""
    CANCELLED = "cancelled"
    """The visitor changed their mind and said so."""
    TRANSFERRED = "transferred"
    EMERGENCY = "emergency"
    FAILED = "failed"
    """The telephone system could call nobody, or there is no number to call."""
    TIMED_OUT = "timed_out"


@dataclass(slots=True)
class State:
    """Everything that a doorman knows about its call."""

    stage: Stage = Stage.NEW
    intent: Intent | None = None
    visitor_name: str | None = None
    company: str | None = None
    resident_name: str | None = None
    apartment: str | None = None
    alternatives: tuple[str, ...] = ()
    block: str | None = None
    unit: str | None = None
    """Key of the unit in the directory, once there is no doubt."""
    by_name: bool = False
    """The unit was found by the resident's name: its number is not for the visitor's ears."""
    name_is_no_help: bool = False
    asked_whom: bool = False
    """The visitor knows no number or block, and was asked for the resident's name."""
    hesitated: bool = False
    """The last turn was only "hum...": the visitor is thinking."""
    doubtful: bool = False
    """The unit is to be read back."""
    confirmed: bool = False
    waived: frozenset[str] = frozenset()
    """Questions that are not asked any more: "purpose", "name", "company", "pin"."""
    signature: bool = False
    """What is delivered has to be signed for."""
    code_tries: int = 0
    asks_pin: bool = False
    """What is asked for is a resident's PIN: it is keyed, and never said."""
    checking: str = ""
    """What is being looked up: "code" or "list"."""
    checking_from: Stage | None = None
    list_checked: bool = False
    expected: str = ""
    """The name under which the visitor is on the unit's list: for the resident's ears alone."""
    admission: dict[str, str | bool] | None = None
    """Who let the visitor in beforehand, as the visit log has it."""
    greeted_back: bool = False
    english: bool = False
    misunderstood: int = 0
    unknown_units: int = 0
    phones: tuple[str, ...] = ()
    phone_at: int = 0
    phones_rung: int = 0
    """Calls to phones that exist and could be reached."""
    hunted_s: float = 0.0
    """How long phones have been called, together."""
    called_back: int = 0
    attempts: list[dict[str, str]] = field(default_factory=list)
    visitor_on_line: bool = False
    resident_on_line: bool = False
    ringing: bool = False
    """A call that we placed has not ended yet."""
    resident_knows: bool = False
    """The resident has heard who is there and what is asked: a yes means something."""
    resident_greetings: int = 0
    resident_waits: int = 0
    unclear: int = 0
    doubted: int = 0
    """Times that a yes was heard of which a "não" may have been lost."""
    talked: bool = False
    """Visitor and resident were joined."""
    granted: bool = False
    """The resident let the visitor in by a key while they talked."""
    message: str = ""
    message_turns: int = 0
    handing_over_as: Outcome | None = None
    handing_over_to: str = ""
    handed_over_from: Stage | None = None
    """Where the visitor was when they were given to a person, to whom nobody may answer."""
    times_taken_back: int = 0
    gave_up_as: Outcome | None = None
    """How the visit ends if the person whom it was left to does not answer."""
    gave_up_with: str = ""
    authorisations: int = 0
    authorisation: str | None = None
    opening_for: Outcome | None = None
    """How the visit ends once the door has answered; set while it has not, and after."""
    door: str | None = None
    """What is known of the door that was ordered to open: "ordered", "opened" or "failed"."""
    outcome: Outcome | None = None
    farewell: str = ""
    """Key of what the visitor was told last, for a call that goes on in another process."""
    visitor_expecting: Expecting = Expecting.NOTHING
    resident_expecting: Expecting = Expecting.NOTHING
    languages: dict[str, str] = field(default_factory=dict)
    """By party, where it is not the extension's."""
    leanings: dict[str, str] = field(default_factory=dict)
    """By party: the language that the last turn seemed to be in, but not plainly."""

    def expecting(self, party: Party) -> Expecting:
        """What a party was last asked for."""
        return self.visitor_expecting if party is Party.VISITOR else self.resident_expecting

    @property
    def phone(self) -> str:
        """The number that is being called, or was last."""
        return self.phones[self.phone_at] if self.phone_at < len(self.phones) else ""


_STATE = TypeAdapter(State)


def to_snapshot(state: State) -> dict[str, Any]:
    """The state as JSON-serialisable data."""
    return {"flow": "doorman", "version": VERSION, "state": _STATE.dump_python(state, mode="json")}


def from_snapshot(snapshot: Mapping[str, Any]) -> State:
    """The state of a snapshot; raises ``ValueError`` if it is not a doorman's."""
    if snapshot.get("flow") != "doorman" or snapshot.get("version") != VERSION:
        raise ValueError("the snapshot is not one of this doorman's")
    return _STATE.validate_python(snapshot.get("state"))
