"""From a turn's words to its slots, by rules alone, in microseconds; the words are tables."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from conversation.rules.answers import AnswerWords, find_answer
from conversation.rules.codes import CodeHeard, find_code
from conversation.rules.companies import Company
from conversation.rules.completeness import EndWords, completeness
from conversation.rules.intents import IntentWords
from conversation.rules.manners import MannerWords
from conversation.rules.names import NameWords, find_names
from conversation.rules.units import UnitWords, find_unit
from conversation.rules.words import Vocabulary, Word, fold
from conversation.understanding import Answer, Expecting, Instruction, Intent, Understanding
from stt.endpointing import Completeness

_ASKED = frozenset({Expecting.YES_NO, Expecting.AUTHORISATION, Expecting.CODE})
_OPEN_TO_ALL = frozenset({Expecting.NOTHING, Expecting.PURPOSE})
"""Where neither "a" nor "um" is an answer by itself."""
_NAMELESS = frozenset(
    {Intent.EMERGENCY, Intent.HUMAN, Intent.REPEAT, Intent.GREETING, Intent.VOICE_MAIL}
)
"""Turns in which whatever looks like a name is none."""
_MENDING_COSTS = 0.92
"""Confidence is scaled by this for every word that had to be mended."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All that is particular to a language."""

    language: str
    """A BCP 47 tag."""
    vocabulary: Vocabulary
    units: UnitWords
    names: NameWords
    answers: AnswerWords
    intents: IntentWords
    manners: MannerWords
    ends: EndWords
    codes: frozenset[str]
    """What codes and PINs are called, folded."""
    signing: re.Pattern[str]
    """What says that a parcel has to be signed for; of folded words."""
    find_company: Callable[[Sequence[Word]], tuple[Company, str] | None]
    company: Callable[[str], str]
    """A firm's name as it is said in this language: "pharmacy" for "farmácia"."""
    of_company: Callable[[str], str]
    decisions: tuple[str, ...]
    """What residents say, with its accents: hints for a recogniser; so are the next."""
    confirmations: tuple[str, ...]
    errands: tuple[str, ...]
    prepare: Callable[[str], str] = str
    """What is done to a turn's text first: "i'm" is "i am"."""
    mend: Callable[[list[Word]], list[Word]] = list
    """What is done to its words: numbers that were misheard."""


