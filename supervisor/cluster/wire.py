"""What gateways and engine replicas say to each other: plain values, pickled by Ray."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stt.languages import Spoken
from stt.recogniser import Transcript


@dataclass(frozen=True, slots=True)
class Asked:
    """An utterance to be recognised: int16 mono at ``rate_hz``; the rest as in
    :class:`stt.recogniser.Hints`. ``deadline_s`` counts from its arrival at the replica."""

    samples: npt.NDArray[np.int16]
    rate_hz: int
    language: str
    phrases: tuple[str, ...]
    boost: float
    just_said: str
    spoken: tuple[Spoken, ...]
    deadline_s: float


@dataclass(frozen=True, slots=True)
class Answered:
    """A transcript, or why there is none; ``busy`` where another replica may have a place.

    ``heard`` is what a detector made of the utterance's language, where the language was open.
    """

    transcript: Transcript | None
    reason: str = ""
    busy: bool = False
    heard: Spoken | None = None


@dataclass(frozen=True, slots=True)
class Described:
    """An engine that is loaded and warm."""

    name: str
    best_hz: int = 8000
    clones: bool = False
    """Whether it is a :class:`tts.cloning.VoiceCloner`."""
    voices: tuple[str, ...] = ()
    """The names that a :class:`tts.engine.Cast` has."""
    took_s: float = 0.0
    """What a warm engine needed for the sample that it was warmed with."""
