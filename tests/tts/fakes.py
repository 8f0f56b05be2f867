"""An engine whose every step the test decides."""

import asyncio
from collections.abc import AsyncGenerator

from tts.engine import SynthesisError, Voice


class SteppedEngine:
    """Says a text as its own bytes, a chunk whenever the test allows one.

    ``go_on`` lets everything through; until then each ``permit()`` lets one chunk out.
    """

    name = "stepped"

    def __init__(self, *, running: bool = False) -> None:
        self.begun: list[str] = []
        self.cancelled: list[str] = []
        self.refused: set[str] = set()
        self._permits = asyncio.Semaphore(0)
        self._running = running

    def permit(self, chunks: int = 1) -> None:
        for _ in range(chunks):
            self._permits.release()

    def go_on(self) -> None:
        self._running = True
        self.permit(1000)

    async def start(self) -> str:
        return self.name

    async def synthesise(self, text: str, voice: Voice) -> AsyncGenerator[bytes, None]:
        self.begun.append(text)
        if text in self.refused:
            raise SynthesisError(f"cannot say {text}")
        try:
            for word in text.split():
                if not self._running:
                    await self._permits.acquire()
                yield slin(word)
        except (asyncio.CancelledError, GeneratorExit):
            self.cancelled.append(text)
            raise

    async def close(self) -> None:
        self.go_on()


def slin(word: str) -> bytes:
    return word.encode("utf-16-le")
