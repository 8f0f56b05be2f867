"""What a person sends into the line: speech when there is some, over the street behind it."""

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np

from audiosocket import slin
from audiosocket.frames import FRAME_MS, TELEPHONE_HZ
from audiosocket.playback import Clip, Playback
from audiosocket.recording import Track
from audiosocket.slin import Samples
from supervisor.callers.measures import Said
from supervisor.callers.street import mix

STREET_AHEAD_S = 120
"""How much street noise is queued at a time; speech takes its place and queues it anew."""

FRAME_SAMPLES = TELEPHONE_HZ * FRAME_MS // 1000


@dataclass(frozen=True, slots=True)
class _Spoken:
    text: str
    clip: Clip
    interrupting: bool


class Microphone:
    """One person's way to a playback, which paces it; remembers what was said, and when.

    ``sent`` is the record of what the playback sent, for exact times; without it a sending side
    that was late is not seen. ``street`` (8 kHz int16, repeated as long as it takes) is under
    everything; None for silence.
    """

    def __init__(
        self, playback: Playback, sent: Track | None = None, *, street: Samples | None = None
    ) -> None:
        self._playback = playback
        self._sent = sent
        self._street = street
        self._spoken: list[_Spoken] = []
        self._queue_street()

    async def say(self, text: str, samples: Samples, *, interrupting: bool = False) -> None:
        """Send ``samples`` (8 kHz int16) at once and wait until the last of them went out."""
        if self._street is not None:
            self._playback.flush()
            samples = mix(samples, self._street_ahead(samples.size))
        clip = self._playback.enqueue(slin.to_bytes(samples))
        self._spoken.append(_Spoken(text, clip, interrupting))
        self._queue_street()
        await clip.done

    @property
    def said(self) -> list[Said]:
        """What was said so far, as it went out; what was cut before its first frame is left out."""
        return [self._as_said(spoken) for spoken in self._spoken if spoken.clip.at is not None]

    @property
    def last_finished(self) -> Said | None:
        """The newest thing that was said to its end; None while something is being said."""
        if not self._spoken or not self._spoken[-1].clip.is_over:
            return None
        return self._as_said(self._spoken[-1])

    def _queue_street(self) -> None:
        if self._street is not None:
            ahead = self._street_ahead(STREET_AHEAD_S * TELEPHONE_HZ)
            self._playback.enqueue(slin.to_bytes(ahead))

    def _street_ahead(self, count: int) -> Samples:
        """The street from where it has come to, so that it goes on without a seam."""
        if self._street is None:
            return np.zeros(count, np.int16)
        gone_by_ms = self._playback.played_ms + self._playback.queued_ms
        gone_by = round(gone_by_ms * TELEPHONE_HZ / 1000) % self._street.size
        ahead: Samples = np.resize(np.roll(self._street, -gone_by), count)
        return ahead

    def _as_said(self, spoken: _Spoken) -> Said:
        start = spoken.clip.at or 0.0
        sent = round(spoken.clip.heard.played_ms * TELEPHONE_HZ / 1000)
        last_frame = max(0, -(-sent // FRAME_SAMPLES) - 1)
        end = start + last_frame * FRAME_MS / 1000
        if self._sent is not None and (frames := self._sent.frames):
            first = bisect_left(frames, start, key=lambda frame: frame.at)
            end = frames[min(first + last_frame, len(frames) - 1)].at
        return Said(spoken.text, start, end, spoken.interrupting)
