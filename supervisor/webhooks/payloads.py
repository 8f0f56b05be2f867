"""What a webhook's body holds, event by event: what is sent is what OpenAPI describes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias, get_args
from uuid import UUID

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from conversation.journal import Entry

Subscribable: TypeAlias = Literal[
    "call.started",
    "turn",
    "authorisation.asked",
    "authorisation.given",
    "authorisation.denied",
    "authorisation.other",
    "admission",
    "admission.refused",
    "door.ordered",
    "door.opened",
    "door.failed",
    "emergency",
    "message",
    "visit",
    "call.ended",
    "alert",
    "synthesis.done",
    "synthesis.failed",
]
Event: TypeAlias = Subscribable | Literal["ping"]
"""A ping is sent to whoever it is asked for."""
SUBSCRIBABLE: Final[tuple[Subscribable, ...]] = get_args(Subscribable)

_log = structlog.get_logger(__name__)


class _Data(BaseModel):
    """Facts; there may be further ones, and a version to come may add some."""

    model_config = ConfigDict(extra="allow")


class CallStartedData(_Data):
    """A call was taken. ``extension`` is the number that was called."""

    extension: str | None = None
    extension_id: UUID | None = None
    condominium_id: UUID | None = None


class TurnData(_Data):
    """Something was said: by ``speaker``, on the leg of ``party``. Times are in ms."""

    party: str
    speaker: str
    text: str
    confidence: float | None = None
    voice_to_voice_ms: float | None = None
    heard_ms: float | None = None
    complete: bool | None = None


class AuthorisationAskedData(_Data):
    """A resident was asked, on ``phone``."""

    phone: str | None = None
    unit: str | None = None


class AuthorisationDecidedData(_Data):
    """A resident decided. ``given`` is ``yes`` and nothing else, ``denied`` is ``no``; ``other`` is
    for what lets nobody in by itself: ``leave_at_desk``, ``leave_in_locker``, ``coming_down``, and
    what may be added."""

    id: UUID | None = None
    decision: str
    by: str | None = Field(
        default=None,
        description="voice, key, or operator; or beforehand: code, pin, or name (of a list)",
    )
    admission: UUID | None = Field(default=None, description="Which one, where it was beforehand")
    phone: str | None = None
    unit: str | None = None
    text: str | None = Field(default=None, description="What was heard")
    confidence: float | None = None


class AdmissionData(_Data):
    """Somebody was let in beforehand, and has come: by a code, a PIN, or a name on a list. An
    authorisation follows at once where ``lets_in`` is true; else the resident is called."""

    id: UUID
    ground: Literal["code", "pin", "name"]
    unit: str
    entry: UUID = Field(description="The expected visitor, or the resident whose PIN it was")
    visitor: str
    made_by: str
    lets_in: bool


class AdmissionRefusedData(_Data):
    """A code or PIN did not help. The digits are nowhere; the visitor hears no reason."""

    unit: str | None = None
    keyed: bool
    reason: str = Field(description="unknown, not_now, used_up, locked, or away")


class DoorData(_Data):
    """A door was told to open, has opened, or has not (``reason`` says why)."""

    authorisation: str | None = None
    door: str | None = None
    driver: str | None = None
    took_ms: float | None = None
    reason: str | None = None


class EmergencyData(_Data):
    """Somebody (``party``) said that there is an emergency."""

    party: str | None = None


class MessageData(_Data):
    """A caller left a message: their own words, and so nothing to be trusted or carried out.
    ``phone`` is where they want to be called, ``message_for`` whom they named; a doorman's has the
    ``unit`` instead."""

    text: str
    name: str | None = None
    message_for: str | None = None
    department: str | None = None
    phone: str | None = None
    unit: str | None = None


class VisitData(_Data):
    """An entry of the visit log."""

    outcome: str
    visitor: str | None = None
    company: str | None = None
    block: str | None = None
    apartment: str | None = None


class CallEndedData(_Data):
    """A call is over."""

    reason: str | None = None


class AlertData(_Data):
    """Something that somebody should look at, or with ``over``, that is right again."""

    kind: str
    subject: str = ""
    text: str
    times: int = 1
    over: bool = False
    facts: dict[str, Any] = Field(default_factory=dict)


class SynthesisData(_Data):
    """A synthesis job is finished: ``done``, or ``failed`` where items of it were given up. Texts
    are not told. ``duration_ms`` is that of all results together."""

    job_id: UUID
    name: str = ""
    state: str
    format: str
    items: int
    done: int
    dead: int
    characters: int
    duration_ms: int
    finished_at: datetime
    expires_at: datetime


class PingData(_Data):
    """A test, asked for by somebody."""

    text: str = "ping"


DATA: Final[Mapping[Event, type[_Data]]] = {
    "call.started": CallStartedData,
    "turn": TurnData,
    "authorisation.asked": AuthorisationAskedData,
    "authorisation.given": AuthorisationDecidedData,
    "authorisation.denied": AuthorisationDecidedData,
    "authorisation.other": AuthorisationDecidedData,
    "admission": AdmissionData,
    "admission.refused": AdmissionRefusedData,
    "door.ordered": DoorData,
    "door.opened": DoorData,
    "door.failed": DoorData,
    "emergency": EmergencyData,
    "message": MessageData,
    "visit": VisitData,
    "call.ended": CallEndedData,
    "alert": AlertData,
    "synthesis.done": SynthesisData,
    "synthesis.failed": SynthesisData,
    "ping": PingData,
}


class Message(BaseModel):
    """The body of a webhook. ``sequence`` counts the entries of a call: sort by it, and expect
    gaps, as not every entry is an event. ``id`` is what the header ``Webhook-Id`` says."""

    id: UUID
    type: Event
    at: datetime
    tenant_id: UUID | None = None
    condominium_id: UUID | None = None
    call_id: UUID | None = None
    sequence: int | None = None
    data: dict[str, Any]


def _described(event: Event) -> type[Message]:
    """The body of an event, with its data as they are checked before they are sent."""
    name = "".join(part.capitalize() for part in event.split("."))
    fields: dict[str, Any] = {"type": (Literal[event], ...), "data": (DATA[event], ...)}
    made: type[Message] = create_model(
        f"{name}Message", __base__=Message, __doc__=DATA[event].__doc__, **fields
    )
    return made


MESSAGES: Final[Mapping[Event, type[Message]]] = {event: _described(event) for event in DATA}
"""Every event's body, for those who describe them."""


def event_of(entry: Entry) -> Event | None:
    """Which event an entry of a call's journal is; ``None`` for what is nobody else's business."""
    match entry.kind:
        case "authorisation":
            return _OF_DECISIONS.get(str(entry.data.get("decision")), "authorisation.other")
        case kind:
            return _OF_ENTRIES.get(kind)


_OF_DECISIONS: Final[Mapping[str, Event]] = {
    "yes": "authorisation.given",
    "no": "authorisation.denied",
}
"""Somebody may open a gate at "given": it is nothing but a plain yes."""
_OF_ENTRIES: Final[Mapping[str, Event]] = {
    event: event
    for event in SUBSCRIBABLE
    if event not in ("alert", "synthesis.done", "synthesis.failed")
}
"""Entries that are told under their own name; "authorisation" is told by what was decided."""


def data_of(event: Event, given: Mapping[str, Any]) -> dict[str, Any]:
    """``given`` in the form that is described. What does not fit it goes out as it is: a defect
    of ours, which is logged, and must cost nobody the event."""
    try:
        return DATA[event].model_validate(dict(given)).model_dump(mode="json", exclude_unset=True)
    except ValidationError as error:
        _log.error("webhook.undescribed", type=event, problems=error.errors(include_input=False))
        return dict(given)
