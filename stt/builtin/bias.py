"""The directory's words, as the decoder sees them: likelier than the grammar alone would have."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from typing import Final

from stt.builtin.alphabet import CLASS_OF, CLASSES, spell
from stt.builtin.language import UNSEEN, Spelling, add_spelling

_SHARE: Final = 4.0
"""How often the directory's words come, all together, against one word in all: more than always,
since a name that is missed costs more than a name that is heard where there was none."""
_INSIDE: Final = 0.0
"""Log probability of a phrase's next word after the one before it."""
_MOST_VARIANTS: Final = 24

# Letters that names are written with and that nobody hears: the network writes the plainer form.
_HEARD_AS: Final = (
    ("th", "t"), ("ph", "f"), ("sh", "ch"), ("h", ""), ("w", "v"), ("y", "i"), ("ss", "s"),
    ("sc", "c"), ("ll", "l"), ("nn", "n"), ("tt", "t"), ("ff", "f"), ("pp", "p"), ("mm", "m"),
    ("zz", "z"), ("cc", "c"), ("ck", "k"), ("z", "s"), ("k", "c"), ("w", "u"), ("ce", "se"),
    ("ci", "si"), ("ge", "je"), ("gi", "ji"),
)  # fmt: skip
_HEARD_AT_THE_END_AS: Final = (
    ("m", "n"), ("es", "ez"), ("ei", "e"), ("ou", "o"), ("i", "e"), ("u", "o"), ("l", "u"),
)  # fmt: skip
_DIGRAPHS: Final = ("lh", "nh", "ch")

_PLAIN: Final = str.maketrans("áàâãéêíóôõúüç", "aaaaeeiooouuc")
PLAIN_CLASS: Final = tuple(
    {CLASS_OF[c]: CLASS_OF[c.translate(_PLAIN)] for c in CLASS_OF}.get(i, i) for i in range(CLASSES)
)
"""For each class, that of the letter without its accent: directories are often typed without."""


def heard_as(word: str) -> set[str]:
    """Spellings, without accents, in which the network may write a directory's ``word``.

    ``hugo`` is heard as ``ugo``, ``wagner`` as ``vagner``, ``thiago`` as ``tiago``.
    """
    forms = {word.translate(_PLAIN)}
    for written, plain in _HEARD_AS:
        for form in sorted(forms):
            if written in form and not (written == "h" and any(d in form for d in _DIGRAPHS)):
                forms.add(form.replace(written, plain))
        if len(forms) >= _MOST_VARIANTS:
            break
    for written, plain in _HEARD_AT_THE_END_AS:
        for form in sorted(forms):
            if form.endswith(written) and len(form) > len(written) + 1:
                forms.add(form.removesuffix(written) + plain)
    return {form for form in forms if form}


class Bias:
    """Phrases as a spelling trie, without accents, and as pairs of words."""

    def __init__(self, phrases: Iterable[str]) -> None:
        spelt = [spell(phrase).split() for phrase in phrases]
        words = {word for phrase in spelt for word in phrase}
        self.alone: Final = min(0.0, math.log(_SHARE / len(words))) if words else UNSEEN
        self.root = Spelling()
        for word in sorted(words):
            for form in heard_as(word) - {word.translate(_PLAIN)}:
                add_spelling(self.root, form, self.alone, written=word)
        for word in sorted(words):  # last, so that a word's own spelling is its own
            add_spelling(self.root, word.translate(_PLAIN), self.alone, written=word)
        self.pairs = {pair for phrase in spelt for pair in pairwise(phrase)}

    def score(self, word: str, before: str) -> float:
        """Log probability of ``word``, one of the phrases', after ``before``."""
        return _INSIDE if (before, word) in self.pairs else self.alone


@lru_cache(maxsize=256)
def bias_of(phrases: tuple[str, ...]) -> Bias:
    """The bias for a directory's phrases; kept, since all its calls bring the same."""
    return Bias(phrases)
