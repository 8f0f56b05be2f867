"""A line without a network: an AudioSocket connection whose other end is in the same process.

Frames are encoded and decoded as on the wire, and the media clock sends them; only TCP is left out,
so that simulated time can be kept.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final, TypeAlias
from uuid import UUID

import numpy as np

from audiosocket import slin
from audiosocket.clock import MediaClock
from audiosocket.connection import Accept, Connection
from audiosocket.frames import (
    FRAME_MS,
    HEADER_BYTES,
    KIND_OF_RATE,
    TELEPHONE_HZ,
    Kind,
    encode_frame,
)
from audiosocket.slin import Samples

Source: TypeAlias = Callable[["Line"], Samples]
"""Gives the party's next 20 ms: int16 at the line's rate; nothing where the network loses it."""

SILENT_BELOW: Final = 24
"""A frame of ours with no sample beyond this is silence to whoever listens."""


class Line(asyncio.Transport):
    """One party's end. ``source`` is asked for a frame each 20 ms, before ours is sent; what we
    send is kept in ``sent``, a frame for each of them."""

    def __init__(
        self,
        accept: Accept,
        call_id: UUID,
        source: Source,
        clock: MediaClock,
        rate_hz: int = TELEPHONE_HZ,
    ) -> None:
        super().__init__()
        self.rate_hz = rate_hz
        self.sent: list[Samples] = []
        self.over = asyncio.Event()
        """Set when we hung up, or the party did."""
        self.began = clock.now()
        self._source = source
        self._clock = clock
        self._kind = KIND_OF_RATE[rate_hz]
        clock.add(self)  # before the connection, so that it hears before it speaks
        self.connection = Connection(accept, clock=clock, rate_hz=rate_hz)
        self.connection.connection_made(self)
        self.connection.data_received(encode_frame(Kind.UUID, call_id.bytes))

    @property
    def position_ms(self) -> int:
        """Media time of the line."""
        return len(self.sent) * FRAME_MS

    def silent_since_ms(self) -> int:
        """How long ago our last audible frame was; the line's age where there was none."""
        for back, frame in enumerate(reversed(self.sent)):
            if is_audible(frame):
                return back * FRAME_MS
        return self.position_ms

    def press(self, digit: str) -> None:
        """Press a key."""
        if not self.over.is_set():
            self.connection.data_received(encode_frame(Kind.DTMF, digit.encode()))

    def hang_up(self) -> None:
        """The party leaves."""
        self._end()

    # ------------------------------------------------------------------ the media clock's member

    def tick(self, now: float) -> None:
        """The party's next frame arrives."""
        if not self.over.is_set():
            frame = self._source(self).astype("<i2")
            if frame.size:
                self.connection.data_received(encode_frame(self._kind, frame.tobytes()))

    def check(self, now: float) -> None:
        """A line without a network has no time-outs."""

    # ------------------------------------------------------------------ the connection's transport

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """A frame of ours."""
        if data[0] == Kind.HANGUP:
            asyncio.get_running_loop().call_soon(self._end)
        else:
            self.sent.append(slin.from_bytes(bytes(data[HEADER_BYTES:])))

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Nothing is known of a peer that is not there."""
        return default

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Nothing is buffered."""

    def get_write_buffer_size(self) -> int:
        """Nothing is buffered."""
        return 0

    def abort(self) -> None:
        """We dropped the line."""
        asyncio.get_running_loop().call_soon(self._end)

    def close(self) -> None:
        """The same."""
        self.abort()

    def is_closing(self) -> bool:
        """Whether the line is over."""
        return self.over.is_set()

    def _end(self) -> None:
        if not self.over.is_set():
            self.over.set()
            self._clock.remove(self)
            self.connection.connection_lost(None)


def is_audible(frame: Samples) -> bool:
    """Whether a frame of ours is more than silence."""
    return bool(np.abs(frame.astype(np.int32)).max(initial=0) > SILENT_BELOW)
