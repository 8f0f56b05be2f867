"""Whether a turn has been said to its end, as far as its words tell."""

from dataclasses import dataclass

from conversation.rules.numerals import Numerals
from conversation.rules.units import UnitWords
from conversation.understanding import Answer, Expecting, Intent, Understanding
from stt.endpointing import Completeness

_WITHOUT_AN_ANSWER = frozenset({Expecting.UNIT, Expecting.BLOCK, Expecting.COMPANY})
"""Questions to which "não sei o bloco" is all that can be said, though it ends in "bloco"."""
_BARE_NO = 2
"""Words: "não", "não senhor", "não conheço"."""
_FULL_NAME = 2


@dataclass(frozen=True, slots=True)
class EndWords:
    """A language's words at the end of a turn, folded."""

    units: UnitWords
    numerals: Numerals
    hanging: frozenset[str]
    """A turn that ends in one of these is cut off: "apartamento", "para o", "quinhentos e"."""
    goes_on_or_not: frozenset[str]
    """Answers that the next word may turn round: "pode... não", "deixa... na portaria"."""
    hesitation: frozenset[str]
    closed: frozenset[str]
    """Nothing follows them: "obrigado"."""
    thinking: tuple[tuple[str, ...], ...] = ()
    """What people say while they look for the words: "deixa eu ver", "na verdade"."""


def completeness(
    said: EndWords, understood: Understanding, keys: list[str], expecting: Expecting
) -> Completeness:
    """Judge a turn from its slots and its folded words."""
    early = _undecided(said, understood, keys, expecting)
    if early is not None:
        return early
    if _answers(understood, keys, expecting):
        return Completeness.LIKELY if _gets_a_reason(understood, keys) else Completeness.COMPLETE
    if _is_open(said, understood, keys, expecting):
        return Completeness.OPEN
    if keys[-1] in said.closed or understood.intent in (Intent.REPEAT, Intent.HUMAN):
        return Completeness.COMPLETE
    return _with_slots(understood, keys, expecting)


def _undecided(
    said: EndWords, understood: Understanding, keys: list[str], expecting: Expecting
) -> Completeness | None:
    """What the next word may turn round, whatever the words so far say."""
    knows_none = understood.does_not_know and expecting in _WITHOUT_AN_ANSWER
    if not keys or knows_none or keys[-1] in said.goes_on_or_not:
        return Completeness.UNKNOWN
    taken_back = _may_be_taken_back(understood, keys, expecting)
    return Completeness.LIKELY if taken_back else None


def _is_open(
    said: EndWords, understood: Understanding, keys: list[str], expecting: Expecting
) -> bool:
    if _hesitates(said, keys) or _hangs(said, understood, keys, expecting):
        return True
    # we greeted first, and asked: who greets back goes on
    return expecting is Expecting.PURPOSE and understood.intent is Intent.GREETING


def _may_be_taken_back(understood: Understanding, keys: list[str], expecting: Expecting) -> bool:
    """Whether a resident said one word only: "sim... não", "não... pode subir". A door that was
    opened stays open, so we wait the length of a breath longer."""
    return expecting is Expecting.AUTHORISATION and understood.answer is not None and len(keys) == 1


def _gets_a_reason(understood: Understanding, keys: list[str]) -> bool:
    """Whether it is a bare no, after which people say why or what is right instead."""
    return understood.answer is Answer.NO and len(keys) <= _BARE_NO


def _hesitates(said: EndWords, keys: list[str]) -> bool:
    thinks = any(tuple(keys[-len(phrase) :]) == phrase for phrase in said.thinking)
    return thinks or keys[-1] in said.hesitation


def _hangs(
    said: EndWords, understood: Understanding, keys: list[str], expecting: Expecting
) -> bool:
    """Whether more must follow; numbers go on only where they are an answer."""
    if understood.block is not None and understood.block.lower() == keys[-1]:
        return False  # "block a" does not end in an article
    if expecting is Expecting.AUTHORISATION:
        return keys[-1] in said.hanging - said.units.anchors
    named = expecting in (Expecting.VISITOR_NAME, Expecting.COMPANY)
    return keys[-1] in said.hanging or (not named and _in_a_number(said, keys))


def _answers(understood: Understanding, keys: list[str], expecting: Expecting) -> bool:
    """Decided already, whatever follows: an emergency, a clear answer, an order, a question."""
    if understood.intent is Intent.EMERGENCY:
        return True
    if expecting is Expecting.AUTHORISATION:
        # "alô?" of somebody who was called is a whole turn: it asks us to speak
        greets = understood.intent is Intent.GREETING and len(keys) == 1
        return greets or _decides(understood) or understood.question is not None
    if expecting is Expecting.YES_NO:
        return understood.answer is Answer.YES
    return expecting is Expecting.BLOCK and understood.block is not None


def _decides(understood: Understanding) -> bool:
    return understood.answer is not None or understood.instruction is not None


def _in_a_number(said: EndWords, keys: list[str]) -> bool:
    """In the middle of a number said digit by digit ("cinco zero"), or after the hundreds."""
    numbers = said.numerals.words
    if keys[-1] in (*numbers.hundreds, numbers.hundred):
        return True
    spoken = 0
    while spoken < len(keys) and keys[-1 - spoken] in numbers.digits:
        spoken += 1
    after_whole = spoken < len(keys) and (
        said.numerals.is_number(keys[-1 - spoken])
        or keys[-1 - spoken] in (*said.units.blocks, numbers.joiner)
    )
    return 0 < spoken < 3 and not after_whole


def _with_slots(understood: Understanding, keys: list[str], expecting: Expecting) -> Completeness:
    whom = bool(understood.apartment or understood.resident_name)
    done = {
        Expecting.UNIT: bool(understood.apartment),
        Expecting.PURPOSE: whom and understood.intent is not None,
        Expecting.VISITOR_NAME: len((understood.visitor_name or "").split()) > 1,
        Expecting.COMPANY: understood.company is not None,
        Expecting.YES_NO: understood.answer is not None,
    }.get(expecting, False)
    if not done:
        return Completeness.UNKNOWN
    added = _may_be_added_to(understood, keys, expecting)
    return Completeness.LIKELY if added else Completeness.COMPLETE


def _may_be_added_to(understood: Understanding, keys: list[str], expecting: Expecting) -> bool:
    """Whether an answer often has another half: the block, the surname, what is right instead."""
    if expecting is Expecting.YES_NO:
        return _gets_a_reason(understood, keys)
    if expecting not in (Expecting.UNIT, Expecting.PURPOSE) or understood.block:
        return False
    return bool(understood.apartment) or len((understood.resident_name or "").split()) < _FULL_NAME
