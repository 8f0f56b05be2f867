"""Where a receptionist's call stands: plain data that survives its process."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter

from conversation.understanding import Expecting

VERSION = 1
"""Of the snapshot; a change that old snapshots cannot satisfy raises it."""


class Stage(StrEnum):
    """What the call is waiting for."""

    NEW = "new"
    ASKING = "asking"
    """What it is about; also after an answer."""
    CONFIRMING = "confirming"
    """Whether a department is meant."""
    OFFERING = "offering"
    """A person, or a message, where there is no answer."""
    ASKING_NAME = "asking_name"
    ASKING_WHOM = "asking_whom"
    ASKING_PHONE = "asking_phone"
    CONFIRMING_PHONE = "confirming_phone"
    TAKING_MESSAGE = "taking_message"
    HANDING_OVER = "handing_over"
    ENDED = "ended"


OPEN = frozenset({Stage.ASKING, Stage.CONFIRMING, Stage.OFFERING})
"""Stages in which anything may be asked."""


class Outcome(StrEnum):
    """How a call ended, as the log has it."""

    ANSWERED = "answered"
    MESSAGE_LEFT = "message_left"
    TRANSFERRED = "transferred"
    UNANSWERED = "unanswered"
    """There was no answer to what was asked, and nobody to ask."""
    SILENT = "silent"
    NOT_UNDERSTOOD = "not_understood"
    LEFT = "left"
    """The caller hung up."""
    TIMED_OUT = "timed_out"


@dataclass(slots=True)
class State:
    """Everything that a receptionist knows about its call."""

    stage: Stage = Stage.NEW
    at: datetime | None = None
    """When it began, by the business's clock."""
    on_line: bool = False
    expecting: Expecting = Expecting.NOTHING
    department: str | None = None
    """Who is wanted, once it is known."""
    answered: list[str] = field(default_factory=list)
    """Facts that were said, in order."""
    misunderstood: int = 0
    greeted_back: bool = False
    name: str | None = None
    whom: str | None = None
    phone: str = ""
    no_phone: bool = False
    keys: str = ""
    message: str = ""
    message_turns: int = 0
    handing_over_to: str = ""
    taken_back: int = 0
    outcome: Outcome | None = None
    farewell: str = ""
    language: str | None = None
    """Where it is not the extension's."""
    leaning: str | None = None
    """What the last turn seemed to be in, but not plainly."""


_STATE = TypeAdapter(State)


def to_snapshot(state: State) -> dict[str, Any]:
    """The state as JSON-serialisable data."""
    told = _STATE.dump_python(state, mode="json")
    return {"flow": "receptionist", "version": VERSION, "state": told}


def from_snapshot(snapshot: Mapping[str, Any]) -> State:
    """The state of a snapshot; raises ``ValueError`` if it is not a receptionist's."""
    if snapshot.get("flow") != "receptionist" or snapshot.get("version") != VERSION:
        raise ValueError("the snapshot is not one of this receptionist's")
    return _STATE.validate_python(snapshot.get("state"))
