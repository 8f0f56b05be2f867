"""Whether a turn has been said to its end, as far as its words tell."""

from dataclasses import dataclass

from conversation.rules.numerals import Numerals
from conversation.rules.units import UnitWords
from conversation.understanding import Answer, Expecting, Intent, Understanding
from stt.endpointing import Completeness

_WITHOUT_AN_ANSWER = frozenset({Expecting.UNIT, Expecting.BLOCK, Expecting.COMPANY})
"""Questions to which "não sei o bloco" is all that can be said, though it ends in "bloco"."""


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


def completeness(
    said: EndWords, understood: Understanding, keys: list[str], expecting: Expecting
) -> Completeness:
    """Judge a turn from its slots and its folded words."""
    if not keys:
        return Completeness.UNKNOWN
    knows_none = understood.does_not_know and expecting in _WITHOUT_AN_ANSWER
    goes_on_or_not = keys[-1] in said.goes_on_or_not
    if goes_on_or_not or knows_none or _may_be_taken_back(understood, keys, expecting):
        return Completeness.UNKNOWN
    if _answers(understood, expecting):
        return Completeness.COMPLETE
    if keys[-1] in said.hesitation or _hangs(said, keys, expecting):
        return Completeness.OPEN
    if keys[-1] in said.closed or understood.intent in (Intent.REPEAT, Intent.HUMAN):
        return Completeness.COMPLETE
    return _with_slots(understood, expecting)


def _may_be_taken_back(understood: Understanding, keys: list[str], expecting: Expecting) -> bool:
    """Whether a resident said one word only: "sim... não", "não... pode subir". A door that was
    opened stays open, so we wait the length of a breath longer."""
    return expecting is Expecting.AUTHORISATION and understood.answer is not None and len(keys) == 1


def _hangs(said: EndWords, keys: list[str], expecting: Expecting) -> bool:
    """Whether more must follow; numbers go on only where they are an answer."""
    if expecting is Expecting.AUTHORISATION:
        return keys[-1] in said.hanging - said.units.anchors
    named = expecting in (Expecting.VISITOR_NAME, Expecting.COMPANY)
    return keys[-1] in said.hanging or (not named and _in_a_number(said, keys))


def _answers(understood: Understanding, expecting: Expecting) -> bool:
    """Decided already, whatever follows: an emergency, a clear answer, an order, a question."""
    if understood.intent is Intent.EMERGENCY:
        return True
    if expecting is Expecting.AUTHORISATION:
        # "alô?" of somebody who was called is a whole turn: it asks us to speak
        greets = understood.intent is Intent.GREETING
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


def _with_slots(understood: Understanding, expecting: Expecting) -> Completeness:
    whom = bool(understood.apartment or understood.resident_name)
    done = {
        Expecting.UNIT: bool(understood.apartment),
        Expecting.PURPOSE: whom and understood.intent is not None,
        Expecting.VISITOR_NAME: len((understood.visitor_name or "").split()) > 1,
        Expecting.COMPANY: understood.company is not None,
        Expecting.YES_NO: understood.answer is not None,
    }.get(expecting, False)
    return Completeness.COMPLETE if done else Completeness.UNKNOWN
