"""What a language model may be asked for, each with the schema of its answer.

There is no slot for a resident's decision, for a person to be fetched or for an emergency: on those
the rules have the only word.
"""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

from conversation.understanding import Expecting


class Slots(BaseModel):
    """Slots that one request asks for; every field is required, as strict schemas want it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Errand(Slots):
    """Why somebody has come, and from which firm."""

    purpose: Literal["delivery", "visit", "service", "resident", "unknown"]
    company: str | None


class Place(Slots):
    """Whom somebody wants."""

    apartment: str | None
    block: str | None
    resident: str | None


class Caller(Slots):
    """Who somebody is."""

    name: str | None


class Reply(Slots):
    """What somebody answers to a question of ours."""

    answer: Literal["yes", "no", "unclear"]


class Topic(Slots):
    """Which entries of a receptionist's handbook somebody asks about, by their numbers, and whom
    they want. It is all that a model may say: the entries' own texts are spoken."""

    facts: list[int]
    department: str | None


Group: TypeAlias = Literal["errand", "place", "caller", "reply", "topic"]

SCHEMAS: Final[Mapping[Group, type[Slots]]] = {
    "errand": Errand,
    "place": Place,
    "caller": Caller,
    "reply": Reply,
    "topic": Topic,
}

ASKED_ABOUT: Final[Mapping[Expecting, tuple[Group, ...]]] = {
    Expecting.PURPOSE: ("errand", "place", "caller"),
    Expecting.UNIT: ("place",),
    Expecting.BLOCK: ("place",),
    Expecting.VISITOR_NAME: ("caller",),
    Expecting.COMPANY: ("errand",),
    Expecting.YES_NO: ("reply",),
}
"""By what was asked. A resident's decision and a message are not among them."""
