"""What rules do, whatever their language."""

from typing import Protocol

from conversation.understanding import Expecting, Understanding
from stt.endpointing import Completeness


class Rules(Protocol):
    """Slot extraction for one language."""

    language: str

    def interpret(
        self, text: str, confidence: float = 1.0, expecting: Expecting = Expecting.NOTHING
    ) -> Understanding:
        """Fill the slots of a turn that was heard with ``confidence`` (0..1)."""

    def judge(self, text: str, expecting: Expecting) -> tuple[Understanding, Completeness]:
        """The slots of a turn that may go on, and how far it answers what was asked."""

    def completeness(self, text: str, expecting: Expecting) -> Completeness:
        """How far ``text`` answers what was asked."""

    def explains(self, word: str) -> bool:
        """Whether a folded word is one that the rules have a meaning for, if only that it says
        nothing: other words may mean something that the rules do not see."""

    def phrases(self, expecting: Expecting) -> tuple[str, ...]:
        """What people often answer, as it is said: for a recogniser's hints."""

    def company(self, company: str) -> str:
        """A firm's name as it is said in this language."""

    def of_company(self, company: str) -> str:
        """A firm with the words for "of the" before it: "do Mercado Livre"."""
