"""Scenarios: who calls, what everybody does, and how the visit must end. They are YAML data."""

from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from supervisor.callers.script import (
    PersonScript,
    ScriptError,
    Strict,
    complaint,
    read_text,
    read_yaml,
)
from supervisor.demo.exchange import Habit, Phone

DEFAULT_SCENARIO = "authorised-delivery"


class ResidentScript(PersonScript):
    """A resident: how the phone behaves, and what is said once it is answered."""

    habit: Habit = Habit.ANSWERS
    after_s: float = Field(default=0.8, ge=0, le=60)

    def phone(self) -> Phone:
        """The phone as the exchange knows it."""
        return Phone(self.habit, self.after_s)


class Expected(Strict):
    """How the visit must end. Words are looked for as a ``listen`` step does."""

    outcome: tuple[str, ...] = Field(min_length=1)
    """Any of these in the visit's entry."""
    visitor_heard: tuple[tuple[str, ...], ...] = ()
    """Of each group, one was heard by the visitor."""
    resident_heard: tuple[tuple[str, ...], ...] = ()
    """Of each group, one was heard by a resident."""
    called_out: bool | None = None
    """Whether a resident's phone was called at all; None where it does not matter."""


class Scenario(Strict):
    """One call from start to end."""

    name: str = Field(pattern=r"^[a-z0-9-]+$")
    title: str
    visitor: PersonScript
    residents: Mapping[str, ResidentScript] = Field(default_factory=dict)
    """By the phone number of the sample directory; every other phone rings unanswered."""
    agent_settings: Mapping[str, Any] = Field(default_factory=dict)
    """Settings of the extension for this call, such as how long a resident's phone rings."""
    expected: Expected


def scenario_names() -> list[str]:
    """The scenarios that come with the program, the default one first."""
    folder = resources.files("supervisor.demo") / "scenarios"
    files = [entry.name for entry in folder.iterdir() if entry.name.endswith(".yaml")]
    names = [name.removesuffix(".yaml") for name in files]
    return sorted(names, key=lambda name: (name != DEFAULT_SCENARIO, name))


def load_scenario(name: str) -> Scenario:
    """A scenario by name, or from a file ``*.yaml``. Raises :class:`ScriptError`."""
    if name.endswith(".yaml"):
        return parse_scenario(read_text(Path(name)), name)
    if name not in scenario_names():
        known = ", ".join(scenario_names())
        raise ScriptError(f'There is no scenario "{name}"; choose one of {known}, or a YAML file.')
    file = resources.files("supervisor.demo") / "scenarios" / f"{name}.yaml"
    return parse_scenario(file.read_text(encoding="utf-8"), file.name)


def parse_scenario(text: str, source: str) -> Scenario:
    """A scenario from YAML; ``source`` names it in errors. Raises :class:`ScriptError`."""
    try:
        return Scenario.model_validate(read_yaml(text, source))
    except ValidationError as error:
        raise complaint(error, source) from None
