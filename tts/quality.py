"""What is wrong with a take: engines that sample now and then babble, clip, or stop too soon.

Nothing here knows an engine. Bounds are wide: a good take that is thrown away costs another one,
and espeak-ng's, Piper's and people's speech is well within them.
"""

import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import numpy as np
from rapidfuzz.distance import Levenshtein

from tts.engine import Voice
from tts.shaping import Samples, frame_powers, speech_rms_dbfs

CHARACTERS_PER_S: Final = {"zh": (1.5, 9.0), "ja": (2.5, 14.0), "ko": (2.0, 11.0)}
USUAL_CHARACTERS_PER_S: Final = (6.0, 27.0)
"""Letters and digits, pauses included. espeak-ng says 12 to 15 of Portuguese in a second, hurried
people 20."""
SPARE_S: Final = (0.25, 1.2)
"""By how much a text may be shorter and longer than that: single words are said slowly."""
FAINTEST_DBFS: Final = -36.0
LEAST_CREST_DB: Final = 5.0
"""Peaks over the level of speech: voices have 11 and more, a clipped one or a howl next to none."""
LONGEST_PAUSE_S: Final = 1.0
MOST_WORD_ERRORS: Final = 0.5
MOST_LETTER_ERRORS: Final = 0.35
"""Shares, of which both must be passed: a name is written in many ways, a babble in none."""
_PAUSE_BELOW_DB: Final = -35.0


class Fault(StrEnum):
    """Why a take is not kept."""

    SHORT = "short"
    LONG = "long"
    FAINT = "faint"
    CLIPPED = "clipped"
    PAUSE = "pause"
    WORDS = "words"


def fault_in(audio: bytes, text: str, voice: Voice) -> Fault | None:
    """What can be told from the sound alone; ``audio`` is slin at the voice's rate."""
    samples = np.frombuffer(audio, "<i2").astype(np.int16)
    powers = frame_powers(samples, voice.rate_hz)
    level = speech_rms_dbfs(samples, voice.rate_hz)
    if level < FAINTEST_DBFS:
        return Fault.FAINT
    if fault := _of_length(len(audio) / voice.bytes_per_ms / 1000, text, voice):
        return fault
    if _crest_db(samples, level) < LEAST_CREST_DB:
        return Fault.CLIPPED
    silent = powers < 10 ** ((level + _PAUSE_BELOW_DB) / 10) * 32768**2
    return Fault.PAUSE if _longest_run(silent) / 100 > LONGEST_PAUSE_S / voice.pace else None


def says(text: str, heard: str) -> bool:
    """Whether what a recogniser heard may be ``text``, both written out in words."""
    said, told = _words(text), _words(heard)
    if not said:
        return True
    words = Levenshtein.distance(said, told) / len(said)
    letters = Levenshtein.distance("".join(said), "".join(told)) / len("".join(said))
    return words <= MOST_WORD_ERRORS or letters <= MOST_LETTER_ERRORS


def _of_length(length_s: float, text: str, voice: Voice) -> Fault | None:
    language = voice.language.partition("-")[0].lower()
    slowest, fastest = CHARACTERS_PER_S.get(language, USUAL_CHARACTERS_PER_S)
    count = sum(each.isalnum() for each in text)
    less_s, more_s = SPARE_S
    if length_s * voice.pace < count / fastest - less_s:
        return Fault.SHORT
    return Fault.LONG if length_s * voice.pace > count / slowest + more_s else None


def _crest_db(samples: Samples, level_dbfs: float) -> float:
    peak = max(int(np.abs(samples.astype(np.int32)).max()), 1)
    return float(20 * np.log10(peak / 32768)) - level_dbfs


def _longest_run(flags: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return int((edges[1::2] - edges[::2]).max(initial=0))


def _words(text: str) -> Sequence[str]:
    plain = unicodedata.normalize("NFD", text.lower())
    kept = "".join(each for each in plain if not unicodedata.combining(each))
    return "".join(each if each.isalnum() else " " for each in kept).split()
