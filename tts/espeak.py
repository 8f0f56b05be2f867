"""Speech from espeak-ng, made in a helper process that is restarted when it dies."""

import asyncio
import itertools
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from tts.engine import SynthesisError, Voice
from tts.espeak_messages import Request
from tts.espeak_process import EspeakProcess, WorkerLostError

ENGINE = "espeak"

LONGEST_TEXT = 2000
"""Characters in one request; :mod:`tts.sentences` cuts far shorter."""

NATURAL_WORDS_PER_MINUTE = {"pt": 180, "en": 175, "es": 175}
"""espeak-ng's own count, by language. For pt-br 180 is 5.5 syllables a second, pauses included:
a little brisk for a Brazilian who reads aloud, and right for a courier who stands in the rain."""

_SPEED_RANGE = (80, 450)
_MUTE_S = 5.0
_WAITING_AT_MOST = 256


@dataclass(slots=True)
class EspeakCounters:
    """Since the engine was made."""

    requests: int = 0
    cancelled: int = 0
    retried: int = 0
    failed: int = 0
    starts: int = 0


def espeak_voice(name: str = "pt-br", *, speed: float = 1.0, pitch: float = 0.5) -> Voice:
    """A voice by espeak-ng's name with an optional variant, such as ``pt-br+f2``."""
    base = name.partition("+")[0]
    languages = {"pt-br": "pt-BR", "en-us": "en-US", "en-gb": "en-GB"}
    return Voice(ENGINE, name, languages.get(base, base), "1", speed, pitch)


class EspeakEngine:
    """Implements :class:`tts.engine.TtsEngine`. The helper starts with the first request, or
    with :meth:`start`; it serves requests in the order they come, a sentence in milliseconds."""

    name = ENGINE

    def __init__(self, *, mute_s: float = _MUTE_S) -> None:
        self.counters = EspeakCounters()
        self._mute_s = mute_s
        self._process: EspeakProcess | None = None
        self._starting = asyncio.Lock()
        self._numbers = itertools.count(1)
        self._waiting = 0
        self._closed = False

    async def start(self) -> str:
        """Start the helper ahead of the first call; what it runs, such as libespeak-ng 1.52.0.

        Raises :class:`SynthesisError` with what to install where espeak-ng is missing.
        """
        try:
            return (await self._running()).description
        except WorkerLostError as lost:
            raise SynthesisError(str(lost)) from lost

    @property
    def helper_pid(self) -> int | None:
        """The helper process's id while one runs."""
        return None if self._process is None or self._process.lost else self._process.pid

    async def synthesise(self, text: str, voice: Voice) -> AsyncGenerator[bytes, None]:
        """See :meth:`tts.engine.TtsEngine.synthesise`; after a crash it goes on where it was."""
        _check(text)
        if self._waiting >= _WAITING_AT_MOST:
            self.counters.failed += 1
            raise SynthesisError(f"more than {_WAITING_AT_MOST} texts wait for espeak-ng")
        self.counters.requests += 1
        self._waiting += 1
        finished = False
        try:
            async for chunk in self._with_retry(text, voice):
                yield chunk
            finished = True
        except SynthesisError:
            finished = True
            self.counters.failed += 1
            raise
        finally:
            self._waiting -= 1
            self.counters.cancelled += not finished

    async def close(self) -> None:
        """End the helper; later requests raise :class:`SynthesisError`."""
        self._closed = True
        async with self._starting:
            if self._process is not None:
                await self._process.close()
                self._process = None

    async def _with_retry(self, text: str, voice: Voice) -> AsyncGenerator[bytes, None]:
        delivered = 0
        try:
            async for chunk in self._attempt(text, voice):
                delivered += len(chunk)
                yield chunk
            return
        except WorkerLostError:
            self.counters.retried += 1
        try:
            async for chunk in _after(self._attempt(text, voice), delivered):
                yield chunk
        except WorkerLostError as lost:
            raise SynthesisError(f"{lost}, twice") from lost

    async def _attempt(self, text: str, voice: Voice) -> AsyncGenerator[bytes, None]:
        process = await self._running()
        request = _request(next(self._numbers), text, voice)
        answer = process.answer(request, self._mute_s)
        try:
            async for chunk in answer:
                yield chunk
        finally:
            await answer.aclose()

    async def _running(self) -> EspeakProcess:
        if self._process is not None and not self._process.lost and not self._closed:
            return self._process
        async with self._starting:
            if self._closed:
                raise SynthesisError("the espeak engine is closed")
            if self._process is None or self._process.lost:
                if self._process is not None:
                    await self._process.close()
                self._process = None
                self._process = await EspeakProcess.start()
                self.counters.starts += 1
            return self._process


async def _after(
    chunks: AsyncGenerator[bytes, None], skip_bytes: int
) -> AsyncGenerator[bytes, None]:
    async for chunk in chunks:
        rest = chunk[skip_bytes:]
        skip_bytes = max(0, skip_bytes - len(chunk))
        if rest:
            yield rest


def _check(text: str) -> None:
    if not text.strip():
        raise SynthesisError("there is no text to speak")
    if len(text) > LONGEST_TEXT:
        raise SynthesisError(f"a text of {len(text)} characters; at most {LONGEST_TEXT} at a time")


def _request(number: int, text: str, voice: Voice) -> Request:
    natural = NATURAL_WORDS_PER_MINUTE.get(voice.name[:2], 175)
    low, high = _SPEED_RANGE
    words_per_minute = min(high, max(low, round(natural * voice.speed)))
    pitch = min(99, max(0, round(voice.pitch * 99)))
    return Request(number, text, voice.name, words_per_minute, pitch)
