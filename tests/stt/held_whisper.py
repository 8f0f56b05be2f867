"""Whisper whose work goes on when a test says so."""

import asyncio
import threading
from collections.abc import Callable

import pytest

from stt.whisper import WhisperRecogniser
from stt.whisper.queue import GivenUpError


class Held:
    """The model's threads, held up until somebody lets them go or nobody wants their work."""

    def __init__(self, recogniser: WhisperRecogniser, patch: pytest.MonkeyPatch) -> None:
        self.let_go = threading.Event()
        self.lengths: list[int] = []
        self._began = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        decode = recogniser.queue._work

        def held(requests: list, wanted: Callable[[], bool]) -> list:  # type: ignore[type-arg]
            self.lengths += [len(request.audio) for request in requests]
            self._loop.call_soon_threadsafe(self._began.set)
            while not self.let_go.wait(0.001):
                if not wanted():
                    raise GivenUpError
            return decode(requests, wanted)

        patch.setattr(recogniser.queue, "_work", held)

    async def begun(self, count: int) -> None:
        async with asyncio.timeout(20):
            while len(self.lengths) < count:
                self._began.clear()
                await self._began.wait()
