"""Quality profiles: how an engine that samples is to speak, in one place and with the reasons.

Figures are in the terms of XTTS-v2, whose token is 46.4 ms of audio (1024 samples at 22,050 Hz);
its own defaults are temperature 0.75, top_k 50, top_p 0.85, repetition penalty 10. Engines that
sample nothing, such as espeak-ng, only take the speed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

ProfileName: TypeAlias = Literal["fast", "balanced", "expressive"]
DEFAULT_PROFILE: Final[ProfileName] = "balanced"


@dataclass(frozen=True, slots=True)
class QualityProfile:
    """Parameters of a way to speak."""

    temperature: float
    """Higher is livelier, and more often wrong: a doorman must not improvise."""
    top_k: int
    top_p: float
    repetition_penalty: float
    """XTTS repeats syllables without a high one; too high clips long vowels."""
    speed: float
    """A factor on the voice's own speed, beside the operator's."""
    first_chunk_tokens: int
    """Small: the caller waits for it. Below 4 the vocoder has too little to cross-fade."""
    chunk_tokens: int
    """Later chunks: larger ones cost less of the vocoder, and are heard while they are made."""
    longest_sentence: int
    """Characters that are made in one piece; longer sentences are cut at a clause. XTTS loses
    words beyond 203 characters of Portuguese."""


PROFILES: Final[Mapping[ProfileName, QualityProfile]] = {
    # the least between a question and its answer: safe sampling, so that few takes are bad
    "fast": QualityProfile(0.60, 30, 0.80, 10.0, 1.05, 6, 24, 120),
    # a little calmer than XTTS's own defaults
    "balanced": QualityProfile(0.70, 50, 0.85, 10.0, 1.0, 8, 30, 180),
    # announcements that are made ahead: the first chunk matters less than the melody
    "expressive": QualityProfile(0.85, 80, 0.92, 6.0, 0.97, 20, 40, 200),
}
"""The profiles that operators choose among; ``engines.tts.profiles`` changes their parameters."""
