"""Number words that were misheard, mended where a number is due: "apartamento cinco zer um"."""

from collections.abc import Sequence
from dataclasses import replace

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from conversation.rules.pt_br.common_words import GIVEN_NAMES, NEVER_NAMES, PARTICLES
from conversation.rules.pt_br.numbers import HUNDREDS, NUMBER_WORDS, TENS, is_number
from conversation.rules.words import Word, fold

_CHOICES = sorted(NUMBER_WORDS - {"uma", "duas"})
_LONG = 6
"""Letters from which a number word may have two of them wrong."""
_SOUNDS_LIKE_A_VERB = frozenset({"sei"})
"""A common word that is a number when it stands between numbers: "cinco sei um"."""


def mend_numbers(words: Sequence[Word], anchors: frozenset[str]) -> list[Word]:
    """Mend what stands after a number or after one of the ``anchors`` ("apartamento", "bloco")."""
    mended = list(words)
    for at in range(1, len(mended)):
        before = mended[at - 1].key
        after_number = is_number(before) or (before == "e" and at > 1 and _opens(mended[at - 2]))
        if after_number or before in anchors:
            mended[at] = _mend(mended, at, between=after_number)
    return mended


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
