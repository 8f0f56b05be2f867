"""Servers that the tests misbehave with, and engines in this process behind a real socket."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from engines.address import Address
from engines.app import Loading, serving
from engines.serving import Served
from stt.vad import Samples
from tts.engine import TtsEngine
from tts.espeak import espeak_voice


@asynccontextmanager
async def speaking(
    engine: TtsEngine, *, at_once: int = 2, compute_here: bool = True
) -> AsyncIterator[tuple[str, Served]]:
    """The engine behind a Unix socket: its address, and what is served."""
    with tempfile.TemporaryDirectory(prefix="ramal-") as folder:
        address = f"unix:{folder}/engines.sock"
        loading = Loading(
            open_tts=lambda: engine,
            make_voice=lambda name: espeak_voice(name or "pt-br"),
            tts_at_once=at_once,
            compute_here=compute_here,
        )
        async with serving(Address.parse(address), loading) as served:
            yield address, served


@asynccontextmanager
async def hanging() -> AsyncIterator[str]:
    """Takes connections, and never says anything."""
    released = asyncio.Event()

    async def hold(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await released.wait()
        writer.close()

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        released.set()
        server.close()


@asynccontextmanager
async def answering(
    handler: Callable[[web.Request], Any], path: str = "/v1/synthesis"
) -> AsyncIterator[str]:
    """Answers every request as the test says."""
    app = web.Application()
    app.router.add_route("*", path, handler)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def in_pieces(audio: Samples) -> Iterator[Samples]:
    """Most of it, and the rest a few samples at a time: a server tells a partial text as it is fed,
    and has half a minute to find one where each piece is waited after."""
    most = len(audio) * 3 // 4
    yield audio[:most]
    for at in range(most, len(audio), 8):
        yield audio[at : at + 8]


async def until(good: Callable[[], bool], limit_s: float = 20.0) -> None:
    """Look again until it is so: what happens elsewhere tells nobody here."""
    for _ in range(round(limit_s / 0.01)):
        if good():
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"not so after {limit_s:g} s")
