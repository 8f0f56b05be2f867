"""What Whisper makes up where nobody spoke, and how far to believe the rest.

Whisper was trained on subtitles and always has something to say: credits over silence, a phrase
repeated over music, the words of its own prompt. The first three limits are those of OpenAI's
``whisper/transcribe.py``; the rest is arithmetic about what can be said in a given time.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, combinations
from pathlib import Path
from typing import Self

import yaml
from rapidfuzz import fuzz

NO_SPEECH = 0.6
LEAST_LOG_PROBABILITY = -1.0
MOST_REPETITIVE = 2.4
"""``no_speech_threshold``, ``logprob_threshold`` and ``compression_ratio_threshold`` there."""
HOPELESS_LOG_PROBABILITY = -2.0
"""A mean token of 14 %: guesses, whatever else is known."""

PHANTOMS = Path(__file__).with_name("phantoms.yaml")
_WORDS_PER_SECOND = 8
"""Nobody speaks twice as fast as a fast talker (4-5); invented text often outruns its audio."""
_WORDS_AT_ONCE = 3
_MOST_IN_A_ROW = {1: 8, 2: 4, 3: 4, 4: 4}
"""How often so many words may follow themselves: digits of a telephone number come in rows."""
_OWN_WORDS, _OWN_RATIO = 4, 95.0
"""Fewer words than this may well answer us in our own ("bloco B"), and so may a part of a sentence
("apartamento 501"); a whole one, letter for letter but for one in twenty, is an echo."""
_LISTED_HINTS = 3
_SENTENCE_END = re.compile(r"[.!?…]+\s+")
_WORD = re.compile(r"\w+(?:['’-]\w+)*")


class Guard(StrEnum):
    """Why a text is not believed."""

    PHANTOM = "phantom"
    REPETITION = "repetition"
    TOO_FAST = "too_fast"
    NO_SPEECH = "no_speech"
    IMPROBABLE = "improbable"
    OWN_WORDS = "own_words"
    """It is nothing but a sentence of what we said last, or several."""
    HINTS = "hints"
    """It recites the hints that the model was given, in their order."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What Whisper says about a stretch of audio.

    ``log_probability`` is the mean of a token, ``no_speech`` 0..1, ``repetition`` a compression
    ratio (about 1 for short natural sentences).
    """

    text: str
    tokens: int
    log_probability: float
    no_speech: float
    repetition: float


@dataclass(frozen=True, slots=True)
class Told:
    """What the model could have its words from, other than the caller."""

    just_said: str = ""
    hints: tuple[str, ...] = ()


def plain_words(text: str) -> str:
    """``text`` in lower case without punctuation; numbers stay the digits that Whisper writes."""
    return " ".join(_WORD.findall(text.lower()))


def certainty(heard: Heard) -> float:
    """0..1: the geometric mean of the tokens' probabilities, less the doubt that anybody spoke."""
    sure = math.exp(min(0.0, heard.log_probability))
    return sure * (1.0 - heard.no_speech) if heard.no_speech > NO_SPEECH else sure


class Guards:
    """The guards with their phrases; shared by all callers."""

    def __init__(self, anywhere: Sequence[str], alone: Sequence[str]) -> None:
        self._anywhere = re.compile("|".join(rf"\b{re.escape(phrase)}\b" for phrase in anywhere))
        self._alone = frozenset(alone)

    @classmethod
    def load(cls, path: Path = PHANTOMS) -> Self:
        """Read the phrases of all languages (a millisecond or two of disk)."""
        read = yaml.safe_load(path.read_text("utf-8"))
        return cls(*(list(chain(*read[kind].values())) for kind in ("anywhere", "alone")))

    def objection(self, heard: Heard, duration_s: float, told: Told) -> Guard | None:
        """Why not to believe words in ``duration_s`` of audio; None if nothing speaks against
        them. Text without a word is believed: it says nothing."""
        words = plain_words(heard.text).split()
        text = " ".join(words)
        if not words:
            return None
        if self._anywhere.search(text) or text in self._alone:
            return Guard.PHANTOM
        if heard.repetition > MOST_REPETITIVE or _goes_round(words):
            return Guard.REPETITION
        if len(words) > _WORDS_AT_ONCE + _WORDS_PER_SECOND * duration_s:
            return Guard.TOO_FAST
        return _doubt(heard) or _second_hand(words, told)


def _doubt(heard: Heard) -> Guard | None:
    if heard.no_speech > NO_SPEECH and heard.log_probability < LEAST_LOG_PROBABILITY:
        return Guard.NO_SPEECH
    return Guard.IMPROBABLE if heard.log_probability < HOPELESS_LOG_PROBABILITY else None


def _second_hand(words: Sequence[str], told: Told) -> Guard | None:
    text = " ".join(words)
    if len(words) >= _OWN_WORDS and _is_own(text, told.just_said):
        return Guard.OWN_WORDS
    hints = [plain_words(hint) for hint in told.hints]
    for first, hint in enumerate(hints):
        if text == hint or not text.startswith(hint):
            continue
        if _recited(text, hints[first:]) >= _LISTED_HINTS:
            return Guard.HINTS
    return None


def _is_own(text: str, just_said: str) -> bool:
    sentences = [plain_words(sentence) for sentence in _SENTENCE_END.split(just_said)]
    runs = combinations(range(len(sentences) + 1), 2)
    return any(
        fuzz.ratio(text, " ".join(sentences[first:last])) >= _OWN_RATIO for first, last in runs
    )


def _recited(text: str, hints: Sequence[str]) -> int:
    """How many of ``hints``, one after another, make up all of ``text``; 0 if they do not."""
    left = text
    for count, hint in enumerate(hints):
        if not left:
            return count
        if left != hint and not left.startswith(f"{hint} "):
            return 0
        left = left[len(hint) + 1 :]
    return 0 if left else len(hints)


def _goes_round(words: Sequence[str]) -> bool:
    for size, most in _MOST_IN_A_ROW.items():
        same = 0
        for at in range(size, len(words)):
            same = same + 1 if words[at] == words[at - size] else 0
            if same >= size * most:
                return True
    return False