class LexiconRules:
    """Slot extraction for one language.

    ``names`` are the directory's words: they are never mended into keywords, and count as names
    without a trigger.
    """

    def __init__(self, lexicon: Lexicon, names: Iterable[str] = ()) -> None:
        self.language = lexicon.language
        self._lexicon = lexicon
        known = chain.from_iterable(fold(name).split() for name in names)
        self._names = frozenset(known) - lexicon.names.never
        self._vocabulary = lexicon.vocabulary.beside(self._names)

    def interpret(
        self, text: str, confidence: float = 1.0, expecting: Expecting = Expecting.NOTHING
    ) -> Understanding:
        """Fill the slots of a turn that was heard with ``confidence`` (0..1)."""
        words = self._words(text)
        return self._interpret(text, words, confidence, expecting, self._code(words, expecting))

    def _code(self, words: Sequence[Word], expecting: Expecting) -> CodeHeard | None:
        return find_code(self._lexicon.codes, self._lexicon.units.numerals, words, expecting)

    def _words(self, text: str) -> list[Word]:
        return self._lexicon.mend(self._vocabulary.words(self._lexicon.prepare(text)))

    def _interpret(
        self,
        text: str,
        words: Sequence[Word],
        confidence: float,
        expecting: Expecting,
        code: CodeHeard | None,
    ) -> Understanding:
        if code is not None:
            text, words = code.text, code.words
        said, keys = self._lexicon, [word.key for word in words]
        joined = " ".join(keys)
        question = said.intents.question(joined)
        orders = said.intents.instruction(joined)
        heard = find_names(said.names, words, expecting, self._names.__contains__)
        unit = find_unit(said.units, words, expecting)
        company, firm_words = said.find_company(words) or (None, "")
        intent = said.intents.intent(joined) or (company.purpose if company else None)
        return Understanding(
            text=text,
            confidence=confidence * _MENDING_COSTS ** sum(word.mended for word in words),
            intent=intent,
            answer=self._answer(words, expecting, asks=question is not None, orders=orders),
            outright=said.answers.yes_itself.search(joined) is not None,
            visitor_name=heard.visitor if intent not in _NAMELESS else None,
            resident_name=_person(heard.resident, firm_words, intent),
            apartment=unit.apartment,
            apartment_alternatives=unit.others,
            block=unit.block,
            block_unheard=unit.block_unheard,
            company=company.name if company else None,
            code=code.digits if code is not None else None,
            signature=said.signing.search(joined) is not None,
            question=question,
            instruction=orders,
            language=said.manners.other_language([fold(word.heard) for word in words]),
            backchannel=said.manners.is_backchannel(keys, asked=expecting in _ASKED),
            murmur=expecting in _OPEN_TO_ALL and said.manners.is_murmur(keys),
            objects=said.manners.is_objection(joined),
            small_talk=said.manners.is_small_talk(joined),
            abusive=said.manners.is_abusive(joined),
            does_not_know=said.manners.does_not_know(joined),
        )

    def _answer(
        self, words: Sequence[Word], expecting: Expecting, *, asks: bool, orders: Instruction | None
    ) -> Answer | None:
        """A yes or no where one was asked for; an order to do something else is no yes."""
        text = " ".join(word.key for word in words)
        if expecting not in _ASKED or self._lexicon.intents.is_doubtful(text):
            return None
        answer = find_answer(self._lexicon.answers, text, expecting, asks=asks)
        no_yes = orders or (expecting is Expecting.AUTHORISATION and _lacks_its_start(words))
        return None if answer is Answer.YES and no_yes else answer

    def completeness(self, text: str, expecting: Expecting) -> Completeness:
        """How far ``text`` answers what was asked."""
        return self.judge(text, expecting)[1]

    def judge(self, text: str, expecting: Expecting) -> tuple[Understanding, Completeness]:
        """The slots of a turn that may go on, and how far it answers what was asked."""
        words = self._words(text)
        code = self._code(words, expecting)
        understood = self._interpret(text, words, 1.0, expecting, code)
        if code is not None and code.count and understood.answer is None:
            return understood, Completeness.CERTAIN if code.digits else Completeness.OPEN
        keys = [word.key for word in words]
        return understood, completeness(self._lexicon.ends, understood, keys, expecting)

    def explains(self, word: str) -> bool:
        """Whether a folded word is one that the rules have a meaning for."""
        return self._vocabulary.knows(word) or word in self._lexicon.names.particles

    def phrases(self, expecting: Expecting) -> tuple[str, ...]:
        """What people often answer, as it is said: for a recogniser's hints."""
        if expecting is Expecting.AUTHORISATION:
            return self._lexicon.decisions
        if expecting is Expecting.YES_NO:
            return self._lexicon.confirmations
        return self._lexicon.errands

    def company(self, company: str) -> str:
        """A firm's name as it is said: "farmácia" is a "pharmacy"."""
        return self._lexicon.company(company)

    def of_company(self, company: str) -> str:
        """A firm as somebody comes from it: "do Mercado Livre"."""
        return self._lexicon.of_company(company)


def _lacks_its_start(words: Sequence[Word]) -> bool:
    """Whether the first word was heard without its beginning: what else was lost with it?"""
    first = words[0] if words else None
    return first is not None and first.mended and first.key.endswith(fold(first.heard))


def _person(name: str | None, firm_words: str, intent: Intent | None) -> str | None:
    """A name that is none of the firm's ("zé delivery")."""
    mistaken = intent in _NAMELESS or (name and fold(name) in firm_words)
    return None if mistaken else name
