"""Whether a turn has been said to its end, as far as its words tell."""

from conversation.rules.pt_br.numbers import DIGITS, HUNDREDS, is_number
from conversation.rules.pt_br.units import BLOCK_WORDS, UNIT_WORDS
from conversation.rules.words import words_in
from conversation.understanding import Answer, Expecting, Intent, Understanding
from stt.endpointing import Completeness

_HANGING = (
    UNIT_WORDS
    | BLOCK_WORDS
    | words_in(
        """
    o os as uns umas do da de dos das no na nos nas pro pra para com que e ao em pelo pela por meu
    minha seu sua dona doutor doutora senhora se mas ou sou chamo mil porque entao tipo numero nome
    vim vou to estou tenho quero falar visitar entregar trazer deixar
    """
    )
)
"""A turn that ends in one of these is cut off: "apartamento", "para o", "quinhentos e"."""
_GOES_ON_OR_NOT = words_in("pode podem manda deixa libera")
"""Answers that the next word may turn round: "pode... não", "deixa... na portaria"."""
_WITHOUT_AN_ANSWER = frozenset({Expecting.UNIT, Expecting.BLOCK, Expecting.COMPANY})
"""Questions to which "não sei o bloco" is all that can be said, though it ends in "bloco"."""
_HESITATION = words_in("eh hum hm ah ahn er humm")
_CLOSED = words_in("obrigado obrigada valeu favor tchau")


def completeness(understood: Understanding, keys: list[str], expecting: Expecting) -> Completeness:
    """Judge a turn from its slots and its folded words."""
    if not keys:
        return Completeness.UNKNOWN
    knows_none = understood.does_not_know and expecting in _WITHOUT_AN_ANSWER
    goes_on_or_not = keys[-1] in _GOES_ON_OR_NOT
    if goes_on_or_not or knows_none or _may_be_taken_back(understood, keys, expecting):
        return Completeness.UNKNOWN
    if _answers(understood, expecting):
        return Completeness.COMPLETE
    if keys[-1] in _HESITATION or _hangs(keys, expecting):
        return Completeness.OPEN
    if keys[-1] in _CLOSED or understood.intent in (Intent.REPEAT, Intent.HUMAN):
        return Completeness.COMPLETE
    return _with_slots(understood, expecting)


def _may_be_taken_back(understood: Understanding, keys: list[str], expecting: Expecting) -> bool:
    """Whether a resident said one word only: "sim... não", "não... pode subir". A door that was
    opened stays open, so we wait the length of a breath longer."""
    return expecting is Expecting.AUTHORISATION and understood.answer is not None and len(keys) == 1


def _hangs(keys: list[str], expecting: Expecting) -> bool:
    """Whether more must follow; numbers go on only where they are an answer."""
    if expecting is Expecting.AUTHORISATION:
        return keys[-1] in _HANGING - UNIT_WORDS - BLOCK_WORDS
    named = expecting in (Expecting.VISITOR_NAME, Expecting.COMPANY)
    return keys[-1] in _HANGING or (not named and _in_a_number(keys))


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


def _in_a_number(keys: list[str]) -> bool:
    """In the middle of a number said digit by digit ("cinco zero"), or after the hundreds."""
    if keys[-1] in HUNDREDS:
        return True
    spoken = 0
    while spoken < len(keys) and keys[-1 - spoken] in DIGITS:
        spoken += 1
    after_whole = spoken < len(keys) and (
        is_number(keys[-1 - spoken]) or keys[-1 - spoken] in (*BLOCK_WORDS, "e")
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
