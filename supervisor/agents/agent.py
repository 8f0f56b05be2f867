"""The seam between whoever answers an extension and the calls that come in on it.

A doorman and an agent of an installed package are the same to everything else: an
:class:`AgentKind`, whose ``make`` gives the :class:`Agent` of one extension. docs/flows.md shows
how to write one.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID

from conversation.admission import Admissions
from conversation.door import Doors
from conversation.flow import Flow
from conversation.rules import Rules
from conversation.texts.catalogue import Texts
from conversation.thinking import Thinker
from supervisor.database.extensions import Extension

if TYPE_CHECKING:
    from supervisor.calls import Shared


@dataclass(frozen=True, slots=True)
class Agent:
    """Who answers one extension: made once for it, and shared by its calls.

    ``texts`` and ``rules`` are by BCP 47 language, the extension's own and those that its settings
    let a caller go over to.
    """

    flow: Callable[[UUID], Flow]
    """A call's own state machine, by the call's id; also made once to ask it for its prompts."""
    texts: Mapping[str, Texts]
    rules: Mapping[str, Rules]
    thinker: Thinker | None = None
    """Thinks about turns that the rules are not sure of; nobody does without one."""
    names: Callable[[str], Iterable[tuple[str, Mapping[str, str]]]] = lambda _: ()
    """Text keys with a unit's or a person's name in each, in a language: to be rendered ahead."""
    called_in: frozenset[str] = frozenset()
    """Those of ``rules`` that nobody may go over to: whoever is called in them is."""
    admissions: Admissions | None = None
    """Who was let in beforehand; nobody without it."""
    doors: Doors = field(default_factory=Doors)
    """What it may ask to be opened: nothing, unless it is a doorman."""


MakeAgent: TypeAlias = "Callable[[Shared, Extension], Awaitable[Agent]]"
"""Reads what an extension's agent needs to know. Raises ``ExtensionProblem`` for what an operator
has to put right, with the sentence that tells them."""


@dataclass(frozen=True, slots=True)
class AgentKind:
    """What an entry point of the group ``ramal.agents`` gives: how to make one, and the languages
    that it has texts for."""

    make: MakeAgent
    languages: tuple[str, ...]
