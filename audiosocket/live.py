"""Somebody else's voice on its way to a peer: a jitter buffer of a few frames, and no more."""

from typing import Final

from audiosocket.frames import FRAME_MS, TELEPHONE_HZ, frame_bytes

BEGIN_MS: Final = 40
"""What is held before the first frame goes out: one frame to send and one in hand, since frames
that left 20 ms apart arrive up to 20 ms late on a LAN (docs/measurements.md)."""
MOST_MS: Final = 100
"""More than this is the past: after a stall the newest :data:`BEGIN_MS` are kept."""


class LiveAudio:
    """Takes audio as it comes and gives whole frames on the media clock's ticks.

    When it runs dry the peer hears silence until :data:`BEGIN_MS` are there again: a voice that
    pauses costs nothing, and a late frame one short gap. Slin at one rate on both sides.
    ``dropped_bytes`` counts what came too late.
    """

    __slots__ = (
        "_begin_bytes",
        "_buffer",
        "_filling",
        "_frame_bytes",
        "_most_bytes",
        "dropped_bytes",
    )

    def __init__(self, rate_hz: int = TELEPHONE_HZ) -> None:
        self._frame_bytes = frame_bytes(rate_hz)
        self._begin_bytes = self._frame_bytes * BEGIN_MS // FRAME_MS
        self._most_bytes = self._frame_bytes * MOST_MS // FRAME_MS
        self._buffer = bytearray()
        self._filling = True
        self.dropped_bytes = 0

    def push(self, slin: bytes) -> None:
        """Take what the other party says, any length of whole samples."""
        buffer = self._buffer
        buffer += slin
        if len(buffer) > self._most_bytes:
            late = len(buffer) - self._begin_bytes
            del buffer[:late]
            self.dropped_bytes += late

    def take(self) -> bytes:
        """The frame that is due; ``b""`` while there is none."""
        buffer, size = self._buffer, self._frame_bytes
        if len(buffer) < (self._begin_bytes if self._filling else size):
            self._filling = True
            return b""
        self._filling = False
        frame = bytes(buffer[:size])
        del buffer[:size]
        return frame
