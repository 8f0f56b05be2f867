"""The seam behind which somebody thinks longer about a turn than the rules do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from conversation.understanding import Expecting, Understanding


@dataclass(frozen=True, slots=True)
class Thoughts:
    """What came of it: ``found`` is for :meth:`Thinker.merge` alone, ``account`` for the journal
    (tokens, cost, what was asked of whom and how it went)."""

    found: Any = None
    account: Mapping[str, Any] = field(default_factory=dict)


class Thinker(Protocol):
    """Fills slots of a visitor's turn that the rules left open. It decides nothing."""

    @property
    def filler_after_s(self) -> float:
        """The visitor is told to wait for a moment if there is no answer by then."""

    def open_slots(self, heard: Understanding, expecting: Expecting) -> tuple[str, ...]:
        """What the rules are not sure about; nothing where no time need be spent."""

    def foresees(self) -> bool:
        """Whether it may begin before it is certain that the turn is over."""

    async def think(self, text: str, expecting: Expecting, slots: tuple[str, ...]) -> Thoughts:
        """Find the slots in the words of a turn. Ends within its own deadline, and raises nothing
        but ``CancelledError``."""

    def merge(
        self, heard: Understanding, expecting: Expecting, thoughts: Thoughts
    ) -> Understanding:
        """The turn as the rules heard it, with what was found."""

    def note(self, *, sure: bool) -> None:
        """Count a turn of which the rules were sure, or were not."""
