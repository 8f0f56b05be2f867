"""How well a name as somebody says it fits each resident's: 0 to 100."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz, process

from conversation.directory.nicknames import short_forms
from conversation.directory.phonetics import sound_of
from conversation.rules.words import fold, words_in

_TITLES = words_in(
    """seu sr senhor dona sra senhora doutor doutora dr dra dom professor professora tia tio
    familia"""
)
_PARTICLES = words_in("da de do das dos e o a")

SAME, SAME_SOUND, SHORT_FORM = 100.0, 96.0, 94.0
_DIMINUTIVE = 90.0
_WORTH_COMPARING = 70.0
"""Below this a spelling says nothing: "carlos" and "marcos" are 67."""
_DIMINUTIVES = ("zinho", "zinha", "inho", "inha", "ao", "ito", "ita")
_SPELLING_AT_MOST = 88.0
"""Likeness of letters alone is never sure: "daniela" is not Daniel, "mariana" is not Marina."""
_SURNAME_ALONE = 0.97
"""Scales a match that leaves the given name out ("seu macedo"), to put given names first."""


@dataclass(frozen=True, slots=True)
class SpokenName:
    """A name cut to what tells people apart: folded words without titles and particles."""

    words: tuple[str, ...]
    sounds: tuple[str, ...]

    @classmethod
    def of(cls, name: str) -> "SpokenName":
        """Cut a name as said or as written."""
        words = fold(name).replace(".", " ").replace("-", " ").split()
        kept = tuple(word for word in words if word not in _TITLES | _PARTICLES)
        return cls(kept, tuple(sound_of(word) for word in kept))


class NameMatcher:
    """Compares names as said with all names of a directory at once."""

    def __init__(self, written: Sequence[SpokenName]) -> None:
        self._short: Mapping[str, frozenset[str]] = short_forms()
        words = {
            word: sound
            for name in written
            for word, sound in zip(name.words, name.sounds, strict=True)
        }
        self._words = tuple(words)
        self._sounds = tuple(words.values())
        place = {word: at for at, word in enumerate(self._words)}
        self._written = [tuple(place[word] for word in name.words) for name in written]

    def scores(self, said: SpokenName) -> list[float]:
        """For each written name: the mean over the words said of the best that each finds in it."""
        if not said.words:
            return [0.0] * len(self._written)
        given, other = self._tables(said)
        return [self._score(places, given, other) for places in self._written]

    def _score(
        self,
        places: Sequence[int],
        given: Sequence[Sequence[float]],
        other: Sequence[Sequence[float]],
    ) -> float:
        """Sum up one written name; ``given`` holds the scores against given names, ``other``
        against further words, each by word said and by word written."""
        if not places:
            return 0.0
        total, names_it = 0.0, False
        for as_given, as_other in zip(given, other, strict=True):
            first = as_given[places[0]]
            rest = max((as_other[place] for place in places[1:]), default=0.0)
            total += max(first, rest)
            names_it = names_it or first >= max(rest, 1.0)
        mean = total / len(given)
        return mean if names_it else mean * _SURNAME_ALONE

    def _tables(self, said: SpokenName) -> tuple[list[list[float]], list[list[float]]]:
        spelt = process.cdist(said.words, self._words, scorer=fuzz.ratio)
        sounded = process.cdist(said.sounds, self._sounds, scorer=fuzz.ratio) - 3.0
        alike = np.minimum(np.maximum(spelt, sounded), _SPELLING_AT_MOST)
        alike[alike < _WORTH_COMPARING] = 0.0
        other = [
            self._same(row.tolist(), word, sound)
            for row, word, sound in zip(alike, said.words, said.sounds, strict=True)
        ]
        given = [self._as_given(row, word) for row, word in zip(other, said.words, strict=True)]
        return given, other

    def _same(self, scores: list[float], word: str, sound: str) -> list[float]:
        for at, (written, its_sound) in enumerate(zip(self._words, self._sounds, strict=True)):
            if written == word:
                scores[at] = SAME
            elif its_sound == sound:
                scores[at] = SAME_SOUND
        return scores

    def _as_given(self, scores: Sequence[float], word: str) -> list[float]:
        """Given names answer to short forms and diminutives too."""
        found = list(scores)
        full = self._short.get(word, frozenset())
        diminutive = word.endswith(_DIMINUTIVES)
        if full or diminutive:
            for at, (written, its_sound) in enumerate(zip(self._words, self._sounds, strict=True)):
                if its_sound in full:
                    found[at] = max(found[at], SHORT_FORM)
                elif diminutive and _is_diminutive(word, written):
                    found[at] = max(found[at], _DIMINUTIVE)
        return found


def _is_diminutive(word: str, name: str) -> bool:
    """ "paulinho" for Paulo, "aninha" for Ana, "carlão" for Carlos."""
    for ending in _DIMINUTIVES:
        stem = word.removesuffix(ending)
        if (
            stem != word
            and len(stem) >= 2
            and name.startswith(stem[:-1] if stem[-1] == "u" else stem)
        ):
            return True
    return False
