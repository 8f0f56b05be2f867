"""Rules that hear when somebody goes over to another language, and read the turn in that one."""

from collections.abc import Mapping
from dataclasses import replace

from conversation.rules.identifying import identify
from conversation.rules.protocol import Rules
from conversation.understanding import Expecting, Understanding
from stt.endpointing import Completeness


class Polyglot:
    """One language's rules, beside those of the other languages that a caller may go over to.

    A turn that is plainly in another language is read by that one's rules, and says so in
    ``language``; ``leans_to`` names one that it may be in.
    """

    def __init__(self, own: Rules, others: Mapping[str, Rules]) -> None:
        self.language = own.language
        self._own = own
        self._others = {key: rules for key, rules in others.items() if key != own.language}

    def interpret(
        self, text: str, confidence: float = 1.0, expecting: Expecting = Expecting.NOTHING
    ) -> Understanding:
        """Fill the slots of a turn, in the language that it is in."""
        spoken = identify(text, self.language, self._others)
        if spoken.plain and spoken.language is not None:
            heard = self._others[spoken.language].interpret(text, confidence, expecting)
            return replace(heard, language=spoken.language)
        heard = self._own.interpret(text, confidence, expecting)
        known = heard.language in self._others
        return replace(heard, language=None if known else heard.language, leans_to=spoken.language)

    def judge(self, text: str, expecting: Expecting) -> tuple[Understanding, Completeness]:
        """The slots of a turn that may go on, and how far it answers what was asked."""
        spoken = identify(text, self.language, self._others)
        rules = self._others[spoken.language] if spoken.plain and spoken.language else self._own
        return rules.judge(text, expecting)

    def completeness(self, text: str, expecting: Expecting) -> Completeness:
        """How far ``text`` answers what was asked."""
        return self.judge(text, expecting)[1]

    def explains(self, word: str) -> bool:
        """Whether a folded word has a meaning in one of the languages."""
        return self._own.explains(word) or any(
            rules.explains(word) for rules in self._others.values()
        )

    def phrases(self, expecting: Expecting) -> tuple[str, ...]:
        """What people often answer, in the present language."""
        return self._own.phrases(expecting)

    def company(self, company: str) -> str:
        """A firm's name as it is said in the present language."""
        return self._own.company(company)

    def of_company(self, company: str) -> str:
        """A firm as somebody comes from it, in the present language."""
        return self._own.of_company(company)
