"""An engines process that speaks as slowly as people do: ``python -m tests.engines.unhurried
SOCKET``. It runs until it is killed."""

import asyncio
import sys
from collections.abc import AsyncGenerator

from engines.address import Address
from engines.app import Loading, serving
from stt.engines import RecogniserChoice, open_recogniser
from stt.recogniser import Recogniser
from tts.engine import Voice
from tts.espeak import EspeakEngine, espeak_voice

CHUNK_BYTES = 1600
"""100 ms."""


class UnhurriedEngine(EspeakEngine):
    """espeak-ng, 100 ms of speech every 80 ms."""

    async def synthesise(self, text: str, voice: Voice) -> AsyncGenerator[bytes, None]:
        audio = b"".join([chunk async for chunk in super().synthesise(text, voice)])
        for at in range(0, len(audio), CHUNK_BYTES):
            yield audio[at : at + CHUNK_BYTES]
            await asyncio.sleep(0.08)


async def main(path: str) -> None:
    async def open_stt() -> Recogniser:
        return await open_recogniser(RecogniserChoice())

    loading = Loading(
        open_stt, UnhurriedEngine, lambda name: espeak_voice(name or "pt-br"), tts_at_once=8
    )
    async with serving(Address.parse(f"unix:{path}"), loading):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
