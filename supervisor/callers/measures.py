"""The wire's figures, from what one side sent and heard, by its own clock."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from supervisor.callers.ears import Sound


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that the person said, in monotonic seconds.

    ``start`` is when its first frame was sent, ``end`` when its last frame with speech was:
    silence after that does not count, and neither does how long that frame sounds.
    """

    text: str
    start: float
    end: float
    interrupting: bool = False


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Of a set of figures in ms. Without any figure there is no :class:`Quantiles`."""

    p50: float
    p95: float
    p99: float
    worst: float
    count: int


def voice_to_voice_ms(said: Said, bursts: Sequence[Sound], before: float) -> float | None:
    """From the end of ``said`` to the first audible frame after it, if there is one ``before``.

    ``bursts`` are the other side's sounds with only the stops inside words bridged.

    None where the other side still spoke over the end of it (a barge-in that had not taken), or
    where no answer came before the person spoke again.
    """
    if any(sound.start <= said.end < sound.end for sound in bursts):
        return None
    answers = [sound.start for sound in bursts if said.end < sound.start < before]
    return (answers[0] - said.end) * 1000 if answers else None


def barge_in_ms(said: Said, sounds: Sequence[Sound]) -> float | None:
    """From the start of an interruption to the end of the speech that it interrupted."""
    over = [sound for sound in sounds if sound.start <= said.start < sound.end]
    return (over[-1].end - said.start) * 1000 if over and said.interrupting else None


def quantiles(values: Sequence[float]) -> Quantiles | None:
    """Median, tail and worst of figures in ms; None if there are none."""
    if not values:
        return None
    p50, p95, p99, worst = np.percentile(values, [50, 95, 99, 100])
    return Quantiles(float(p50), float(p95), float(p99), float(worst), len(values))
