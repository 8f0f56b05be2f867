"""Which of a condominium's words the model is told: its prompt has room for a few dozen of them.

Those that resemble what was heard of the utterance so far come first, so that a name among a
thousand is told by the time that it matters; then the others in their order.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from rapidfuzz import fuzz, process

MOST_CHARACTERS = 400
"""About 150 tokens of the prompt, which has room for 223; every one of them costs time."""
_ALIKE = 70.0
"""Percent: "resende" is "rezende" with 86, "velington" is "wellington" with 84; "entrega" is
"ortega" with 62, and is not meant."""
_LEAST_LETTERS = 4
"""Shorter words resemble too many others ..."""
_MOST_PHRASES = 20
"""... and those that are in more phrases ("apartamento") choose none of them."""
_MOST_ALIKE = 12
"""So many at most come first: the caller says one name, and others keep their places."""


def chosen(phrases: Sequence[str], heard: str, room: int) -> tuple[str, ...]:
    """The phrases to be told in ``room`` characters, separated by commas: all that fit."""
    if sum(len(phrase) + 2 for phrase in phrases) <= room:
        return tuple(phrases)
    return _fitting(dict.fromkeys((*_alike(tuple(phrases), heard), *phrases)), room)


def prompt_of(style: str | None, phrases: Iterable[str]) -> str | None:
    """The operator's words, then the phrases; None if there are neither."""
    return " ".join(part for part in (style, ", ".join(phrases)) if part) or None


def _fitting(phrases: Iterable[str], room: int) -> tuple[str, ...]:
    fitting: list[str] = []
    for phrase in phrases:
        room -= len(phrase) + 2
        if room < 0:
            break
        fitting.append(phrase)
    return tuple(fitting)


def _alike(phrases: tuple[str, ...], heard: str) -> list[str]:
    """Those with words like the heard ones, the likest first."""
    spoken = [word for word in heard.lower().split() if len(word) >= _LEAST_LETTERS]
    words, at = _vocabulary(phrases)
    if not spoken or not words:
        return []
    likeness = process.cdist(spoken, words, scorer=fuzz.ratio, score_cutoff=_ALIKE).max(axis=0)
    scores: Counter[int] = Counter()
    for word in np.flatnonzero(likeness):
        for number in at[word]:
            scores[number] += round(likeness[word])
    best = sorted(scores, key=lambda number: (-scores[number], number))
    return [phrases[number] for number in best[:_MOST_ALIKE]]


@lru_cache(maxsize=64)
def _vocabulary(phrases: tuple[str, ...]) -> tuple[list[str], list[list[int]]]:
    """The phrases' telling words, and in which phrases each is."""
    at: dict[str, list[int]] = {}
    for number, phrase in enumerate(phrases):
        for word in set(phrase.lower().split()):
            if len(word) >= _LEAST_LETTERS:
                at.setdefault(word, []).append(number)
    telling = {word: numbers for word, numbers in at.items() if len(numbers) <= _MOST_PHRASES}
    return list(telling), list(telling.values())
