"""Speech from espeak-ng, made in helper processes that are replaced when they die."""

import itertools
import json
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from tts.engine import SynthesisError, Voice
from tts.espeak_helper import EspeakHelper
from tts.espeak_messages import PhonemesRequest, Request
from tts.espeak_process import Patience, WorkerLostError

_log = logging.getLogger(__name__)

ENGINE = "espeak"

LONGEST_TEXT = 2000
"""Characters in one request; :mod:`tts.sentences` cuts far shorter."""

WAITING_AT_MOST = 256
"""Requests at once, about a second of a helper's work; more are refused."""

NATURAL_WORDS_PER_MINUTE = {"pt": 180, "en": 175, "es": 175}
"""espeak-ng's own count, by language. For pt-br 180 is 5.5 syllables a second, pauses included:
a little brisk for a Brazilian who reads aloud, and right for a courier who stands in the rain."""

VOICE_VERSION = "1"
"""Raised whenever the same text would sound different: other speeds, other shaping."""

_SPEED_RANGE = (80, 450)


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
    return Voice(ENGINE, name, languages.get(base, base), VOICE_VERSION, speed, pitch)


class EspeakEngine:
    """Implements :class:`tts.engine.TtsEngine`.

    Helpers (``processes`` of them) start with the first requests, or with :meth:`start`; each
    serves its requests in the order they come, a sentence in milliseconds. A helper that tries
    our ``patience`` is replaced. With ``goes_last``, all else on the machine goes first.
    """

    name = ENGINE

    def __init__(
        self, *, processes: int = 1, patience: Patience | None = None, goes_last: bool = False
    ) -> None:
        self.counters = EspeakCounters()
        self._patience = patience or Patience()
        self._helpers = [
            EspeakHelper(self._count_start, goes_last=goes_last) for _ in range(processes)
        ]
        self._numbers = itertools.count(1)

    async def start(self) -> str:
        """Start the helpers ahead of the first call; what they run, as "libespeak-ng 1.52.0".

        Raises :class:`SynthesisError` with what to install where espeak-ng is missing.
        """
        try:
            started = [await helper.start() for helper in self._helpers]
        except WorkerLostError as lost:
            raise SynthesisError(str(lost)) from lost
        return started[0].description

    @property
    def helper_pids(self) -> list[int]:
        """The ids of the helper processes that run."""
        return [helper.pid for helper in self._helpers if helper.pid is not None]

    async def synthesise(self, text: str, voice: Voice) -> AsyncGenerator[bytes, None]:
        """See :meth:`tts.engine.TtsEngine.synthesise`; after a crash it goes on where it was."""
        self._check(text)
        self.counters.requests += 1
        ended = False
        try:
            async with aclosing(self._with_retry(text, voice)) as chunks:
                async for chunk in chunks:
                    yield chunk
            ended = True
        except SynthesisError:
            ended = True
            self.counters.failed += 1
            raise
        finally:
            self.counters.cancelled += not ended

    async def phonemes(self, clauses: Sequence[str], voice: str, tie: str = "") -> list[str]:
        """How each of ``clauses`` is pronounced by espeak-ng's ``voice``, in the International
        Phonetic Alphabet; ``tie`` joins the letters of one sound. Tried again after a crash.

        Raises :class:`SynthesisError`.
        """
        self._check(" ".join(clauses))
        self.counters.requests += 1
        try:
            return await self._pronounce(clauses, voice, tie)
        except WorkerLostError as lost:
            self.counters.retried += 1
            _log.warning("An espeak-ng helper was lost; the text is tried once more: %s", lost)
        try:
            return await self._pronounce(clauses, voice, tie)
        except WorkerLostError as lost:
            raise SynthesisError(f"{lost}, twice") from lost

    async def close(self) -> None:
        """End the helpers; later requests raise :class:`SynthesisError`."""
        for helper in self._helpers:
            await helper.close()

    async def _with_retry(self, text: str, voice: Voice) -> AsyncGenerator[bytes, None]:
        delivered_bytes = 0
        try:
            async with aclosing(self._attempt(text, voice)) as chunks:
                async for chunk in chunks:
                    delivered_bytes += len(chunk)
                    yield chunk
            return
        except WorkerLostError as lost:
            self.counters.retried += 1
            _log.warning("An espeak-ng helper was lost; the text is tried once more: %s", lost)
        try:
            async with aclosing(self._attempt(text, voice)) as chunks:
                async for chunk in _after(chunks, delivered_bytes):
                    yield chunk
        except WorkerLostError as lost:
            raise SynthesisError(f"{lost}, twice") from lost

    async def _pronounce(self, clauses: Sequence[str], voice: str, tie: str) -> list[str]:
        helper = min(self._helpers, key=lambda each: each.waiting)
        request = PhonemesRequest(next(self._numbers), tuple(clauses), voice, tie)
        async with aclosing(helper.answer(request, self._patience)) as answers:
            said: list[str] = json.loads(b"".join([answer async for answer in answers]))
        return said

    def _attempt(self, text: str, voice: Voice) -> AsyncGenerator[bytes, None]:
        helper = min(self._helpers, key=lambda each: each.waiting)
        return helper.answer(_request(next(self._numbers), text, voice), self._patience)

    def _check(self, text: str) -> None:
        if not text.strip():
            raise SynthesisError("there is no text to speak")
        if len(text) > LONGEST_TEXT:
            raise SynthesisError(
                f"a text of {len(text)} characters; espeak-ng takes {LONGEST_TEXT} at a time"
            )
        if sum(helper.waiting for helper in self._helpers) >= WAITING_AT_MOST:
            self.counters.failed += 1
            raise SynthesisError(f"{WAITING_AT_MOST} texts wait for espeak-ng already")

    def _count_start(self) -> None:
        self.counters.starts += 1


async def _after(
    chunks: AsyncGenerator[bytes, None], skip_bytes: int
) -> AsyncGenerator[bytes, None]:
    async for chunk in chunks:
        rest = chunk[skip_bytes:]
        skip_bytes = max(0, skip_bytes - len(chunk))
        if rest:
            yield rest


def _request(number: int, text: str, voice: Voice) -> Request:
    natural = NATURAL_WORDS_PER_MINUTE.get(voice.name[:2], 175)
    low, high = _SPEED_RANGE
    words_per_minute = min(high, max(low, round(natural * voice.pace)))
    pitch = min(99, max(0, round(voice.pitch * 99)))
    return Request(number, text, voice.name, words_per_minute, pitch, voice.rate_hz)
