"""What Whisper makes up where nobody spoke, and how far to believe the rest.

Whisper was trained on subtitles and always has something to say: credits over silence, a phrase
repeated over music. The limits on probabilities and repetition are those of OpenAI's own
``whisper/transcribe.py``; the rest is arithmetic about what can be said in a given time.
"""

import math
import re
from dataclasses import dataclass

NO_SPEECH = 0.6
LEAST_LOG_PROBABILITY = -1.0
MOST_REPETITIVE = 2.4
"""``no_speech_threshold``, ``logprob_threshold`` and ``compression_ratio_threshold`` there."""

_WORDS_PER_SECOND = 8
"""Nobody speaks twice as fast as a fast talker (4-5); invented text often outruns its audio."""
_WORDS_AT_ONCE = 3
_CREDITS = re.compile(
    r"amara org|legendas? (pela|por|em)|inscreva se no canal|obrigad[oa] por assistir"
    r"|thanks for watching|subtitles by|subscribe to"
)
"""Subtitle credits that Whisper is known to write over silence, as plain words."""
_WORD = re.compile(r"\w+(?:['’-]\w+)*")


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


def plain_words(text: str) -> str:
    """``text`` in lower case without punctuation; numbers stay the digits that Whisper writes."""
    return " ".join(_WORD.findall(text.lower()))


def belief(heard: Heard, duration_s: float) -> float:
    """How far to believe it, 0..1: the mean probability of a token, 0.0 for what is made up."""
    words = plain_words(heard.text)
    if not words or heard.repetition > MOST_REPETITIVE or _CREDITS.search(words):
        return 0.0
    if len(words.split()) > _WORDS_AT_ONCE + _WORDS_PER_SECOND * duration_s:
        return 0.0
    doubtful = heard.no_speech > NO_SPEECH
    if doubtful and heard.log_probability < LEAST_LOG_PROBABILITY:
        return 0.0
    certainty = math.exp(min(0.0, heard.log_probability))
    return certainty * (1.0 - heard.no_speech) if doubtful else certainty
