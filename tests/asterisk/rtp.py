"""RTP (RFC 3550): packets of 20 ms, paced when sent and kept with their time when received."""

import asyncio
import secrets
import struct
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from tests.asterisk import codecs, sdp

RATE_HZ = 8000
"""Of G.711, and of the clock of telephone events."""

FRAME_MS = 20
JITTER_BUFFER_S = 0.2
"""200 ms: the most that telephones commonly hold; a busy test machine is late by half of it."""

SILENCE_RMS = 200.0
"""Root mean square below which 20 ms count as silence: -44 dBFS."""

HEADER_BYTES = 12
DTMF_DIGITS = "0123456789*#ABCD"
"""By event code (RFC 4733, table 3)."""

DTMF_VOLUME = 10
"""In -dBm0."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet as it arrived. ``at_s`` is monotonic time; ``timestamp`` counts samples."""

    at_s: float
    sequence: int
    timestamp: int
    payload_type: int
    payload: bytes


class Hearing:
    """Everything that reached a phone, by arrival."""

    def __init__(self) -> None:
        self.packets: list[Packet] = []
        self.digits: list[str] = []
        self.loud_at_s: list[float] = []
        """When packets that are not silence arrived."""
        self._news = asyncio.Event()
        self._last_event_timestamp: int | None = None

    def take(self, packet: Packet) -> None:
        """Keep audio; of a telephone event only that it ended."""
        if packet.payload_type in codecs.AUDIO:
            self.packets.append(packet)
            if _loudness(packet) > SILENCE_RMS:
                self.loud_at_s.append(packet.at_s)
            self._news.set()
        elif packet.payload_type == sdp.TELEPHONE_EVENT:
            self._take_event(packet)

    def samples(self, since_s: float = 0.0, until_s: float = float("inf")) -> NDArray[np.int16]:
        """What the ear got between two monotonic times, at the rate of what came; silence where
        nothing came.

        A packet sounds after the one before it; one later than a phone's jitter buffer would hold
        out leaves a silence before it.
        """
        packets = [p for p in self.packets if since_s <= p.at_s < until_s]
        if not packets:
            return np.zeros(0, dtype=np.int16)
        pieces: list[NDArray[np.int16]] = []
        position, rate_hz = 0, codecs.rate_hz(packets[0].payload_type)
        for packet in packets:
            due = int((packet.at_s - packets[0].at_s) * rate_hz)
            if due - position > JITTER_BUFFER_S * rate_hz:
                pieces.append(np.zeros(due - position, dtype=np.int16))
                position = due
            piece = codecs.decode(packet.payload, packet.payload_type)
            pieces.append(piece)
            position += len(piece)
        return np.concatenate(pieces)

    async def more(self) -> None:
        """Wait for the next packet of audio, or for the end of the call."""
        self._news.clear()
        await self._news.wait()

    def end(self) -> None:
        """No more will come: nobody shall wait for it."""
        self._news.set()

    def _take_event(self, packet: Packet) -> None:
        event, flags = packet.payload[0], packet.payload[1]
        if flags & 0x80 and packet.timestamp != self._last_event_timestamp:
            self._last_event_timestamp = packet.timestamp
            self.digits.append(DTMF_DIGITS[event])


