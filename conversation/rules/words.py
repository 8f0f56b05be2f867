"""Words of a turn: as heard, folded for comparison, and mended where the recogniser slipped."""

import re
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass

from rapidfuzz import fuzz, process

_FOLD = str.maketrans("áàâãäéèêëíìîïóòôõöúùûüçñ", "aaaaaeeeeiiiiooooouuuucn")
_WORD = re.compile(r"[0-9]+|[^\W\d_]+")
_SHORTEST_MENDED = 4
_SHORTEST_TARGET = 5
"""Letters below which a word has too many neighbours to be mended safely."""
_MENDED_AT = 80.0
"""Similarity (0..100, normalised indel) from which a word counts as misheard: one letter wrong or
missing in five ("torri", "quinhetos")."""
_LENGTHS_APART = 2
"""Letters by which a word may differ from what it is mended into: "elétrica" is no electrician.
Short words, up to ``_SHORT`` letters, may differ by one: "lira" is no "libera"."""
_SHORT = 5


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a turn: ``heard`` with its accents, ``key`` folded and mended."""

    heard: str
    key: str
    mended: bool = False


def fold(text: str) -> str:
    """Lower case without accents: how words are compared."""
    return text.lower().translate(_FOLD)


def words_in(text: str) -> frozenset[str]:
    """The folded words of a list written as running text."""
    return frozenset(fold(text).split())


def phrases_in(*phrases: str) -> tuple[tuple[str, ...], ...]:
    """Phrases as their words, longest first."""
    split = (tuple(phrase.split()) for phrase in phrases)
    return tuple(sorted(split, key=len, reverse=True))


class Vocabulary:
    """The words that rules look for, and those that look like them but are none of them."""

    def __init__(self, keywords: Iterable[str], others: Iterable[str] = ()) -> None:
        """Mend towards ``keywords``; leave ``others`` (names, common words) as they are."""
        keys = frozenset(fold(word) for word in keywords)
        self._known = keys | frozenset(fold(word) for word in others)
        self._own: frozenset[str] = frozenset()
        self._targets = sorted(key for key in keys if len(key) >= _SHORTEST_TARGET)

    def beside(self, own: frozenset[str]) -> "Vocabulary":
        """The same that also leaves ``own`` (folded words) as they are; the rest is shared, so that
        hundreds of directories cost little."""
        copied = copy(self)
        copied._own = own
        return copied

    def knows(self, key: str) -> bool:
        """Whether a folded word is a keyword or one of the words that are left alone."""
        return key in self._known or key in self._own

    def words(self, text: str) -> list[Word]:
        """Split a turn into words; "501b" is two, punctuation is none."""
        return [self._word(heard) for heard in _WORD.findall(text.lower())]

    def _word(self, heard: str) -> Word:
        key = heard.translate(_FOLD)
        if len(key) < _SHORTEST_MENDED or self.knows(key) or key.isdigit():
            return Word(heard, key)
        best = process.extractOne(key, self._targets, scorer=fuzz.ratio, score_cutoff=_MENDED_AT)
        apart = 1 if len(key) <= _SHORT else _LENGTHS_APART
        if best is None or abs(len(best[0]) - len(key)) > apart:
            return Word(heard, key)
        return Word(heard, best[0], mended=True)
