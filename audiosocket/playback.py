"""What we say: a queue of clips with a position, cut into 20 ms frames, silence in between."""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np

from audiosocket import slin
from audiosocket.frames import FRAME_MS, KIND_OF_RATE, TELEPHONE_HZ, encode_frame, frame_bytes
from audiosocket.frames import HEADER_BYTES as HEADER
from audiosocket.slin import Samples

MAX_QUEUED_MS: Final = 180_000
STREAM_AHEAD_MS: Final = 3_000
RECENT_MS: Final = 2_000
FADE_MS: Final = 5
"""Flushed speech fades out over this long, within the very next frame: a cut would click."""


class PlaybackFull(Exception):
    """More was queued than the playback holds (three minutes by default)."""


@dataclass(frozen=True, slots=True)
class Heard:
    """How much of a clip went out; ``complete`` if that was all of it."""

    played_ms: float
    complete: bool


class Clip:
    """A piece of audio on its way out; made by :class:`Playback` only.

    A clip is over once its last sample went to the wire (the peer hears it within a frame), or
    once it was flushed. Not thread-safe: use it on the event loop.
    """

    __slots__ = ("_data", "_done", "_ended", "_heard", "_playback", "_position", "_started", "at")

    def __init__(self, playback: "Playback", data: bytes | bytearray, *, ended: bool) -> None:
        self._playback = playback
        self._data = data
        self._position = 0
        self._ended = ended
        self._heard: Heard | None = None
        self._done: asyncio.Future[Heard] | None = None
        self._started: asyncio.Future[float | None] | None = None
        self.at: float | None = None
        """Clock time of its first frame; None before."""

    @property
    def heard(self) -> Heard:
        """What went out so far; final once the clip is over."""
        return self._heard or Heard(self._playback.to_ms(self._position), complete=False)

    @property
    def is_over(self) -> bool:
        """Whether nothing more of it will be sent."""
        return self._heard is not None

    @property
    def rest(self) -> bytes:
        """What was not sent, e.g. to go on after a false interruption."""
        return bytes(self._data[self._position :])

    @property
    def done(self) -> asyncio.Future[Heard]:
        """Await it for the end; cancelling one waiter leaves the others alone."""
        if self._done is None:
            self._done = asyncio.get_running_loop().create_future()
            if self._heard:
                self._done.set_result(self._heard)
        return asyncio.shield(self._done)

    @property
    def started(self) -> asyncio.Future[float | None]:
        """Await it for the clock time of the first frame; None if it was flushed before."""
        if self._started is None:
            self._started = asyncio.get_running_loop().create_future()
            if self.at is not None or self._heard:
                self._started.set_result(self.at)
        return asyncio.shield(self._started)

    def write(self, audio: bytes) -> bool:
        """Append slin to an open clip, any number of bytes, samples may be split between calls.

        False if the clip is over (flushed) and wants no more. Never waits: see :meth:`drain`.
        Raises :class:`PlaybackFull`, and ``ValueError`` after :meth:`end`.
        """
        if self._heard:
            return False
        if self._ended or isinstance(self._data, bytes):
            raise ValueError("the clip was ended: nothing can be added")
        self._playback.reserve(len(audio))
        self._data += audio
        return True

    async def drain(self) -> None:
        """Wait while more than ``STREAM_AHEAD_MS`` of the playback are queued (back-pressure)."""
        while not self._heard and self._playback.queued_ms > STREAM_AHEAD_MS:
            await self._playback.wait_for_room()

    def end(self) -> None:
        """No more will be written; a second call is no error."""
        self._ended = True
        self._playback.retire()

    @property
    def unsent_bytes(self) -> int:
        """Whole samples that wait."""
        return (len(self._data) - self._position) & ~1

    @property
    def is_ended(self) -> bool:
        """Whether all of its audio is known."""
        return self._ended

    def take_whole(self, wanted_bytes: int) -> bytes | bytearray:
        """The next bytes of a clip that has begun and has more than that; else none, cheaply."""
        position, stop = self._position, self._position + wanted_bytes
        if self.at is None or stop >= len(self._data) - 1:
            return b""
        self._position = stop
        return self._data[position:stop]

    def take(self, wanted_bytes: int, now: float) -> bytes | bytearray:
        """The next bytes to send (the playback's business)."""
        if self.at is None:
            self.at = now
            if self._started and not self._started.done():
                self._started.set_result(now)
        position = self._position
        chunk = self._data[position : position + min(wanted_bytes, self.unsent_bytes)]
        self._position = position + len(chunk)
        return chunk

    def finish(self) -> None:
        """It is over: tell those who wait (the playback's business)."""
        played_ms = self._playback.to_ms(self._position)
        self._heard = Heard(played_ms, complete=self._ended and not self.unsent_bytes)
        if self._done and not self._done.done():
            self._done.set_result(self._heard)
        if self._started and not self._started.done():
            self._started.set_result(None)


class Playback:
    """The queue of one call; the media clock takes one frame from it every 20 ms.

    Clips follow each other without a seam. An open clip that has less than a frame sends silence
    until there is more. All sizes are bounded: ``max_queued_ms`` of unsent audio and
    ``RECENT_MS`` of what was sent.
    """

    def __init__(self, rate_hz: int = TELEPHONE_HZ, *, max_queued_ms: int = MAX_QUEUED_MS) -> None:
        self.rate_hz = rate_hz
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
        frame = self._silence if not self._clips and not self._tail else self._fill(now)
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