class RtpStream(asyncio.DatagramProtocol):
    """One call's audio, both ways: a packet every 20 ms once started, silence included."""

    def __init__(self) -> None:
        self.hearing = Hearing()
        self.port = 0
        self._transport: asyncio.DatagramTransport | None = None
        self._sending: asyncio.Task[None] | None = None
        self._waiting: deque[tuple[NDArray[np.int16], asyncio.Future[float]]] = deque()
        self._media: sdp.Media | None = None
        self._sequence = secrets.randbelow(30_000)
        self._timestamp = secrets.randbelow(1 << 30)
        self._source = secrets.randbits(32)
        self._first = True
        self._pressing = False
        self._closed = False
        self.muted = False
        """Whether nothing is sent at all, as by a phone that suppresses silence."""

    @classmethod
    async def open(cls) -> "RtpStream":
        """Bind a port of loopback; nothing is sent yet."""
        loop = asyncio.get_running_loop()
        _, stream = await loop.create_datagram_endpoint(cls, local_addr=("127.0.0.1", 0))
        return stream

    def start(self, media: sdp.Media) -> None:
        """Begin to send; called again, only the destination changes."""
        self._media = media
        if self._sending is None:
            self._sending = asyncio.create_task(self._send_every_frame())

    async def play(self, samples: NDArray[np.int16]) -> float:
        """Speak mono at the codec's rate after what is being spoken.

        Returns the monotonic time at which its last frame was sent, or the call ended.
        """
        if self._closed:
            return time.monotonic()
        done: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._waiting.append((samples, done))
        return await done

    async def press(self, digit: str, duration_ms: int = 100) -> None:
        """Press a key: events in place of audio (RFC 4733, section 2.5)."""
        code, timestamp = DTMF_DIGITS.index(digit), self._timestamp
        frames, frame_samples = duration_ms // FRAME_MS, self._frame_samples
        self._pressing = True
        for number in range(1, frames + 3):  # the end is sent three times
            end = 0x80 if number >= frames else 0
            samples = min(number, frames) * frame_samples
            event = struct.pack("!BBH", code, end | DTMF_VOLUME, samples)
            self._send(sdp.TELEPHONE_EVENT, timestamp, event, marker=number == 1)
            await asyncio.sleep(FRAME_MS / 1000)
        self._pressing = False

    async def close(self) -> None:
        """Stop sending; nobody waits for speech that was still to come."""
        self._closed = True
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.wait([self._sending])
        for _, done in self._waiting:
            if not done.done():
                done.set_result(time.monotonic())
        self.hearing.end()
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # asyncio's own datagram transport is no subclass of the class that describes it
        self._transport = cast(asyncio.DatagramTransport, transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if len(data) > HEADER_BYTES and 200 <= data[1] <= 204:
            return  # RTCP
        if len(data) > HEADER_BYTES:
            _, kind, sequence, timestamp = struct.unpack_from("!BBHI", data)
            self.hearing.take(
                Packet(time.monotonic(), sequence, timestamp, kind & 0x7F, data[HEADER_BYTES:])
            )

    async def _send_every_frame(self) -> None:
        assert self._media is not None
        due = time.monotonic()
        while True:
            frame, done = self._next_frame()
            if not self._pressing and not self.muted:
                self._send(self._media.audio, self._timestamp, frame, marker=self._first)
                self._first = False
            self._timestamp += self._frame_samples
            if done is not None and not done.done():
                done.set_result(time.monotonic())
            due += FRAME_MS / 1000
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    def _next_frame(self) -> tuple[bytes, asyncio.Future[float] | None]:
        """The next 20 ms, and the future of the speech that ends with them."""
        assert self._media is not None
        size = self._frame_samples
        frame = np.zeros(size, dtype=np.int16)
        finished = None
        if self._waiting:
            samples, done = self._waiting.popleft()
            piece = samples[:size]
            frame[: len(piece)] = piece
            if len(samples) > size:
                self._waiting.appendleft((samples[size:], done))
            else:
                finished = done
        return codecs.encode(frame, self._media.audio), finished

    @property
    def _frame_samples(self) -> int:
        assert self._media is not None
        return codecs.rate_hz(self._media.audio) * FRAME_MS // 1000

    def _send(self, payload_type: int, timestamp: int, payload: bytes, *, marker: bool) -> None:
        assert self._transport is not None and self._media is not None
        header = struct.pack(
            "!BBHII",
            *(0x80, payload_type | (0x80 if marker else 0)),
            *(self._sequence & 0xFFFF, timestamp & 0xFFFFFFFF, self._source),
        )
        self._sequence += 1
        self._transport.sendto(header + payload, self._media.address)


def spread_ms(packets: Sequence[Packet]) -> NDArray[np.float64]:
    """The gaps between arrivals, in milliseconds."""
    return np.diff([packet.at_s for packet in packets]) * 1000


def _loudness(packet: Packet) -> float:
    samples = codecs.decode(packet.payload, packet.payload_type).astype(np.float64)
    return float(np.sqrt(np.mean(samples * samples)))
