"""Yes, no, and neither: what counts as an authorisation, and what only sounds like one.

A yes must be clear. "sim não", "pode não", "acho que sim" and "pode subir quem" are no answer, and
are asked about again. A negation governs the verbs that follow it: "não pode deixar subir" is a no.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz.distance import Levenshtein

from conversation.understanding import Answer, Expecting


@dataclass(frozen=True, slots=True)
class AnswerWords:
    """A language's ways of saying yes and no, folded."""

    harmless: re.Pattern[str]
    """Negations that deny nothing, unless another one stands beside them."""
    unsure: re.Pattern[str]
    """What makes any answer conditional, later or doubtful, or turns it into something else."""
    permission: re.Pattern[str]
    """Words that let somebody in, wherever they stand in a turn."""
    order: re.Pattern[str]
    """Bare orders: a yes only where nothing else is said."""
    assents: re.Pattern[str]
    """Words of assent: a yes only where nothing but ``assent`` and ``courtesy`` is beside them."""
    assent: frozenset[str]
    courtesy: frozenset[str]
    permitting: frozenset[str]
    """Verbs before which a negation may have been misheard."""
    yes_itself: re.Pattern[str]
    """Yes as nothing has it that is left of a no, or of a doubt, whose beginning was lost."""
    simple_yes: re.Pattern[str]
    """Yes to a question of fact, not enough to open a door."""
    negation: re.Pattern[str]
    clear_no: re.Pattern[str]
    governed: re.Pattern[str]
    """A negation with the verb that it denies and what hangs on it."""
    postposed: re.Pattern[str]
    """A no that comes last: "deixa não"."""
    not_now: re.Pattern[str]
    """A no for now is a no, where nothing else is said."""
    wrong: re.Pattern[str]
    not_word: str
    """The negation that may be misheard by a letter."""
    like_not: frozenset[str]
    """What recognisers make of a negation without its beginning: "alô pode subir"."""
    i_think: str
    """What makes an answer a belief, which is enough of one to a question of fact."""
    of_course_that: str
    """Said before a no: "claro que não"."""


def find_answer(said: AnswerWords, text: str, expecting: Expecting, *, asks: bool) -> Answer | None:
    """A clear yes or no in folded ``text``, else None.

    ``asks`` says that the text also asks something back: then it is no yes yet.
    """
    text = _clear_idioms(said, text)
    if said.not_now.fullmatch(text):
        return Answer.NO
    if said.unsure.search(text) and not (_is_fact(expecting) and text.startswith(said.i_think)):
        return None
    if said.negation.search(text) or said.clear_no.search(text):
        return _negative(said, text)
    if _is_fact(expecting) and said.wrong.search(text):
        return Answer.NO
    if asks or _maybe_not(said, text):
        return None
    return Answer.YES if _is_yes(said, text, expecting) else None


def _clear_idioms(said: AnswerWords, text: str) -> str:
    """Drop negations that deny nothing, unless another "não" makes them doubtful."""
    bare = " ".join(said.harmless.sub(" ", text).split())
    return text if said.negation.search(bare) else bare


def _maybe_not(said: AnswerWords, text: str) -> bool:
    """Whether a "não" may have been misheard before what would be a yes: "nã pode subir", or "o
    autorizo", where a line lost its beginning."""
    spoken = text.split()
    return any(
        verb in said.permitting and (word in said.like_not or _resembles_not(said, word))
        for word, verb in pairwise(spoken)
    )


def _resembles_not(said: AnswerWords, word: str) -> bool:
    if word in said.courtesy:
        return False
    near = Levenshtein.distance(word, said.not_word, score_cutoff=1) <= 1
    return near or said.not_word.endswith(word)


def _is_fact(expecting: Expecting) -> bool:
    return expecting is not Expecting.AUTHORISATION


def _is_yes(said: AnswerWords, text: str, expecting: Expecting) -> bool:
    if _lets_in(said, text):
        return True
    if expecting is not Expecting.YES_NO:
        return False
    return said.simple_yes.search(text) is not None or said.assents.search(text) is not None


def _lets_in(said: AnswerWords, text: str) -> bool:
    """A clear permission, order or assent."""
    if said.permission.search(text) or said.order.fullmatch(text):
        return True
    spoken = text.split()
    plain = all(word in said.assent or word in said.courtesy for word in spoken)
    return plain and said.assents.search(text) is not None


def _negative(said: AnswerWords, text: str) -> Answer | None:
    """No, unless something around it says yes: "sim não", "não sim pode"."""
    rest, denied = said.governed.subn(" ", text)
    rest, postposed = said.postposed.subn(" ", rest)
    rest = " ".join(rest.split()).removeprefix(said.of_course_that)
    positive = " ".join(said.negation.sub(" ", rest).split())
    if (
        said.permission.search(positive)
        or said.order.fullmatch(positive)
        or said.assents.search(positive)
    ):
        return None
    return Answer.NO if denied or postposed or said.clear_no.search(rest) else None
