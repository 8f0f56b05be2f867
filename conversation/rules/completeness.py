"""Whether a turn has been said to its end, as far as its words tell."""

from dataclasses import dataclass

from conversation.rules.numerals import Numerals
from conversation.rules.units import UnitWords
from conversation.understanding import Answer, Expecting, Intent, Understanding
from stt.endpointing import Completeness

_WITHOUT_AN_ANSWER = frozenset({Expecting.UNIT, Expecting.BLOCK, Expecting.COMPANY})
"""Questions to which "não sei o bloco" is all that can be said, though it ends in "bloco"."""
_BARE_NO = 3
"""Words: "não", "não senhor", "não conheço", "não, melhor não"."""
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
    assents: frozenset[str] = frozenset()
    """What a resident's bare yes or no is made of: "tá bom" is no more than "sim"."""
    introductions: frozenset[str] = frozenset()
    """First words of who says who he is before what he wants: "sou", "aqui"."""


def completeness(
    said: EndWords, understood: Understanding, keys: list[str], expecting: Expecting
) -> Completeness:
    """Judge a turn from its slots and its folded words."""
    early = _undecided(said, understood, keys, expecting)
    if early is not None:
        return early
    if _answers(understood, keys, expecting):
        return _answered(said, understood, keys, expecting)
    if _is_open(said, understood, keys, expecting):
        return Completeness.OPEN
    if understood.intent is Intent.REPEAT:  # "desculpe, não entendi": many say what we should do
        return Completeness.LIKELY
    if keys[-1] in said.closed or _wants_somebody(said, understood, keys):
        return Completeness.COMPLETE
    return _with_slots(understood, keys, expecting)


def _answered(
    said: EndWords, understood: Understanding, keys: list[str], expecting: Expecting
) -> Completeness:
    """How sure it is that an answer is whole. A question rises at its end like half a sentence."""
    if _gets_a_reason(understood, keys) or understood.intent is Intent.VOICE_MAIL:
        return Completeness.LIKELY
    if expecting is Expecting.BLOCK:
        named = _ends_in_its_block(understood, keys) or keys[-1] in said.numerals.words.digits
        return Completeness.CERTAIN if named else Completeness.LIKELY
    asks = understood.question is not None or understood.intent is Intent.GREETING
    certain = asks and expecting is Expecting.AUTHORISATION
    return Completeness.CERTAIN if certain else Completeness.COMPLETE


def _wants_somebody(said: EndWords, understood: Understanding, keys: list[str]) -> bool:
    """Whether a person is asked for; "aqui é da polícia" goes on."""
    return understood.intent is Intent.HUMAN and said.introductions.isdisjoint(keys)


def _undecided(
    said: EndWords, understood: Understanding, keys: list[str], expecting: Expecting
) -> Completeness | None:
    """What the next word may turn round, whatever the words so far say."""
    knows_none = understood.does_not_know and expecting in _WITHOUT_AN_ANSWER
    if not keys or knows_none or keys[-1] in said.goes_on_or_not:
        return Completeness.UNKNOWN
    taken_back = _may_be_taken_back(said, understood, keys, expecting)
    return Completeness.LIKELY if taken_back else None


def _is_open(
    said: EndWords, understood: Understanding, keys: list[str], expecting: Expecting
) -> bool:
    if _hesitates(said, keys) or _hangs(said, understood, keys, expecting):
        return True
    # we greeted first, and asked: who greets back, or says who he is, goes on
    return expecting is Expecting.PURPOSE and (
        understood.intent is Intent.GREETING or _only_names_himself(understood)
    )


def _only_names_himself(understood: Understanding) -> bool:
    wants = understood.intent or understood.company or understood.does_not_know
    whom = understood.apartment or understood.block or understood.resident_name
    return understood.visitor_name is not None and not wants and not whom


def _ends_in_its_block(understood: Understanding, keys: list[str]) -> bool:
    """Whether the block's own name came last; "segundo" may go on: "o segundo, o bloco B"."""
    return understood.block is not None and understood.block.lower() == keys[-1]


def _may_be_taken_back(
    said: EndWords, understood: Understanding, keys: list[str], expecting: Expecting
) -> bool:
    """Whether a resident only assented or refused: "sim... não", "tá bom... não, espera". A door
    that was opened stays open, so we wait the length of a breath longer."""
    bare = len(keys) == 1 or said.assents.issuperset(keys)
    return expecting is Expecting.AUTHORISATION and understood.answer is not None and bare


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
    if _ends_in_its_block(understood, keys):
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
    if _may_be_added_to(understood, keys, expecting):
        return Completeness.LIKELY
    about_a_unit = expecting in (Expecting.UNIT, Expecting.PURPOSE)
    return Completeness.CERTAIN if about_a_unit else Completeness.COMPLETE


def _may_be_added_to(understood: Understanding, keys: list[str], expecting: Expecting) -> bool:
    """Whether an answer often has another half: the block, the surname, what is right instead."""
    if expecting is Expecting.YES_NO:
        return _gets_a_reason(understood, keys)
    if expecting not in (Expecting.UNIT, Expecting.PURPOSE) or understood.block:
        return False
    return bool(understood.apartment) or len((understood.resident_name or "").split()) < _FULL_NAME
