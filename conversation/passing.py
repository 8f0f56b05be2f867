"""One direction of a joined talk: what a party says, into the other one's playback."""

from audiosocket import slin
from audiosocket.live import LiveAudio
from audiosocket.playback import Playback
from audiosocket.resampling import Resampler
from audiosocket.slin import Samples


class Passing:
    """Passes frames on until :meth:`end`; nothing in it waits, and a frame costs a copy."""

    def __init__(self, playback: Playback) -> None:
        self._playback = playback
        self._live = playback.live = LiveAudio(playback.rate_hz)
        self._resampler: Resampler | None = None

    def push(self, samples: Samples, rate_hz: int) -> None:
        """Take the next samples of the line, int16 mono."""
        if rate_hz != self._playback.rate_hz:
            if self._resampler is None or self._resampler.in_hz != rate_hz:
                self._resampler = Resampler(rate_hz, self._playback.rate_hz)
            samples = self._resampler.process(samples)
        self._live.push(slin.to_bytes(samples))

    def end(self) -> None:
        """The other party hears nothing of it any longer; idempotent."""
        if self._playback.live is self._live:
            self._playback.live = None
