"""A call as one picture: every direction, who spoke when, the words, the latencies."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Speech:
    """One turn in a lane, in seconds from the start of the call, with its words."""

    start_s: float
    end_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One direction of one leg: 8 kHz int16 from the start of the call, and its turns.

    ``detail`` is the small print under its name.
    """

    name: str
    detail: str
    colour: str
    samples: npt.NDArray[np.int16]
    turns: Sequence[Speech] = ()
    shaded: Sequence[Speech] = ()
    """Stretches without sound that have a meaning: the phone is ringing."""
    voiced: Sequence[tuple[float, float]] = ()
    """Where a voice detector hears speech, in seconds."""


@dataclass(frozen=True, slots=True)
class Latency:
    """A measured stretch, from the end of speech in one lane to an onset in another."""

    start_s: float
    end_s: float
    from_lane: int
    to_lane: int
    label: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment of the call that concerns every lane."""

    at_s: float
    label: str


@dataclass(frozen=True, slots=True)
class Picture:
    """All that is drawn."""

    title: str
    subtitle: str
    duration_s: float
    lanes: Sequence[Lane]
    latencies: Sequence[Latency] = ()
    marks: Sequence[Mark] = ()
