"""A piece of audio on its way out, and what was heard of it."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from audiosocket.playback import Playback

STREAM_AHEAD_MS: Final = 3_000
"""How much a streaming engine may be ahead of what is said; more waits in :meth:`Clip.drain`."""


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
