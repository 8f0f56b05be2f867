"""The processes of the media benchmark: a server under test, the bare floor, and the callers.

Each is started by ``bench.media`` and answers each line on its standard input with one line of
JSON. A server's CPU time is its own process's; the callers live in another process.
"""

import asyncio
import json
import random
import resource
import struct
import sys
import tempfile
import time
import uuid
from array import array
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt
import uvloop
import webrtcvad

from audiosocket.connection import Accept, Connection
from audiosocket.frames import (
    KIND_OF_RATE,
    TELEPHONE_HZ,
    Frame,
    FrameDecoder,
    encode_frame,
    encode_uuid,
    frame_bytes,
)
from audiosocket.listener import IgnoringListener
from audiosocket.recording import lateness_ms
from audiosocket.resampling import Halver, Resampler
from audiosocket.server import AudioSocketServer
from audiosocket.slin import Samples
from supervisor.recordings.recorder import Recorder
from supervisor.recordings.writer import Loss, RecordingWriter

FRAME_S = 0.02
Answer = Callable[[], Awaitable[dict[str, object]]]


class VadListener(IgnoringListener):
    """Hears a call and runs webrtcvad on each frame, as the floor does; at 8 kHz, as an ear."""

    def __init__(self, rate_hz: int) -> None:
        self.narrow = Resampler(rate_hz, TELEPHONE_HZ) if rate_hz == TELEPHONE_HZ else Halver()
        self.is_speech = webrtcvad.Vad(3).is_speech
        self.speech_frames = 0

    def audio_received(self, samples: Samples, rate_hz: int) -> None:
        """Classify the frame."""
        if self.is_speech(self.narrow.process(samples).tobytes(), TELEPHONE_HZ):
            self.speech_frames += 1


