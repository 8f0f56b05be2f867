"""What the engines' socket costs: ``python -m bench.engines [--texts N]``.

espeak-ng and the built-in recogniser, in this process and in a real engines process behind a Unix
socket; every text is new, so nothing is cached. Cancel latency is from closing the connection to
the engine's place being free again, at an engine in this process that speaks as slowly as people
do; refusal is from the request to its 503, with the queue full. Times are wall clock on whatever
else the machine does: read the median.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager

import aiohttp
import numpy as np

from bench.tts import TEXT, show
from engines.address import Address
from engines.admission import Pace
from engines.app import Loading, serving
from engines.origins import Origins
from engines.remote_recogniser import RemoteRecogniser
from engines.remote_speech import RemoteSpeech
from stt.builtin.recogniser import BuiltinRecogniser
from stt.recogniser import Hints, Recogniser
from tts.engine import EngineBusyError, TtsEngine, Voice
from tts.espeak import EspeakEngine, espeak_voice

VOICE = espeak_voice()


class Unhurried:
    """Gives 20 ms of silence every 20 ms."""

    name = "unhurried"

    async def start(self) -> str:
        """Nothing to start."""
        return self.name

    async def synthesise(self, text: str, voice: Voice) -> AsyncGenerator[bytes, None]:
        """A millisecond's silence at first, to be warm soon; else for ever."""
        yield bytes(320)
        while text.startswith("on and on"):
            await asyncio.sleep(0.02)
            yield bytes(320)

    async def close(self) -> None:
        """Nothing to close."""


@asynccontextmanager
async def engines_process(folder: str) -> AsyncIterator[str]:
    """``ramal engines`` on a socket in ``folder``."""
    address = f"unix:{folder}/engines.sock"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from supervisor.cli import main; main()"),
        *("engines", "--listen", address),
        env={**os.environ, "RAMAL_LOG__LEVEL": "error"},
    )
    origins = Origins.of_engines([address], None)
    [origin] = origins.in_order()
    try:
        for _ in range(2400):
            if await _is_ready(origin.session):
                break
            await asyncio.sleep(0.05)
        yield address
    finally:
        await origins.close()
        process.terminate()
        await process.wait()


async def _is_ready(session: aiohttp.ClientSession) -> bool:
    try:
        async with session.get("/readyz") as answer:
            return answer.status == 200
    except aiohttp.ClientConnectionError:
        return False


async def first_audio_ms(engine: TtsEngine, text: str) -> float:
    """From asking to the first sound; the rest is taken too."""
    began, first = time.perf_counter(), 0.0
    async with aclosing(engine.synthesise(text, VOICE)) as chunks:
        async for _ in chunks:
            first = first or time.perf_counter() - began
    return first * 1000


async def speech(name: str, engine: TtsEngine, count: int) -> None:
    """First audio, one after the other and sixteen at once."""
    await first_audio_ms(engine, "Aquecimento.")
    texts = [TEXT.format(f"{name} {number}") for number in range(count)]
    show(f"first audio, {name}", [await first_audio_ms(engine, each) for each in texts], "ms")
    texts = [TEXT.format(f"{name} junto {number}") for number in range(16)]
    runs = await asyncio.gather(*(first_audio_ms(engine, each) for each in texts))
    show(f"first audio, {name}, 16 at once", runs, "ms")


async def result_ms(recogniser: Recogniser, audio: "np.typing.NDArray[np.int16]") -> float:
    """From the last frame to the text, where frames came as fast as the machine takes them."""
    stream = recogniser.stream("pt-BR", Hints())
    for at in range(0, len(audio), 160):
        stream.feed(audio[at : at + 160])
        await asyncio.sleep(0.001)
    began = time.perf_counter()
    await stream.result()
    took_s = time.perf_counter() - began
    await stream.close()
    return took_s * 1000


async def recognition(name: str, recogniser: Recogniser, count: int) -> None:
    """The result of an utterance of three seconds."""
    audio = np.random.default_rng(1).normal(0, 800, 3 * 8000).astype(np.int16)
    await result_ms(recogniser, audio)
    times = [await result_ms(recogniser, audio) for _ in range(count)]
    show(f"text of 3 s, {name}", times, "ms")


async def cancelling(folder: str, count: int) -> None:
    """Closing a connection in mid-text, and being refused."""
    address = f"unix:{folder}/unhurried.sock"
    loading = Loading(open_tts=Unhurried, make_voice=lambda _: VOICE, tts_at_once=1, most_waiting=0)
    client = RemoteSpeech(Origins.of_engines([address], None), first_sound_s=2, stall_s=2)
    async with serving(Address.parse(address), loading) as served:
        cancels, refusals = [], []
        for _ in range(count):
            async with aclosing(client.synthesise("on and on", VOICE)) as chunks:
                await anext(chunks)
                served.speaking.pace = Pace(0.01, 0.01)
                began = time.perf_counter()
                try:
                    await first_audio_ms(client, "no place")
                except EngineBusyError:
                    refusals.append((time.perf_counter() - began) * 1000)
                began = time.perf_counter()
            for _ in range(1_000_000):
                if not served.speaking.running:
                    break
                await asyncio.sleep(0)
            cancels.append((time.perf_counter() - began) * 1000)
        show("cancel: closed to place free", cancels, "ms")
        show("refusal: asked to 503", refusals, "ms")
    await client.close()


async def run(count: int, folder: str) -> None:
    """All figures."""
    espeak, builtin = EspeakEngine(processes=2), BuiltinRecogniser()
    await espeak.start()
    await speech("in process", espeak, count)
    await recognition("in process", builtin, count)
    await espeak.close()
    await builtin.close()
    async with engines_process(folder) as address:
        remote = RemoteSpeech(Origins.of_engines([address], None), first_sound_s=10, stall_s=10)
        await speech("over the socket", remote, count)
        await remote.close()
        ears = RemoteRecogniser(Origins.of_engines([address], None), patience_s=10)
        await recognition("over the socket", ears, count)
        await ears.close()
    await cancelling(folder, count)


def main() -> None:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=50)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ramal-") as folder:
        asyncio.run(run(arguments.texts, folder))


if __name__ == "__main__":
    main()
