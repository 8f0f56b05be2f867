"""Ears and voice on simulated time: what they compute takes none of it, and comes in one order."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import numpy as np
import numpy.typing as npt

from stt.recogniser import (
    TELEPHONE_HZ,
    Hints,
    Recogniser,
    RecognitionStream,
    Transcript,
)
from supervisor.replay.simulated_time import SimulatedLoop
from tts.engine import TtsEngine, Voice


class TimelessEngine:
    """A speech engine whose every text is there at once, and whole.

    It speaks one text after the other: what espeak-ng makes of one depends by some milliseconds on
    what the same process said before.
    """

    def __init__(self, engine: TtsEngine, loop: SimulatedLoop) -> None:
        self.name = engine.name
        self._engine = engine
        self._in_turn = asyncio.Lock()
        self._loop = loop

    async def start(self) -> str:
        """See :meth:`tts.engine.TtsEngine.start`."""
        with self._loop.outside():
            return await self._engine.start()

    async def synthesise(self, text: str, voice: Voice) -> AsyncGenerator[bytes, None]:
        """See :meth:`tts.engine.TtsEngine.synthesise`; in one piece."""
        audio = bytearray()
        with self._loop.outside():
            async with self._in_turn, aclosing(self._engine.synthesise(text, voice)) as chunks:
                async for chunk in chunks:
                    audio += chunk
        yield bytes(audio)

    async def close(self) -> None:
        """See :meth:`tts.engine.TtsEngine.close`."""
        with self._loop.outside():
            await self._engine.close()


class TimelessRecogniser:
    """A recogniser whose results are there at once, or ``takes_s`` of simulated time later."""

    def __init__(self, recogniser: Recogniser, loop: SimulatedLoop, takes_s: float = 0.0) -> None:
        self.name = recogniser.name
        self._recogniser = recogniser
        self._loop = loop
        self._takes_s = takes_s

    @property
    def best_hz(self) -> int:
        """See :attr:`stt.recogniser.Recogniser.best_hz`."""
        return self._recogniser.best_hz

    def stream(self, language: str, hints: Hints, rate_hz: int = TELEPHONE_HZ) -> RecognitionStream:
        """See :meth:`stt.recogniser.Recogniser.stream`."""
        stream = self._recogniser.stream(language, hints, rate_hz)
        return _TimelessStream(stream, self._loop, self._takes_s)

    async def close(self) -> None:
        """See :meth:`stt.recogniser.Recogniser.close`."""
        with self._loop.outside():
            await self._recogniser.close()


class _TimelessStream:
    def __init__(self, stream: RecognitionStream, loop: SimulatedLoop, takes_s: float) -> None:
        self._stream = stream
        self._loop = loop
        self._takes_s = takes_s
        self._text = Transcript("", 0.0, final=False)

    def feed(self, samples: npt.NDArray[np.int16]) -> None:
        self._stream.feed(samples)

    @property
    def partial(self) -> Transcript:
        """The builtin recogniser's is computed in order; another's may come at any time, so the
        last whole result stands for it."""
        return self._text if self._text.text else self._stream.partial

    async def early(self) -> None:
        """Nothing: a result is there at once."""

    async def result(self) -> Transcript:
        if self._takes_s:
            await _sleep(self._loop, self._takes_s)
        with self._loop.outside():
            self._text = await self._stream.result()
        return self._text

    def reset(self) -> None:
        self._stream.reset()

    async def close(self) -> None:
        with self._loop.outside():
            await self._stream.close()


async def _sleep(loop: SimulatedLoop, seconds: float) -> None:
    over = loop.create_future()
    timer = loop.call_later(seconds, over.set_result, None)
    try:
        await over
    finally:
        timer.cancel()
