"""How well a name as somebody says it fits a resident's: 0 to 100."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

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
    """Compares names as said with names as written."""

    def __init__(self) -> None:
        self._short: Mapping[str, Sequence[str]] = short_forms()

    def score(self, said: SpokenName, written: SpokenName) -> float:
        """Mean over the words said of the best that each finds in the written name."""
        if not said.words or not written.words:
            return 0.0
        found = [self._best(said, at, written) for at in range(len(said.words))]
        mean = sum(score for score, _ in found) / len(found)
        return mean if any(place == 0 for _, place in found) else mean * _SURNAME_ALONE

    def _best(self, said: SpokenName, at: int, written: SpokenName) -> tuple[float, int]:
        scores = [
            self._word_score(said.words[at], said.sounds[at], word, sound, first=place == 0)
            for place, (word, sound) in enumerate(zip(written.words, written.sounds, strict=True))
        ]
        best = max(scores)
        return best, scores.index(best)

    def _word_score(
        self, word: str, sound: str, other: str, other_sound: str, *, first: bool
    ) -> float:
        if word == other:
            return SAME
        if sound == other_sound:
            return SAME_SOUND
        if first and other in self._short.get(word, ()):
            return SHORT_FORM
        if first and _is_diminutive(word, other):
            return _DIMINUTIVE
        score = max(fuzz.ratio(word, other), fuzz.ratio(sound, other_sound) - 3.0)
        return min(score, _SPELLING_AT_MOST) if score >= _WORTH_COMPARING else 0.0


def _is_diminutive(word: str, name: str) -> bool:
    """ "paulinho" for Paulo, "aninha" for Ana, "carlão" for Carlos."""
    for ending in ("zinho", "zinha", "inho", "inha", "ao", "ito", "ita"):
        stem = word.removesuffix(ending)
        if (
            stem != word
            and len(stem) >= 2
            and name.startswith(stem[:-1] if stem[-1] == "u" else stem)
        ):
            return True
    return False
