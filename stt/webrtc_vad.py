"""WebRTC's classic detector behind an energy gate: the fallback that needs no model.

Alone it takes any noise for speech: at 10 dB of noise mode 3 was wrong on 36-94 % of the silent
frames and the milder modes on nearly all of them (measured over G.711 with espeak-ng speech; see
``bench/vad.py``). The gate asks for more power than the line's background as well.
"""

import webrtcvad

from stt.noise import NoiseFloor, decibels, mean_square
from stt.vad import RATE_HZ, Samples

STRICTEST = 3
"""The mode with the fewest false alarms; it still hits 97-100 % of espeak-ng's speech frames."""

_ABOVE_NOISE = decibels(5)
"""Twice the swing of a 20 ms frame of steady telephone-band noise (about 2 dB), and less than what
speech at 5 dB adds to its noise most of the time."""


class WebRtcVoiceActivity:
    """One line's detector: about 3 us a frame."""

    def __init__(self, mode: int = STRICTEST) -> None:
        self._mode = mode
        self._vad = webrtcvad.Vad(mode)
        self._floor = NoiseFloor()

    def process(self, frame: Samples) -> bool:
        """See :meth:`stt.vad.VoiceActivity.process`."""
        power = mean_square(frame)
        speech = power > self._floor.power * _ABOVE_NOISE and bool(
            self._vad.is_speech(frame.tobytes(), RATE_HZ)
        )
        self._floor.update(power, speech)
        return speech

    def gap(self, duration_ms: int) -> None:
        """Nothing ages: the classifier looks a few frames back at most."""

    def reset(self) -> None:
        """See :meth:`stt.vad.VoiceActivity.reset`."""
        self._vad = webrtcvad.Vad(self._mode)
        self._floor = NoiseFloor()
