"""The caller's side of AudioSocket: what Asterisk does, for the demo, load and tests."""

import asyncio
import contextlib
import uuid
from collections.abc import Callable
from typing import Self

from audiosocket import slin
from audiosocket.clock import EARLY_S, PERIOD_S, MediaClock
from audiosocket.connection import Connection
from audiosocket.frames import (
    HEADER_BYTES,
    RATE_HZ,
    TELEPHONE_HZ,
    Frame,
    Kind,
    ProtocolError,
    encode_frame,
    encode_uuid,
)
from audiosocket.limits import Limits
from audiosocket.listener import EndReason, IgnoringListener, Listener
from audiosocket.recording import Track
from audiosocket.slin import Samples

CONNECT_TIMEOUT_S = 2.0
"""As long as Asterisk tries."""
MOST_OVERDUE = 50
"""Frames that are sent at once after a stall; what is older than a second is given up."""


class Caller(Connection):
    """A phone call into a server: says what its ``playback`` holds, one frame every 20 ms, and
    notes every frame that it says and hears with its time.

    ``listener`` hears each frame as it comes, nothing dropped and no gaps told. With ``dtx`` it
    sends nothing while it has nothing to say, as a phone with silence suppression does.
    """

    def __init__(
        self,
        call_id: uuid.UUID,
        *,
        clock: MediaClock,
        listener: Listener | None = None,
        rate_hz: int = TELEPHONE_HZ,
        dtx: bool = False,
        record_s: float = 600.0,
    ) -> None:
        super().__init__(
            lambda _: self._hears,
            clock=clock,
            rate_hz=rate_hz,
            limits=Limits(uuid_timeout_s=float("inf")),
        )
        self.call_id = call_id
        self.said = Track(rate_hz, max_s=record_s)
        """What we sent, silence included."""
        self.heard = Track(TELEPHONE_HZ, max_s=record_s)
        """What the server sent, at the rate of its first frame."""
        self.acoustics: Callable[[Samples], Samples] | None = None
        """What the room does to each frame before it goes out, such as an echo of what is heard."""
        self.loses: Callable[[], bool] = lambda: False
        """Asked for each frame whether the network loses it: it is said, and never sent."""
        self._record_s = record_s
        self._hears: Listener = listener or IgnoringListener()
        self._dtx = dtx
        self._frames_due = 0

    @classmethod
    async def connect(
        cls,
        host: str,
        port: int,
        call_id: uuid.UUID | None = None,
        *,
        clock: MediaClock,
        listener: Listener | None = None,
        rate_hz: int = TELEPHONE_HZ,
        dtx: bool = False,
        record_s: float = 600.0,
    ) -> Self:
        """Connect and send the UUID. Raises ``OSError`` and ``TimeoutError`` (2 s)."""

        caller = cls(
            call_id or uuid.uuid4(),
            clock=clock,
            listener=listener,
            rate_hz=rate_hz,
            dtx=dtx,
            record_s=record_s,
        )
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            await asyncio.get_running_loop().create_connection(lambda: caller, host, port)
        return caller

    def press(self, digit: str) -> None:
        """Send a key, one of ``0-9*#A-D``. Raises ``ValueError`` for anything else."""
        if len(digit) != 1 or digit not in "0123456789*#ABCD":
            raise ValueError(f"{digit!r} is no key of a telephone")
        self.send_raw(encode_frame(Kind.DTMF, digit.encode("ascii")))

    def send_raw(self, data: bytes) -> None:
        """Write bytes as they are, also such as no Asterisk would send."""
        if self._transport is not None and not self.is_over:
            self._transport.write(data)

    async def hang_up(self, *, drain_s: float = 0.0) -> EndReason:
        """Put the phone down as Asterisk does: FIN, no 0x00; what is queued has ``drain_s``."""
        if drain_s > 0 and not self.is_over:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(drain_s):
                    await self.playback.drained()
        if not self.is_over and self._transport is not None:
            self._goodbye_at = self._now()
            self._transport.write_eof()
        return await self.ended

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the UUID at once."""
        super().connection_made(transport)
        self.started_at = self._now()
        self.send_raw(encode_uuid(self.call_id))
        self._listener = self._hears
        try:
            self._hears.call_started(self)
        except Exception as error:
            self._fail(error)
        self._send_audio(self.started_at)

    def _take(self, frames: list[Frame]) -> None:
        now = self._now()
        self.frames_in += len(frames)
        for frame in frames:
            rate_hz = RATE_HZ.get(frame.kind)
            if rate_hz is None:
                self._take_control(frame, now)
            else:
                self._hear(frame, rate_hz, now)

    def _hear(self, frame: Frame, rate_hz: int, now: float) -> None:
        if not self.heard.frames and rate_hz != self.heard.rate_hz:
            self.heard = Track(rate_hz, max_s=self._record_s)
        if rate_hz != self.heard.rate_hz:
            raise ProtocolError(f"{rate_hz} Hz from the server after {self.heard.rate_hz} Hz")
        self.heard.add(now, frame.payload)
        self._hears.audio_received(slin.from_bytes(frame.payload), rate_hz)

    def _take_control(self, frame: Frame, now: float) -> None:
        if frame.kind is not Kind.HANGUP:
            raise ProtocolError(f"kind 0x{frame.kind:02x} from the server")
        super()._take_control(frame, now)

    def _send_audio(self, now: float) -> None:
        """What is due, and what is overdue: a phone's microphone does not stop while the machine
        that pretends to be one is busy, and what would be missing is a loss to who listens."""
        due = int((now - self.started_at + EARLY_S) / PERIOD_S) + 1
        for _ in range(min(due - self._frames_due, MOST_OVERDUE)):
            self._send_frame(now)
        self._frames_due = max(due, self._frames_due)

    def _send_frame(self, now: float) -> None:
        quiet = self.playback.is_empty
        frame = self.playback.next_frame(now)
        if self._transport is None or self._stuck_at or (quiet and self._dtx):
            return
        if self.acoustics is not None:
            sound = self.acoustics(slin.from_bytes(frame[HEADER_BYTES:]))
            frame = frame[:HEADER_BYTES] + slin.to_bytes(sound)
        if not self.loses():
            self._transport.write(frame)
            self.frames_out += 1
        self.said.add(now, frame[HEADER_BYTES:])
