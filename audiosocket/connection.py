"""One AudioSocket connection: moves bytes between a socket, a listener and a playback.

What it does follows from Asterisk's measured behaviour:

1. one write per frame, TCP_NODELAY, whole frames or none (Asterisk gives a payload 5 ms);
2. a frame every 20 ms, silence included, on an absolute clock;
3. any length of audio is taken, its kind decides the rate; we answer with audio and 0x00 only;
4. EOF before the UUID is normal;
5. to hang up: let the last audio play, 0x00, read to EOF, close;
6. old audio is dropped after a stall, and time goes on where no frames come.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Final, cast
from uuid import UUID

from audiosocket.clock import PERIOD_S, MediaClock
from audiosocket.frames import (
    RATE_HZ,
    TELEPHONE_HZ,
    Frame,
    FrameDecoder,
    Kind,
    ProtocolError,
    encode_frame,
)
from audiosocket.incoming import IncomingAudio
from audiosocket.limits import Limits, WireCounters
from audiosocket.listener import EndReason, Listener
from audiosocket.playback import Playback
from audiosocket.sockets import address_of, tune
from audiosocket.tap import Tap

__all__ = ["Accept", "CallRefused", "Connection", "EndReason", "Listener"]

log = logging.getLogger("audiosocket")

HANGUP_FRAME: Final = encode_frame(Kind.HANGUP)
NO_CALL: Final = UUID(int=0)
QUIET_TICKS: Final = 2
"""Silent frames between our last audio and 0x00: what was sent ahead is heard by then."""
KEYS: Final = frozenset("0123456789*#ABCD")
_NOTEWORTHY: Final = frozenset(
    {EndReason.PROTOCOL_ERROR, EndReason.TIMED_OUT, EndReason.NOT_READING}
)


class CallRefused(Exception):
    """``accept`` raises it to answer a call with 0x00 at once; the message goes to the log."""


Accept = Callable[["Connection"], Listener]
"""Called once the UUID is known; gives the listener of the call, or raises CallRefused."""


class Connection(asyncio.Protocol):
    """The server's side of one call; made by :class:`audiosocket.server.AudioSocketServer`.

    ``rate_hz`` is the line's: what is said is sent at that rate, and what is heard is handed on at
    that rate, whatever kind of frame it came in.
    """

    def __init__(
        self,
        accept: Accept,
        *,
        clock: MediaClock,
        rate_hz: int = TELEPHONE_HZ,
        limits: Limits | None = None,
        counters: WireCounters | None = None,
    ) -> None:
        self.call_id = NO_CALL
        """The UUID of the call; the nil UUID until its frame came."""
        self.peer = ""
        """Address of the peer, ``host:port``."""
        self.started_at = 0.0
        """Clock time of the UUID frame; 0 before."""
        self.rate_hz = rate_hz
        self.playback = Playback(rate_hz)
        """What the peer hears."""
        self.frames_in = self.frames_out = self.dropped_out = 0
        self._frames_at_tick = 0
        self._taps: tuple[Tap, ...] = ()
        self._accept = accept
        self._clock = clock
        self._now = clock.now
        self._limits = limits or Limits()
        self._counters = counters or WireCounters()
        self._decoder = FrameDecoder()
        self._listener: Listener | None = None
        self._incoming: IncomingAudio | None = None
        self._transport: asyncio.Transport | None = None
        self._reason: EndReason | None = None
        self._detail = ""
        self._ended: asyncio.Future[EndReason] = asyncio.get_running_loop().create_future()
        self._opened_at = self._ticked_at = 0.0
        self._stuck_at = 0.0
        self._mid_frame = (-1, 0.0)
        self._leave_by = 0.0
        self._quiet_ticks = 0
        self._goodbye_at = 0.0
        self._goodbye_reason = EndReason.HUNG_UP

    # For the call's owner

    @property
    def ended(self) -> asyncio.Future[EndReason]:
        """Await it for the end of the connection; cancelling a waiter changes nothing."""
        return asyncio.shield(self._ended)

    @property
    def is_over(self) -> bool:
        """Whether the end has come or is certain: nothing more will be sent or heard."""
        return self._reason is not None or self._goodbye_at > 0

    async def hang_up(self, *, drain_s: float = 30.0) -> EndReason:
        """End the call properly: what is queued now is played (``drain_s`` at most; nothing can
        be added), then 0x00 is sent and the peer has a second to close.

        Returns how the connection really ended (the peer may have been faster). A second call
        waits for the same end, and can only make it come sooner.
        """
        self.playback.seal()
        if not self.is_over:
            leave_by = self._now() + drain_s
            self._leave_by = min(self._leave_by, leave_by) if self._leave_by else leave_by
        return await self.ended

    def abort(self) -> None:
        """Drop the connection now; Asterisk's ``TryExec`` then says FAILED."""
        self._end(EndReason.ABORTED)

    def add_tap(self, tap: Tap) -> None:
        """Let ``tap`` have every frame from now on; the UUID must be known."""
        self._tell((*self._taps, tap))

    def remove_tap(self, tap: Tap) -> None:
        """Tell ``tap`` nothing more; one that is not known is no error."""
        self._tell(tuple(each for each in self._taps if each is not tap))

    def _tell(self, taps: tuple[Tap, ...]) -> None:
        self._taps = taps
        if self._incoming is not None:
            self._incoming.taps = taps

    # For the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin: silence flows from the clock's next tick on."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass
        self.peer = address_of(transport.get_extra_info("peername"))
        tune(self._transport)
        self._opened_at = self._ticked_at = self._now()
        self._counters.connections += 1
        self._clock.add(self)

    def data_received(self, data: bytes) -> None:
        """Decode and hand on; anything odd ends this connection and no other."""
        if self._reason is not None or self._goodbye_at:
            return
        try:
            frames = self._decoder.feed(data)
            incoming = self._incoming
            if len(frames) != 1 or not incoming or not incoming.take_one(frames[0], self._now()):
                self._take(frames)
            else:
                self.frames_in += 1  # the hot path: one audio frame, in time
        except ProtocolError as error:
            self._refuse(error)
        except Exception as error:
            self._fail(error)

    def eof_received(self) -> bool:
        """FIN is Asterisk's normal end, also before the UUID (rule 4)."""
        if self._goodbye_at:
            self._end(self._goodbye_reason)
        elif self._decoder.is_mid_frame:
            self._end(EndReason.PROTOCOL_ERROR, "closed in the middle of a frame")
        else:
            self._end(EndReason.PEER_CLOSED)
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The one place where every connection ends, logged and counted once."""
        self._clock.remove(self)
        if self._reason is None and self._goodbye_at:
            self._reason = self._goodbye_reason  # a reset is as good an end as any by now
        elif self._reason is None:
            self._reason = EndReason.LOST if exc else EndReason.PEER_CLOSED
            self._detail = str(exc or "")
        self._report(self._reason)
        self.playback.seal()
        self.playback.flush()
        try:
            if self._listener is not None:
                self._listener.call_ended(self._reason)
        except Exception:
            log.exception("call_ended raised", extra=self._context())
        self._ended.set_result(self._reason)

    def pause_writing(self) -> None:
        """The peer does not read: drop frames from now on."""
        self._stuck_at = self._now()

    def resume_writing(self) -> None:
        """It reads again: send what is due, not what was missed."""
        self._stuck_at = 0.0

    # For the media clock

    def tick(self, now: float) -> None:
        """Send the frame that is due, and tell the listener of audio that is missing."""
        if self._reason is not None or self._goodbye_at:
            return
        since_tick_s, self._ticked_at = now - self._ticked_at, now
        try:
            if not self._leave_by or not self._leaves(now):
                self._send_audio(now)
            if self._frames_at_tick != self.frames_in:
                self._frames_at_tick = self.frames_in
            elif self._incoming is not None and 0 < since_tick_s < 2 * PERIOD_S:
                self._incoming.tick(now)  # after a late tick, what came meanwhile is read first
        except Exception as error:
            self._fail(error)

    def check(self, now: float) -> None:
        """End what takes too long."""
        limits = self._limits
        if self._reason is not None:
            return
        if self._goodbye_at:
            if now - self._goodbye_at > limits.goodbye_s:
                self._end(self._goodbye_reason)
        elif self._stuck_at and now - self._stuck_at > limits.not_reading_s:
            self._end(EndReason.NOT_READING, f"nothing read for {limits.not_reading_s:g} s")
        elif not self.started_at and now - self._opened_at > limits.uuid_timeout_s:
            self._end(EndReason.TIMED_OUT, f"no UUID within {limits.uuid_timeout_s:g} s")
        elif not self._decoder.is_mid_frame or self._mid_frame[0] != self.frames_in:
            self._mid_frame = (self.frames_in, now)
        elif now - self._mid_frame[1] > limits.frame_timeout_s:
            self._end(EndReason.TIMED_OUT, f"half a frame for {limits.frame_timeout_s:g} s")

    # Receiving

    def _take(self, frames: list[Frame]) -> None:
        """Runs of audio are judged together, so that of a pile the newest are kept."""
        now = self._now()
        self.frames_in += len(frames)
        run: list[Frame] = []
        for frame in frames:
            if frame.kind in RATE_HZ:
                run.append(frame)
                continue
            self._take_audio(run, now)
            run = []
            self._take_control(frame, now)
            if self.is_over:
                return
        self._take_audio(run, now)

    def _take_audio(self, run: list[Frame], now: float) -> None:
        if run and self._incoming is None:
            raise ProtocolError(f"kind 0x{run[0].kind:02x} before the UUID")
        if self._incoming is not None:
            self._incoming.take(run, now)

    def _take_control(self, frame: Frame, now: float) -> None:
        if frame.kind is Kind.HANGUP:
            self._end(EndReason.PEER_HANGUP)
        elif frame.kind is Kind.UUID:
            self._open_call(UUID(bytes=frame.payload), now)
        elif frame.kind is Kind.ERROR:
            raise ProtocolError(f"the peer reports error {frame.payload.hex() or 'without code'}")
        else:
            self._press(frame.payload.decode("latin-1"))

    def _press(self, digit: str) -> None:
        if self._listener is None:
            raise ProtocolError("kind 0x03 before the UUID")
        if digit not in KEYS:
            raise ProtocolError(f"a key {digit!r}")
        self._listener.dtmf_received(digit)

    def _open_call(self, call_id: UUID, now: float) -> None:
        if self.started_at:
            raise ProtocolError("a second UUID")
        self.call_id, self.started_at = call_id, now
        try:
            listener = self._accept(self)
        except CallRefused as refusal:
            self._detail = str(refusal)
            self._say_goodbye(now, EndReason.REFUSED)
        else:
            self._start(listener, now)

    def _start(self, listener: Listener, now: float) -> None:
        self._listener = listener
        self._incoming = IncomingAudio(
            listener, now, stale_s=self._limits.stale_s, listen_hz=self.rate_hz
        )
        self._counters.calls += 1
        listener.call_started(self)
        if not self.is_over:
            self._send_audio(now)  # the first frame does not wait for the tick

    # Sending

    def _send_audio(self, now: float) -> None:
        frame = self.playback.next_frame(now)
        if self._stuck_at or self._transport is None:
            self.dropped_out += 1
        else:
            self._transport.write(frame)
            self.frames_out += 1
            for tap in self._taps:
                tap.frame_sent(frame, self._clock.period)

    def _leaves(self, now: float) -> bool:
        """While hanging up: whether all was heard and 0x00 went out instead of audio."""
        if now > self._leave_by:
            self.playback.flush()
        self._quiet_ticks = self._quiet_ticks + 1 if self.playback.is_empty else 0
        if self._quiet_ticks <= QUIET_TICKS:
            return False
        self._say_goodbye(now, EndReason.HUNG_UP)
        return True

    def _say_goodbye(self, now: float, reason: EndReason) -> None:
        self._goodbye_at, self._goodbye_reason = now, reason
        if self._transport is not None:
            self._transport.write(HANGUP_FRAME)

    # Ending

    def _refuse(self, error: ProtocolError) -> None:
        """The good frames in front of the bad one still count."""
        detail = str(error)
        try:
            if error.frames_before:
                self._take(error.frames_before)
        except ProtocolError as earlier:
            detail = str(earlier)
        except Exception as failure:
            self._fail(failure)
        self._end(EndReason.PROTOCOL_ERROR, detail)

    def _fail(self, error: Exception) -> None:
        """A listener raised: its own call ends, the others notice nothing."""
        self._end(EndReason.FAILED, f"{type(error).__name__}: {error}")
        log.error("the call's listener raised", exc_info=error, extra=self._context())

    def _end(self, reason: EndReason, detail: str = "") -> None:
        if self._reason is None:
            self._reason = reason
            self._detail = detail or self._detail
            self._clock.remove(self)
            if self._transport is not None:
                self._transport.abort()

    def _report(self, reason: EndReason) -> None:
        counters = self._counters
        counters.ended[reason] += 1
        counters.frames_in += self.frames_in
        counters.frames_out += self.frames_out
        counters.dropped_out += self.dropped_out
        counters.stale_in += self.stale_in
        level = logging.WARNING if reason in _NOTEWORTHY else logging.DEBUG
        log.log(level, "connection ended: %s", reason, extra=self._context())

    @property
    def stale_in(self) -> int:
        """Audio frames that came too late and were dropped."""
        return self._incoming.stale_frames if self._incoming else 0

    def _context(self) -> dict[str, str]:
        return {
            "call_id": str(self.call_id) if self.call_id != NO_CALL else "",
            "peer": self.peer,
            "reason": str(self._reason or ""),
            "detail": self._detail,
        }
