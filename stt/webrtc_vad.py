"""WebRTC's classic detector behind an energy gate: the fallback that needs no model.

Alone it takes any noise for speech: at 10 dB of noise mode 3 was wrong on 36-94 % of the silent
frames and the milder modes on nearly all of them (measured over G.711 with espeak-ng speech; see
``bench/vad.py``). The gate asks for more power than the line's background as well.
"""

import webrtcvad

from stt.noise import NoiseFloor, decibels, mean_square
from stt.vad import FRAME_MS, RATE_HZ, Samples

STRICTEST = 3
"""The mode with the fewest false alarms; it still hits 97-100 % of espeak-ng's speech frames."""

_ABOVE_NOISE = decibels(5)
"""Twice the swing of a 20 ms frame of steady telephone-band noise (about 2 dB), and less than what
speech at 5 dB adds to its noise most of the time."""


_CERTAIN_FRAMES = 3
"""Frames in a row before a sound is believed to be speech (60 ms): clicks and taps are shorter."""

_DOUBT_FRAMES = 10
"""Silent frames (200 ms) after which the next sound has to convince again."""


class WebRtcVoiceActivity:
    """One line's detector: about 3 us a frame."""

    def __init__(self, mode: int = STRICTEST) -> None:
        self._mode = mode
        self._start_over()

    def _start_over(self) -> None:
        self._vad = webrtcvad.Vad(self._mode)
        self._floor = NoiseFloor()
        self._run = self._quiet = 0
        self._certain = False

    def process(self, frame: Samples) -> bool:
        """See :meth:`stt.vad.VoiceActivity.process`."""
        power = mean_square(frame)
        above = self._floor.known and power > self._floor.power * _ABOVE_NOISE
        speech = above and bool(self._vad.is_speech(frame.tobytes(), RATE_HZ))
        (self._floor.creep if speech else self._floor.follow)(power)
        return self._convinces() if speech else self._doubts()

    def _convinces(self) -> bool:
        self._quiet = 0
        self._run += 1
        self._certain = self._certain or self._run >= _CERTAIN_FRAMES
        return self._certain

    def _doubts(self) -> bool:
        self._run = 0
        self._quiet += 1
        self._certain = self._certain and self._quiet < _DOUBT_FRAMES
        return False

    def gap(self, duration_ms: int) -> None:
        """See :meth:`stt.vad.VoiceActivity.gap`."""
        self._run = 0
        self._quiet += duration_ms // FRAME_MS

    def reset(self) -> None:
        """See :meth:`stt.vad.VoiceActivity.reset`."""
        self._start_over()
