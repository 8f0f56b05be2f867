"""How loud a line is when nobody speaks, tracked frame by frame."""

from stt.vad import FRAME_MS, Samples

QUIETEST_POWER = 16.0**2
"""Below this mean square (of int16; -66 dBFS) a line counts as digitally quiet: G.711's smallest
steps, comfort noise and dither stay under it, speech a listener could follow does not."""


def mean_square(frame: Samples) -> float:
    """The power of ``frame`` in squared int16 steps; 0.0 for a frame of zeros."""
    floats = frame.astype("f4")
    return float(floats.dot(floats)) / len(floats)


def decibels(factor_db: float) -> float:
    """The power ratio that ``factor_db`` stands for."""
    return float(10 ** (factor_db / 10))


class NoiseFloor:
    """The mean power of a line's background.

    It follows the background within about half a second while nobody speaks. While somebody does
    it only creeps upwards, 1.5 dB a second, so that a detector that takes a new noise (a lorry,
    rain) for speech is not fooled for ever.
    """

    _FOLLOW = FRAME_MS / 400
    _CREEP = decibels(1.5 * FRAME_MS / 1000)
    _CLICK = decibels(10)
    """A single loud frame (a click, a dialled digit's edge) counts as no more than this."""

    def __init__(self) -> None:
        self.power = QUIETEST_POWER
        self._heard = False

    def update(self, power: float, speech: bool) -> None:
        """Take the next frame's mean square, and whether it was judged to be speech."""
        if speech:
            self.power = min(self.power * self._CREEP, max(power, self.power))
            return
        if not self._heard:
            self._heard = True
            self.power = max(power, QUIETEST_POWER)
        step = min(power, self.power * self._CLICK) - self.power
        self.power = max(self.power + self._FOLLOW * step, QUIETEST_POWER)