class Floor(asyncio.Protocol):
    """The least that a server can do: parse, webrtcvad, write one frame back for each."""

    frames = 0
    rate_hz = TELEPHONE_HZ

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Make the call's detector."""
        self.write = cast(asyncio.Transport, transport).write
        self.buffer = b""
        self.kind = KIND_OF_RATE[self.rate_hz]
        self.silence = encode_frame(self.kind, bytes(frame_bytes(self.rate_hz)))
        self.is_speech = webrtcvad.Vad(3).is_speech

    def data_received(self, data: bytes) -> None:
        """Parse, classify, answer."""
        self.buffer += data
        while len(self.buffer) >= 3:
            kind, length = struct.unpack_from("!BH", self.buffer)
            if len(self.buffer) < 3 + length:
                return
            payload = self.buffer[3 : 3 + length]
            self.buffer = self.buffer[3 + length :]
            if kind == self.kind:
                self.is_speech(payload, self.rate_hz)
                self.write(self.silence)
                Floor.frames += 1


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def _answer_lines(answer: Answer) -> None:
    """One JSON line for each line on standard input, until it is closed."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.readline():
        print(json.dumps(await answer()), flush=True)


class RecordedListener(VadListener):
    """... while the call is recorded."""

    def __init__(self, rate_hz: int, recorder: Recorder) -> None:
        super().__init__(rate_hz)
        self.recorder = recorder

    def call_started(self, connection: Connection) -> None:
        """Record it to its end."""
        self.recorder.record(connection.call_id, "visitor", connection)


async def serve_recorded(rate_hz: int) -> None:
    """The media plane with every call being recorded, the writing thread in the same process."""
    lost: list[Loss] = []
    with tempfile.TemporaryDirectory(prefix="ramal-bench-") as folder:
        writer = RecordingWriter(0, lost.append)
        writer.start()
        recorder = Recorder(Path(folder), writer)
        await serve_ramal(rate_hz, lambda _: RecordedListener(rate_hz, recorder))
        await asyncio.to_thread(writer.close)


async def serve_ramal(rate_hz: int, accept: Accept | None = None) -> None:
    """The media plane as it is in production, with webrtcvad as its only listener."""
    server = AudioSocketServer(accept or (lambda _: VadListener(rate_hz)), rate_hz=rate_hz)
    await server.start()

    async def answer() -> dict[str, object]:
        clock = server.clock
        return {
            "cpu_s": _cpu_s(),
            "loop_cpu_s": time.thread_time(),
            "frames": sum(c.frames_in for c in server.connections),
            "sent": sum(c.frames_out for c in server.connections),
            "stale": sum(c.stale_in for c in server.connections),
            "tick_late_p99_ms": clock.lateness.percentile_ms(99),
            "tick_spread_p99_ms": clock.spread.percentile_ms(99),
            "skipped_ticks": clock.skipped_ticks,
        }

    print(json.dumps({"port": server.port}), flush=True)
    await _answer_lines(answer)
    await server.close()


async def serve_floor(rate_hz: int) -> None:
    """The bare floor on a port of its own."""
    Floor.rate_hz = rate_hz
    server = await asyncio.get_running_loop().create_server(Floor, "127.0.0.1", 0)

    async def answer() -> dict[str, object]:
        return {"cpu_s": _cpu_s(), "frames": Floor.frames, "sent": Floor.frames}

    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await _answer_lines(answer)
    server.close()


class BenchCaller(asyncio.Protocol):
    """A caller that only times what it hears."""

    def __init__(self, frames: list[bytes]) -> None:
        self.frames = frames
        self.next = random.randrange(len(frames))
        self.decoder = FrameDecoder()
        self.times = array("d")
        self.closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the UUID."""
        self.write = cast(asyncio.Transport, transport).write
        self.uuid_at = time.monotonic()
        self.write(encode_uuid(uuid.uuid4()))

    def data_received(self, data: bytes) -> None:
        """Note the time of each frame."""
        now = time.monotonic()
        heard: list[Frame] = self.decoder.feed(data)
        self.times.extend([now] * len(heard))

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop sending."""
        self.closed = True

    def send(self) -> None:
        """Send the next frame of the loop."""
        self.next = (self.next + 1) % len(self.frames)
        if not self.closed:
            self.write(self.frames[self.next])


def _speech_like(rate_hz: int) -> list[bytes]:
    """Five seconds of noise in syllables, as frames on the wire."""
    noise = np.random.default_rng(1).normal(0, 3000, 5 * rate_hz)
    syllables = np.clip(np.sin(np.arange(noise.size) * 2 * np.pi * 3 / rate_hz) + 0.3, 0, 1)
    audio, size = (noise * syllables).astype("<i2").tobytes(), frame_bytes(rate_hz)
    kind = KIND_OF_RATE[rate_hz]
    return [encode_frame(kind, audio[at : at + size]) for at in range(0, len(audio), size)]


async def call(rate_hz: int, port: int, calls: int, seconds: float) -> dict[str, object]:
    """``calls`` callers at phases spread over the 20 ms, each paced on an absolute grid."""
    loop = asyncio.get_running_loop()
    frames = _speech_like(rate_hz)
    callers: list[BenchCaller] = []
    for _ in range(calls):
        _, caller = await loop.create_connection(lambda: BenchCaller(frames), "127.0.0.1", port)
        callers.append(caller)
    print(json.dumps({"connected": calls}), flush=True)
    machine = await _pace(callers, seconds)
    return {**_heard(callers), "machine_late_ms": _percentiles(np.array(machine))}


async def _pace(callers: list[BenchCaller], seconds: float) -> list[float]:
    """Every 2 ms the callers of one of ten phases send their frame.

    Returns how late this process itself woke, in ms: the share of the machine in all lateness.
    """
    late_ms: list[float] = []
    phases = [callers[phase::10] for phase in range(10)]
    begin = time.monotonic()
    for step in range(int(seconds * 500)):
        delay_s = begin + step * 0.002 - time.monotonic()
        if delay_s > 0:
            await asyncio.sleep(delay_s)
        late_ms.append((time.monotonic() - begin - step * 0.002) * 1000)
        for caller in phases[step % 10]:
            caller.send()
    return late_ms


def _percentiles(values: npt.NDArray[np.floating]) -> dict[str, float]:
    return {str(p): float(np.percentile(values, p)) for p in (50, 99, 100)}


def _heard(callers: list[BenchCaller]) -> dict[str, object]:
    """Lateness of every frame after the first second, as a phone's jitter buffer sees it."""
    late = np.concatenate([lateness_ms(c.times[50:]) for c in callers])
    gaps = np.concatenate([np.diff(c.times[50:]) for c in callers]) * 1000
    first = [(c.times[0] - c.uuid_at) * 1000 for c in callers if c.times]
    return {
        "heard": sum(len(c.times) for c in callers),
        "closed_early": sum(c.closed for c in callers),
        "late_ms": _percentiles(late),
        "gap_ms": _percentiles(gaps),
        "first_frame_ms": _percentiles(np.array(first)),
    }


async def _main() -> None:
    role, rate_hz, arguments = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    if role == "ramal":
        await serve_ramal(rate_hz)
    elif role == "recorded":
        await serve_recorded(rate_hz)
    elif role == "floor":
        await serve_floor(rate_hz)
    else:
        heard = await call(rate_hz, int(arguments[0]), int(arguments[1]), float(arguments[2]))
        print(json.dumps(heard), flush=True)


if __name__ == "__main__":
    uvloop.run(_main())
