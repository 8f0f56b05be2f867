"""Visitor and resident joined through us: what a frame costs, and how late a voice arrives.

    python -m bench.bridge

The voices cross real AudioSocket connections on loopback. "Later than the frame" counts from the
moment at which the speaker's phone sent a frame to the moment at which the listener's got it.
"""

import asyncio
import time
from typing import Final
from uuid import UUID

import numpy as np
import uvloop
from rich.console import Console
from rich.table import Table

from audiosocket.caller import Caller
from audiosocket.clock import MediaClock
from audiosocket.connection import Connection
from audiosocket.listener import IgnoringListener
from audiosocket.playback import Playback
from audiosocket.server import AudioSocketServer
from audiosocket.slin import Samples
from conversation.passing import Passing

FRAME_SAMPLES: Final = 160
COSTED_FRAMES: Final = 100_000
CLICKS: Final = 40
CLICK_EVERY_S: Final = 0.33


def cost_us() -> tuple[float, float]:
    """Microseconds to pass a frame on and send it, and to send silence, per frame."""
    playback, idle = Playback(), Playback()
    passing = Passing(playback)
    frame = np.arange(FRAME_SAMPLES, dtype=np.int16)
    began = time.perf_counter()
    for _ in range(COSTED_FRAMES):
        passing.push(frame, 8000)
        playback.next_frame(0.0)
    passed = time.perf_counter() - began
    began = time.perf_counter()
    for _ in range(COSTED_FRAMES):
        idle.next_frame(0.0)
    silent = time.perf_counter() - began
    return 1e6 * passed / COSTED_FRAMES, 1e6 * silent / COSTED_FRAMES


class Passer(IgnoringListener):
    """Passes what one line says to the other, as a joined leg does."""

    def __init__(self) -> None:
        self.connection: Connection | None = None
        self.passing: Passing | None = None

    def call_started(self, connection: Connection) -> None:
        """Remember whose line it is."""
        self.connection = connection

    def audio_received(self, samples: Samples, rate_hz: int) -> None:
        """Pass a frame on."""
        if self.passing is not None:
            self.passing.push(samples, rate_hz)


async def latencies_ms() -> list[float]:
    """How much later each of a row of clicks is heard than it was said."""
    passers = {UUID(int=1): Passer(), UUID(int=2): Passer()}
    clock, phones = MediaClock(), MediaClock()
    server = AudioSocketServer(lambda connection: passers[connection.call_id], clock=clock)
    await server.start()
    speaker = await Caller.connect("127.0.0.1", server.port, UUID(int=1), clock=phones)
    await asyncio.sleep(0.013)  # the phones' clocks are not in step
    listener = await Caller.connect("127.0.0.1", server.port, UUID(int=2), clock=MediaClock())
    await asyncio.sleep(0.2)
    ears = passers[UUID(int=2)].connection
    if ears is None:
        raise SystemExit("the listener's connection did not come")
    passers[UUID(int=1)].passing = Passing(ears.playback)
    said = [await _click(speaker) for _ in range(CLICKS)]
    heard = [frame.at for frame in listener.heard.frames if _is_loud(frame.audio)]
    await speaker.hang_up()
    await listener.hang_up()
    await server.close()
    return [1000 * (min(at for at in heard if at > one) - one) for one in said if heard[-1] > one]


async def _click(speaker: Caller) -> float:
    clip = speaker.playback.enqueue(np.full(FRAME_SAMPLES, 9000, dtype="<i2").tobytes())
    at = await clip.started
    await asyncio.sleep(CLICK_EVERY_S)
    return at or 0.0


def _is_loud(audio: bytes) -> bool:
    return bool(np.abs(np.frombuffer(audio, "<i2")).max() > 1000)


def main() -> None:
    """Print the figures."""
    passed_us, silent_us = cost_us()
    ms = np.array(uvloop.run(latencies_ms()))
    table = Table("", "measured", "target", box=None, header_style="bold")
    table.add_row("a frame passed on and sent, µs", f"{passed_us:.1f}", "10")
    table.add_row("... of which sending silence alone costs, µs", f"{silent_us:.1f}", "")
    spread = " / ".join(f"{np.percentile(ms, percent):.0f}" for percent in (50, 95, 100))
    table.add_row("later than the frame, p50 / p95 / worst, ms", spread, "p95 80")
    Console().print(table)


if __name__ == "__main__":
    main()
