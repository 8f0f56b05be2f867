"""Number words that were misheard, mended where a number is due: "apartamento cinco zer um"."""

from collections.abc import Sequence
from dataclasses import replace

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from conversation.rules.pt_br.common_words import GIVEN_NAMES, NEVER_NAMES, PARTICLES
from conversation.rules.pt_br.numbers import HUNDREDS, NUMBER_WORDS, TENS, is_number
from conversation.rules.words import Word, fold, words_in

_CHOICES = sorted(NUMBER_WORDS - {"uma", "duas"})
_LONG = 6
"""Letters from which a number word may have two of them wrong."""
LOOK_ALIKES = words_in("censo centro tento tinta tintas vento quadro quadros conto contos")
"""Common words one letter away from a number: "entrega de tinta" is for no apartment 30, but
"tinta e dois" is 32."""
_SOUNDS_LIKE_A_VERB = frozenset({"sei"})
"""A common word that is a number when it stands between numbers: "cinco sei um"."""


def mend_numbers(words: Sequence[Word], anchors: frozenset[str]) -> list[Word]:
    """Mend what stands after a number or after one of the ``anchors`` ("apartamento", "bloco")."""
    mended = list(words)
    for at in range(len(mended)):
        before = mended[at - 1].key if at else ""
        after_number = is_number(before) or (before == "e" and at > 1 and _opens(mended[at - 2]))
        after_number = after_number and not _after_article(mended, at, anchors)
        if after_number or before in anchors or _begins_a_number(mended, at):
            mended[at] = _mend(mended, at, between=after_number)
    return mended


def _after_article(words: Sequence[Word], at: int, anchors: frozenset[str]) -> bool:
    """Whether the "um" before a word is no number: "trouxe um doce" is for no apartment 112."""
    if words[at - 1].key not in ("um", "uma"):
        return False
    earlier = words[at - 2].key if at > 1 else ""
    counts = is_number(earlier) or earlier == "e" or earlier in anchors
    return not counts and not (at + 1 < len(words) and _may_be_number(words[at + 1]))


def _begins_a_number(words: Sequence[Word], at: int) -> bool:
    """Whether a look-alike is followed by the rest of a number: "tinta e dois"."""
    following = at + 1 + (words[at + 1].key == "e" if at + 1 < len(words) else 0)
    look_alike = fold(words[at].heard) in LOOK_ALIKES
    return look_alike and following < len(words) and is_number(words[following].key)


def _opens(word: Word) -> bool:
    return word.key in HUNDREDS or word.key in TENS or word.key == "mil"


def _may_be_number(word: Word) -> bool:
    key = fold(word.heard)
    return is_number(word.key) or (
        len(key) > 2 and key not in NEVER_NAMES | PARTICLES and _nearest(key) is not None
    )


def _mend(words: Sequence[Word], at: int, *, between: bool) -> Word:
    word = words[at]
    key = fold(word.heard)
    follows = at + 1 < len(words) and _may_be_number(words[at + 1])
    if len(key) == 1 and between and follows and _opens(words[at - 1]):
        return replace(word, key="e", mended=key != "e")
    if key in NUMBER_WORDS or key in GIVEN_NAMES or len(key) < (2 if between or follows else 3):
        return word
    if key in NEVER_NAMES | PARTICLES and not (between and key in _SOUNDS_LIKE_A_VERB):
        return word
    number = _nearest(key)
    return replace(word, key=number, mended=True) if number else word


def _nearest(key: str) -> str | None:
    allowed = 2 if len(key) >= _LONG else 1
    near = process.extract(key, _CHOICES, scorer=Levenshtein.distance, score_cutoff=allowed)
    return (
        min(near, key=lambda match: (match[1], abs(len(match[0]) - len(key))))[0] if near else None
    )
