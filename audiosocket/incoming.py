"""Audio on its way from the wire to a listener: in time, at one rate, with the gaps told."""

from collections.abc import Sequence

from audiosocket import slin
from audiosocket.frames import RATE_HZ, Frame
from audiosocket.listener import Listener
from audiosocket.resampling import Resampler
from audiosocket.tap import Tap
from audiosocket.timeline import Timeline


class IncomingAudio:
    """Hands the audio of one call to its listener and keeps the listener's time with the clock's.

    ``stale_frames`` counts what came too late and was dropped. ``taps`` get what is delivered, as
    it came.
    """

    __slots__ = ("_listen_hz", "_listener", "_resampler", "_timeline", "stale_frames", "taps")

    def __init__(self, listener: Listener, now: float, *, stale_s: float, listen_hz: int) -> None:
        self.stale_frames = 0
        self.taps: tuple[Tap, ...] = ()
        self._listener = listener
        self._listen_hz = listen_hz
        self._timeline = Timeline(now, stale_s=stale_s)
        self._resampler: Resampler | None = None

    def take_one(self, frame: Frame, now: float) -> bool:
        """The hot path: a single audio frame that came in time. False, with nothing done, for
        any other."""
        kind, payload = frame
        rate_hz = RATE_HZ.get(kind)
        if not rate_hz or not self._timeline.admit_one((len(payload) >> 1) / rate_hz, now):
            return False
        for tap in self.taps:
            tap.audio_heard(payload, rate_hz, now)
        if rate_hz == self._listen_hz and len(payload) > 1:
            self._listener.audio_received(slin.from_bytes(payload), rate_hz)
        else:
            self._deliver(payload, rate_hz)
        return True

    def take(self, frames: Sequence[Frame], now: float) -> None:
        """Audio frames that arrived together: what is stale is dropped and told as a gap."""
        if not frames:
            return
        durations_s = [(len(frame.payload) >> 1) / RATE_HZ[frame.kind] for frame in frames]
        admission = self._timeline.admit(durations_s, now)
        self.stale_frames += admission.drop
        if admission.gap_s:
            self._listener.audio_gap(round(admission.gap_s * 1000))
        for frame in frames[admission.drop :]:
            for tap in self.taps:
                tap.audio_heard(frame.payload, RATE_HZ[frame.kind], now)
            self._deliver(frame.payload, RATE_HZ[frame.kind])

    def tick(self, now: float) -> None:
        """Tell the listener of time that passed without audio; call it at every punctual tick
        before which no frame came."""
        missing_s = self._timeline.missing_s(now)
        if missing_s:
            self._listener.audio_gap(round(missing_s * 1000))

    def _deliver(self, payload: bytes, rate_hz: int) -> None:
        samples = slin.from_bytes(payload)
        listen_hz = self._listen_hz
        if rate_hz != listen_hz:
            if self._resampler is None or self._resampler.in_hz != rate_hz:
                self._resampler = Resampler(rate_hz, listen_hz)
            samples, rate_hz = self._resampler.process(samples), listen_hz
        if samples.size:
            self._listener.audio_received(samples, rate_hz)
