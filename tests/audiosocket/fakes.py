"""What the tests of the wire drive by hand: a clock, a transport, a listener that takes notes."""

import asyncio
import uuid

import numpy as np

from audiosocket.clock import PERIOD_S, TICKS_PER_CHECK, ClockMember, MediaClock
from audiosocket.connection import Accept, Connection
from audiosocket.frames import FrameDecoder, Kind, encode_frame, encode_uuid
from audiosocket.limits import Limits, WireCounters
from audiosocket.listener import EndReason
from audiosocket.slin import Samples

CALL_ID = uuid.UUID("6b06e0db-3a3f-4b7a-9f5e-0123456789ab")
AUDIO = encode_frame(Kind.SLIN, bytes(320))


def tone(duration_ms: int, hz: float = 440.0, rate_hz: int = 8000, peak: int = 8000) -> bytes:
    times = np.arange(rate_hz * duration_ms // 1000) / rate_hz
    return (peak * np.sin(2 * np.pi * hz * times)).astype("<i2").tobytes()


class DrivenClock(MediaClock):
    """A media clock whose time passes only when a test says so."""

    def __init__(self) -> None:
        self.time = 1000.0
        super().__init__(now=lambda: self.time)
        self.driven: list[ClockMember] = []
        self.count = 0

    def add(self, member: ClockMember) -> None:
        self.driven.append(member)

    def remove(self, member: ClockMember) -> None:
        if member in self.driven:
            self.driven.remove(member)

    def advance(self, duration_ms: int) -> None:
        """Tick by tick."""
        for _ in range(duration_ms // 20):
            self.time += PERIOD_S
            self.tick_now()

    def tick_now(self) -> None:
        self.count += 1
        for member in tuple(self.driven):
            member.tick(self.time)
            if self.count % TICKS_PER_CHECK == 0:
                member.check(self.time)

    def stall(self, duration_ms: int) -> None:
        """Time passes, and the loop does nothing."""
        self.time += duration_ms / 1000


class Wire(asyncio.Transport):
    """A transport that keeps each write apart; ``lost`` once the connection was aborted."""

    def __init__(self, protocol: asyncio.Protocol) -> None:
        super().__init__({"peername": ("192.0.2.7", 4000)})
        self.protocol = protocol
        self.writes: list[bytes] = []
        self.lost = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.writes.append(bytes(data))

    def abort(self) -> None:
        if not self.lost:
            self.lost = True
            asyncio.get_running_loop().call_soon(self.protocol.connection_lost, None)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self.limits = (high, low)

    def kinds(self) -> list[Kind]:
        """The kinds of all frames sent."""
        return [frame.kind for frame in FrameDecoder().feed(b"".join(self.writes))]

    def audio(self) -> bytes:
        """The payloads of all audio frames sent, joined."""
        frames = FrameDecoder().feed(b"".join(self.writes))
        return b"".join(frame.payload for frame in frames if frame.kind is Kind.SLIN)


class Notes:
    """A listener that remembers what it was told."""

    def __init__(self) -> None:
        self.connection: Connection | None = None
        self.audio: list[Samples] = []
        self.rates: set[int] = set()
        self.gaps_ms: list[int] = []
        self.digits = ""
        self.reasons: list[EndReason] = []

    def call_started(self, connection: Connection) -> None:
        assert self.connection is None
        self.connection = connection

    def audio_received(self, samples: Samples, rate_hz: int) -> None:
        self.audio.append(samples)
        self.rates.add(rate_hz)

    def audio_gap(self, gap_ms: int) -> None:
        self.gaps_ms.append(gap_ms)

    def dtmf_received(self, digit: str) -> None:
        self.digits += digit

    def call_ended(self, reason: EndReason) -> None:
        self.reasons.append(reason)

    @property
    def audio_ms(self) -> float:
        """At 8 kHz."""
        return sum(map(len, self.audio)) / 8

    @property
    def told_ms(self) -> float:
        """Audio and gaps together."""
        return self.audio_ms + sum(self.gaps_ms)


class Driven:
    """A connection on a driven clock and a noting transport, with its listener."""

    def __init__(
        self, accept: Accept | None = None, limits: Limits | None = None, rate_hz: int = 8000
    ) -> None:
        self.clock = DrivenClock()
        self.notes = Notes()
        self.counters = WireCounters()
        self.connection = Connection(
            accept or (lambda _: self.notes),
            clock=self.clock,
            rate_hz=rate_hz,
            limits=limits,
            counters=self.counters,
        )
        self.wire = Wire(self.connection)
        self.connection.connection_made(self.wire)

    def receive(self, *pieces: bytes) -> None:
        """Bytes from the peer, all in one read."""
        self.connection.data_received(b"".join(pieces))

    def open(self) -> "Driven":
        """The UUID came."""
        self.receive(encode_uuid(CALL_ID))
        return self

    def talk(self, duration_ms: int) -> None:
        """The peer sends a frame every 20 ms, and the clock ticks."""
        for _ in range(duration_ms // 20):
            self.clock.advance(20)
            self.receive(AUDIO)
