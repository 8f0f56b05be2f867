"""The directory's words, as the decoder sees them: likelier than the grammar alone would have."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from typing import Final

from stt.builtin.alphabet import spell
from stt.builtin.language import UNSEEN, Spelling, add_spelling

_SHARE: Final = 0.3
"""Part of all words that are the directory's, by assumption; shared evenly among them."""
_INSIDE: Final = math.log(0.5)
"""Log probability of a phrase's next word after the one before it."""


class Bias:
    """Phrases as a spelling trie and as pairs of words."""

    def __init__(self, phrases: Iterable[str]) -> None:
        spelt = [spell(phrase).split() for phrase in phrases]
        words = {word for phrase in spelt for word in phrase}
        self.alone: Final = math.log(_SHARE / len(words)) if words else UNSEEN
        self.root = Spelling()
        for word in words:
            add_spelling(self.root, word, self.alone)
        self.pairs = {pair for phrase in spelt for pair in pairwise(phrase)}

    def score(self, word: str, before: str) -> float:
        """Log probability of ``word``, one of the phrases', after ``before``."""
        return _INSIDE if (before, word) in self.pairs else self.alone


@lru_cache(maxsize=256)
def bias_of(phrases: tuple[str, ...]) -> Bias:
    """The bias for a directory's phrases; kept, since all its calls bring the same."""
    return Bias(phrases)
