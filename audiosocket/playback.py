"""What we say: a queue of clips with a position, cut into 20 ms frames, silence in between."""

import asyncio
from collections import deque
from typing import Final

import numpy as np

from audiosocket import slin
from audiosocket.clip import Clip, Heard, PlaybackFull
from audiosocket.frames import FRAME_MS, KIND_OF_RATE, TELEPHONE_HZ, encode_frame, frame_bytes
from audiosocket.frames import HEADER_BYTES as HEADER
from audiosocket.live import LiveAudio
from audiosocket.slin import Samples

__all__ = ["Clip", "Heard", "Playback", "PlaybackFull"]

MAX_QUEUED_MS: Final = 180_000
RECENT_MS: Final = 2_000
FADE_MS: Final = 5
"""Flushed speech fades out over this long, within the very next frame: a cut would click."""


class Playback:
    """The queue of one call; the media clock takes one frame from it every 20 ms.

    Clips follow each other without a seam. An open clip that has less than a frame sends silence
    until there is more. All sizes are bounded: ``max_queued_ms`` of unsent audio and
    ``RECENT_MS`` of what was sent.
    """

    def __init__(self, rate_hz: int = TELEPHONE_HZ, *, max_queued_ms: int = MAX_QUEUED_MS) -> None:
        self.rate_hz = rate_hz
        self.live: LiveAudio | None = None
        """What the peer hears where no clip is being said: somebody else's voice. Clips cut it
        off, and it goes on after them with what is then new."""
        self._size = frame_bytes(rate_hz)
        self._header = encode_frame(KIND_OF_RATE[rate_hz], bytes(self._size))[:HEADER]
        self._silence = self._header + bytes(self._size)
        self._max_bytes = max_queued_ms * rate_hz // 1000 * 2
        self._clips: deque[Clip] = deque()
        self._recent: deque[bytes] = deque(maxlen=RECENT_MS // FRAME_MS)
        self._played_bytes = 0
        self._tail = b""
        self._paused = self._sealed = False
        self._room: asyncio.Future[None] | None = None
        self._empty: asyncio.Future[None] | None = None

    def enqueue(self, audio: bytes) -> Clip:
        """Say ``audio``, slin at the playback's rate, after all that is queued.

        No audio gives a clip that is over at once, and so does a sealed playback. Raises
        :class:`PlaybackFull`.
        """
        self.reserve(len(audio))
        return self._append(Clip(self, audio, ended=True))

    def open_clip(self) -> Clip:
        """A clip whose audio is still being made: ``write`` to it, then ``end`` it."""
        return self._append(Clip(self, bytearray(), ended=False))

    def flush(self) -> None:
        """Say no more: the next frame fades out within ``FADE_MS``, then comes silence.

        Every clip is over at once, with what was sent of it. Ends a pause.
        """
        self._tail = b"" if self._paused else self._fade_out()
        self._paused = False
        while self._clips:
            self._clips.popleft().finish()
        self._wake()

    def seal(self) -> None:
        """Take no more clips: the call is being hung up. Those that are queued go on; new ones
        are over at once, with nothing played, so that nobody waits for them."""
        self._sealed = True

    def pause(self) -> None:
        """Send silence, but keep what is queued and its position (fades out as a flush does)."""
        if not self._paused:
            self._tail = self._fade_out()
            self._paused = True

    def resume(self) -> None:
        """Go on where :meth:`pause` stopped."""
        self._paused = False

    @property
    def is_playing(self) -> bool:
        """Whether there is anything left to say and no pause."""
        return bool(self._clips) and not self._paused

    @property
    def is_empty(self) -> bool:
        """Whether all was said or flushed."""
        return not self._clips

    @property
    def played_ms(self) -> float:
        """Position: clip audio sent since the call began, silence not counted."""
        return self.to_ms(self._played_bytes)

    @property
    def queued_ms(self) -> float:
        """Audio that waits to be sent."""
        return self.to_ms(sum(clip.unsent_bytes for clip in self._clips))

    def recent(self, last_ms: int) -> Samples:
        """What was sent last, silence included, up to the newest frame.

        Int16 at the playback's rate; ``last_ms`` rounded up to whole frames, less where less was
        sent, ``RECENT_MS`` at the most.
        """
        frames = min(-(-last_ms // FRAME_MS), len(self._recent))
        newest = [self._recent[index][HEADER:] for index in range(-frames, 0)]
        return slin.from_bytes(b"".join(newest))

    async def drained(self) -> None:
        """Wait until nothing is left to say."""
        while self._clips:
            if self._empty is None:
                self._empty = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._empty)

    def next_frame(self, now: float) -> bytes:
        """The encoded frame that is due at clock time ``now``; the media clock's to call."""
        live = self.live.take() if self.live is not None else b""
        if self._clips or self._tail:
            frame = self._fill(now)
        else:
            frame = self._header + live if live else self._silence
        self._recent.append(frame)
        return frame

    def to_ms(self, audio_bytes: int) -> float:
        """Duration of a number of bytes at the playback's rate."""
        return audio_bytes // 2 * 1000 / self.rate_hz

    def reserve(self, more_bytes: int) -> None:
        """Raise :class:`PlaybackFull` if ``more_bytes`` do not fit."""
        queued = sum(clip.unsent_bytes for clip in self._clips)
        if queued + more_bytes > self._max_bytes:
            raise PlaybackFull(
                f"{self.to_ms(queued + more_bytes):.0f} ms of audio to say; the limit is "
                f"{self.to_ms(self._max_bytes):.0f} ms"
            )

    async def wait_for_room(self) -> None:
        """Wait until something was sent or flushed (see :meth:`Clip.drain`)."""
        if self._room is None:
            self._room = asyncio.get_running_loop().create_future()
        await asyncio.shield(self._room)

    def retire(self) -> None:
        """Take clips that are over off the queue (see :meth:`Clip.end`)."""
        while self._clips and self._clips[0].is_ended and not self._clips[0].unsent_bytes:
            self._clips.popleft().finish()
        self._wake()

    def _append(self, clip: Clip) -> Clip:
        if self._sealed:
            clip.finish()
        else:
            self._clips.append(clip)
            self.retire()
        return clip

    def _fill(self, now: float) -> bytes:
        if self._tail:
            frame, self._tail = self._tail, b""
            return frame
        if self._paused:
            return self._silence
        payload = self._clips[0].take_whole(self._size) or self._gather(now)
        if self._room or (self._empty and not self._clips):
            self._wake()
        self._played_bytes += len(payload)
        return self._header + payload.ljust(self._size, b"\0")

    def _gather(self, now: float) -> bytes | bytearray:
        """A frame's worth from as many clips as it takes."""
        payload: bytes | bytearray = b""
        while self._clips and len(payload) < self._size:
            clip = self._clips[0]
            if not clip.is_ended and len(payload) + clip.unsent_bytes < self._size:
                break
            payload += clip.take(self._size - len(payload), now)
            if clip.is_ended and not clip.unsent_bytes:
                self._clips.popleft().finish()
        return payload

    def _fade_out(self) -> bytes:
        """A frame in which the next samples of the current clip fade to silence; b"" if none."""
        if not self.is_playing:
            return b""
        count = self.rate_hz * FADE_MS // 1000
        samples = slin.from_bytes(self._clips[0].rest[: 2 * count])
        if not samples.size or self._clips[0].at is None:
            return b""
        ramp = np.linspace(1.0, 0.0, samples.size, endpoint=False)
        faded = (samples * ramp).astype("<i2").tobytes()
        return self._header + faded.ljust(self._size, b"\0")

    def _wake(self) -> None:
        if self._room:
            self._room.set_result(None)
            self._room = None
        if self._empty and not self._clips:
            self._empty.set_result(None)
            self._empty = None
