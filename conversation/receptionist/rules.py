"""What a turn is about, by rules alone: a language's rules, and the handbook's entries beside."""

from dataclasses import replace

from conversation.receptionist import phone_numbers
from conversation.receptionist.topics import Topics, own_words
from conversation.rules import Rules
from conversation.understanding import Expecting, Understanding
from stt.endpointing import Completeness

ANYTHING = frozenset({Expecting.PURPOSE, Expecting.YES_NO})
"""Questions that may be answered by another question."""
_LONGEST_ANSWER = 4
"""Words of a "não, só isso, obrigado"; in a longer turn a "não" is about something else."""


class ReceptionRules:
    """A language's :class:`~conversation.rules.Rules` that also know what a handbook is about."""

    def __init__(self, rules: Rules, topics: Topics) -> None:
        self.language = rules.language
        self._rules = rules
        self._topics = topics

    def interpret(
        self, text: str, confidence: float = 1.0, expecting: Expecting = Expecting.NOTHING
    ) -> Understanding:
        """Fill the slots of a turn; a first question may also be answered by "não, obrigado".

        There are no codes here: a "código" in a message is what somebody wants to be told.
        """
        heard = self._interpret(text, confidence, expecting)
        return replace(heard, text=text, code=None)

    def _interpret(self, text: str, confidence: float, expecting: Expecting) -> Understanding:
        if expecting is Expecting.PHONE:
            heard = self._rules.interpret(text, confidence, Expecting.YES_NO)
            digits = phone_numbers.spoken_digits(text, self.language)
            return replace(heard, phone=digits or None, apartment=None, block=None)
        heard = self._rules.interpret(text, confidence, expecting)
        if expecting not in ANYTHING:
            return heard
        short = len(text.split()) <= _LONGEST_ANSWER or expecting is Expecting.YES_NO
        said = self._rules.interpret(text, confidence, Expecting.YES_NO) if short else heard
        topics = self._topics.find(text)
        return replace(heard, topics=topics, answer=said.answer, apartment=None, block=None)

    def judge(self, text: str, expecting: Expecting) -> tuple[Understanding, Completeness]:
        """The slots of a turn that may go on, and how far it answers what was asked."""
        heard = self.interpret(text, 1.0, expecting)
        if expecting is Expecting.PHONE:
            digits = heard.phone or ""
            return heard, phone_numbers.completeness(digits, self.language)
        judged = self._rules.completeness(text, expecting)
        if expecting in ANYTHING and judged is not Completeness.OPEN:
            if self._topics.hangs(text):
                return heard, Completeness.OPEN
            if heard.topics:
                return heard, Completeness.COMPLETE
        return heard, judged

    def completeness(self, text: str, expecting: Expecting) -> Completeness:
        """How far ``text`` answers what was asked."""
        return self.judge(text, expecting)[1]

    def explains(self, word: str) -> bool:
        """Whether a folded word has a meaning to the language's rules, or is the handbook's."""
        return self._rules.explains(word) or self._topics.explains(word)

    def phrases(self, expecting: Expecting) -> tuple[str, ...]:
        """What people often answer, as it is said: for a recogniser's hints."""
        ours = own_words(self.language)
        return (*ours, *self._rules.phrases(expecting)) if expecting is Expecting.YES_NO else ours

    def company(self, company: str) -> str:
        """A firm's name as it is said in this language."""
        return self._rules.company(company)

    def of_company(self, company: str) -> str:
        """A firm as somebody comes from it, in this language."""
        return self._rules.of_company(company)
