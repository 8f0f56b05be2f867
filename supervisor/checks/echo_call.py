"""A call that nobody has to answer: a Local channel whose two halves come to us through the shipped
dialplan, one as a visitor, one as a resident, and hear each other's tone."""

import asyncio
import time
from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID, uuid4

import numpy as np

from audiosocket import slin
from audiosocket.clock import MediaClock
from audiosocket.connection import CallRefused, Connection
from audiosocket.listener import EndReason, IgnoringListener, Listener
from audiosocket.recording import lateness_ms
from audiosocket.server import AudioSocketServer
from audiosocket.slin import Samples

TONES_HZ: Final = (600.0, 1000.0)
LEAD_S, TONE_S, TAIL_S = 0.4, 0.8, 0.6
"""Silence before the tone, the tone, and the time in which the last of it comes back."""
LOUD_DBFS: Final = -40.0
TONE_DBFS: Final = -18.0
CONNECT_LIMIT_S: Final = 6.0


class EchoFailed(Exception):
    """The call did not come about; the message says how far it got."""


class Originates(Protocol):
    """Begins the call."""

    async def originate(self, call_id: UUID, port: int) -> None:
        """Let one half of a Local channel run ``ramal-answer``, the other the residents' context,
        and both connect to ``port``. Raises :class:`EchoFailed`."""


@dataclass(frozen=True, slots=True)
class Echo:
    """What was measured: the worse of both directions."""

    latency_ms: float
    """From our frame to the same sound in a frame of Asterisk's."""
    late_p99_ms: float
    """How late frames came, against the most punctual ones."""
    frame_ms: float
    """The length of a frame, as most had it."""
    purity: float
    """The share of what was heard that is the tone that was said, 0..1."""


class _Half(IgnoringListener):
    """One of the two connections: says a tone, and keeps what it hears."""

    def __init__(self, tone_hz: float) -> None:
        self.tone_hz = tone_hz
        self.said_at = 0.0
        self.frames: list[tuple[float, Samples]] = []
        self.connection: Connection | None = None

    def call_started(self, connection: Connection) -> None:
        """Remember whom to speak to."""
        self.connection = connection

    def audio_received(self, samples: Samples, rate_hz: int) -> None:
        """Keep it with its time."""
        self.frames.append((time.monotonic(), samples))

    async def speak(self, rate_hz: int) -> None:
        """Say the tone; returns when it is over."""
        assert self.connection is not None
        times = np.arange(round(TONE_S * rate_hz)) / rate_hz
        peak = 10 ** (TONE_DBFS / 20) * slin.FULL_SCALE * 2**0.5
        tone = (peak * np.sin(2 * np.pi * self.tone_hz * times)).astype(np.int16)
        playback = self.connection.playback
        await playback.enqueue(slin.silence(round(LEAD_S * 1000), rate_hz)).done
        clip = playback.enqueue(slin.to_bytes(tone))
        await clip.done
        self.said_at = clip.at or 0.0


async def call_ourselves(asterisk: Originates, host: str, rate_hz: int) -> Echo:
    """Make the call and measure it. Raises :class:`EchoFailed`."""
    halves: list[_Half] = []
    both = asyncio.Event()

    def accept(connection: Connection) -> Listener:
        if len(halves) >= len(TONES_HZ):
            raise CallRefused("both halves are here")
        halves.append(_Half(TONES_HZ[len(halves)]))
        if len(halves) == len(TONES_HZ):
            both.set()
        return halves[-1]

    server = AudioSocketServer(accept, rate_hz=rate_hz, clock=MediaClock())
    await server.start(host, 0)
    try:
        await asterisk.originate(uuid4(), server.port)
        await _until(both, halves, server, host)
        await asyncio.gather(*(half.speak(rate_hz) for half in halves))
        await asyncio.sleep(TAIL_S)
    finally:
        await server.close()
    one, other = halves
    return _worse(_heard(one, other, rate_hz), _heard(other, one, rate_hz))


async def _until(
    both: asyncio.Event, halves: list[_Half], server: AudioSocketServer, host: str
) -> None:
    try:
        async with asyncio.timeout(CONNECT_LIMIT_S):
            await both.wait()
    except TimeoutError:
        ended = server.counters.ended[EndReason.PEER_CLOSED]
        if halves:
            raise EchoFailed("only one half of the call came to us") from None
        if ended:
            raise EchoFailed("Asterisk connected, but hung up before the audio began") from None
        where = f"{host}:{server.port}"
        raise EchoFailed(f"Asterisk did not connect to {where} in {CONNECT_LIMIT_S:g} s") from None


def _heard(speaker: _Half, hearer: _Half, rate_hz: int) -> Echo:
    frames = [frame for frame in hearer.frames if frame[0] >= speaker.said_at]
    loud = [at for at, samples in frames if slin.level_dbfs(samples) > LOUD_DBFS]
    if not loud:
        raise EchoFailed("both halves came, but one did not hear the other")
    times = [at for at, _ in hearer.frames]
    sound = np.concatenate([samples for at, samples in frames if loud[0] <= at <= loud[-1]])
    return Echo(
        latency_ms=(loud[0] - speaker.said_at) * 1000,
        late_p99_ms=float(np.percentile(lateness_ms(times), 99)),
        frame_ms=float(np.median([s.size for _, s in hearer.frames])) * 1000 / rate_hz,
        purity=_purity(sound, speaker.tone_hz, rate_hz),
    )


def _purity(samples: Samples, tone_hz: float, rate_hz: int) -> float:
    power = np.abs(np.fft.rfft(samples.astype(np.float64) * np.hanning(samples.size))) ** 2
    frequencies = np.fft.rfftfreq(samples.size, 1 / rate_hz)
    near = np.abs(frequencies - tone_hz) < 20
    return float(power[near].sum() / max(float(power.sum()), 1.0))


def _worse(one: Echo, other: Echo) -> Echo:
    return Echo(
        latency_ms=max(one.latency_ms, other.latency_ms),
        late_p99_ms=max(one.late_p99_ms, other.late_p99_ms),
        frame_ms=max(one.frame_ms, other.frame_ms),
        purity=min(one.purity, other.purity),
    )
