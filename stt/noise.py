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

    It follows what is surely background within half a second. A sound that may be speech raises
    it by 30 dB a second at most, so that a word is not its own background, and rain that begins
    is taken for what it is within a second. While somebody speaks it creeps upwards by 1.5 dB a
    second, so that nothing is speech for ever. What is plainly quieter lowers it at any time.
    """

    _FOLLOW = FRAME_MS / 400
    _DOUBT = decibels(30 * FRAME_MS / 1000)
    _CREEP = decibels(1.5 * FRAME_MS / 1000)
    _PLAINLY = decibels(-10)
    """Less would follow the dips of a noise, and take its crests for speech."""
    _CLICK = decibels(10)
    """A single loud frame (a click, a dialled digit's edge) counts as no more than this."""

    def __init__(self) -> None:
        self.power = QUIETEST_POWER
        self.known = False
        """Whether anything has been heard: people do not speak in a call's very first 20 ms."""

    def follow(self, power: float) -> None:
        """Take the mean square of a frame of background."""
        if not self.known:
            self.known = True
            self.power = power
        self._move(min(power, self.power * self._CLICK))

    def doubt(self, power: float) -> None:
        """Take the mean square of a frame that may or may not be speech."""
        self._rise(power, self._DOUBT)

    def creep(self, power: float) -> None:
        """Take the mean square of a frame of speech."""
        self._rise(power, self._CREEP)

    def _rise(self, power: float, factor: float) -> None:
        if power < self.power * self._PLAINLY:
            self._move(power)
        else:
            self.power = max(self.power, min(self.power * factor, power))

    def _move(self, towards: float) -> None:
        moved = self.power + self._FOLLOW * (towards - self.power)
        self.power = max(moved, QUIETEST_POWER)
