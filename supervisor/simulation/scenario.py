"""Scenarios: who calls, what everybody does, and how the visit must end. They are YAML data."""

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from pydantic import Field, model_validator

from supervisor.callers.script import PersonScript, Strict
from supervisor.database.directory import ResidentRow, UnitRow
from supervisor.simulation.exchange import Habit, Phone

Words: TypeAlias = tuple[str, ...]
"""Any of these is enough; neither case nor accents count."""

Language: TypeAlias = Literal["pt-BR", "en", "es"]
DoorState: TypeAlias = Literal["opened", "failed", "shut"]


class ResidentScript(PersonScript):
    """A resident: how the phone behaves, and what is said once it is answered."""

    habit: Habit = Habit.ANSWERS
    after_s: float = Field(default=0.8, ge=0, le=60)

    def phone(self) -> Phone:
        """The phone as the exchange knows it."""
        return Phone(self.habit, self.after_s)


class WithinMs(Strict):
    """The longest that something may take, on the wire, by the caller's clock; None for no limit.

    Each holds for every time that it happened in the call.
    """

    greeting: float | None = None
    """From the caller's first frame to our first audible one."""
    answer: float | None = None
    """From the end of the visitor's speech to our first audible frame."""
    resident_answer: float | None = None
    barge_in: float | None = None
    """From the visitor's interruption to our silence."""


class Expected(Strict):
    """How the visit must end. Words are looked for as a ``listen`` step does."""

    outcome: Words = Field(min_length=1)
    """Any of these in the visit's entry."""
    visitor_heard: tuple[Words, ...] = ()
    """Of each group, one was heard by the visitor: in this order."""
    resident_heard: tuple[Words, ...] = ()
    """The same of the residents, together."""
    visitor_not_heard: Words = ()
    """None of these was heard by the visitor."""
    resident_not_heard: Words = ()
    called_out: bool | None = None
    """Whether a resident's phone was called at all; None where it does not matter."""
    calls: tuple[str, ...] | None = None
    """The phones that were called, in order, each as ``2501 answered``."""
    slots: Mapping[str, str | Words | None] = Field(default_factory=dict)
    """What the visit's entry says: a text, one of several, or null for nothing."""
    slots_contain: Mapping[str, str | Words] = Field(default_factory=dict)
    """What is somewhere in a text of the visit's entry."""
    door: DoorState | None = None
    transferred_to: str | None = None
    """The extension that the visitor was given to."""
    events: tuple[str, ...] = ()
    """Kinds that the call's journal must have."""
    no_events: tuple[str, ...] = ()
    """Kinds that it must not have."""
    questions_at_most: int | None = Field(default=None, ge=0)
    """How many questions the visitor was asked after the greeting."""
    within_ms: WithinMs = WithinMs()


class Neighbour(Strict):
    """Somebody in a scenario's own directory."""

    name: str
    phones: tuple[str, ...] = ()
    language: Language | None = None
    """What they are called in; the extension's without it."""


class UnitScript(Strict):
    """A unit of a scenario's own directory."""

    unit: str
    block: str = ""
    residents: tuple[Neighbour, ...] = ()

    def row(self) -> UnitRow:
        """The unit as the directory stores it."""
        people = tuple(
            ResidentRow(one.name, one.phones, language=one.language) for one in self.residents
        )
        return UnitRow(self.block, self.unit, people)


class ModelScript(Strict):
    """A language model that answers every request with the same entries of the handbook: what it
    would be like to have one that understands, or one that does what a caller tells it."""

    facts: tuple[int, ...] = ()
    department: str | None = None


class ExpectedVisitor(Strict):
    """Somebody on a unit's list, during this call."""

    name: str
    unit: str
    block: str = ""
    code: str | None = Field(default=None, pattern=r"^[1-9][0-9]{5,7}$")
    """No other scenario of the condominium has the same."""
    lets_in: Literal["never", "by_code", "by_name"] = "by_code"
    ends_in_h: float = 1
    """Hours from now; 0 and less: it is over."""


class ResidentPin(Strict):
    """A resident who has a PIN, during this call."""

    resident: str
    pin: str = Field(pattern=r"^[1-9][0-9]{5,7}$")


class Scenario(Strict):
    """One call from start to end."""

    name: str = Field(pattern=r"^[a-z0-9-]+$")
    title: str
    visitor: PersonScript
    residents: Mapping[str, ResidentScript] = Field(default_factory=dict)
    """By phone number; every other phone of the directory rings unanswered."""
    agent_settings: Mapping[str, Any] = Field(default_factory=dict)
    """Settings of the extension for this call, such as how long a resident's phone rings."""
    condominium: str | None = None
    """As it is said; needed with a directory of its own."""
    directory: tuple[UnitScript, ...] | None = None
    """Who lives there; the sample condominium where nothing is said."""
    flow: str = "doorman"
    """Who answers."""
    language: Language = "pt-BR"
    """What is spoken there."""
    handbook: Mapping[str, Any] | None = None
    """What a receptionist knows."""
    model: ModelScript | None = None
    """Whom the agent asks where its rules are not sure; nobody without one."""
    visitors: tuple[ExpectedVisitor, ...] = ()
    """Who is expected; in a condominium that other scenarios share, they are expected there too."""
    pins: tuple[ResidentPin, ...] = ()
    door: Literal["opens", "fails", "none"] = "opens"
    """What becomes of a door that is ordered to open; ``none``: there is no door."""
    expected: Expected

    @property
    def agent(self) -> str:
        """Who answers, as people read it: Doorman."""
        return self.flow.capitalize()

    @property
    def place(self) -> str:
        """Where the caller speaks from."""
        return "at the gate" if self.flow == "doorman" else "on the telephone"

    @model_validator(mode="after")
    def _own_directory_has_a_name(self) -> "Scenario":
        if self.directory is not None and self.condominium is None:
            raise ValueError("a directory of its own needs the name of its condominium")
        if self.model is not None and self.condominium is None:
            raise ValueError("a model of its own needs the name of its condominium or business")
        return self
