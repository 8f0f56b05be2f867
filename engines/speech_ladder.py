"""Speech from the best engine that works: the next one takes over within the same sentence."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Final

import structlog

from engines.remote_speech import BACKGROUND_S
from engines.resuming import after
from engines.steps import Steps
from tts.engine import (
    EngineBusyError,
    Makeshift,
    OnlyAheadError,
    RefusedTextError,
    SynthesisError,
    TtsEngine,
    Voice,
    is_in_background,
    is_stepping_down,
)

PROBE_TEXT: Final = "Bom dia."
PROBE_LIMIT_S: Final = 10.0

_NO_FAILURES: Final = (RefusedTextError, OnlyAheadError)
"""Of the engine: it would serve another request."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SpeechStep:
    """An engine, and the voice that it has for a voice of ours."""

    engine: TtsEngine
    dress: Callable[[Voice], Voice]


async def probe_speech(step: SpeechStep, voice: Voice) -> None:
    """Have it say something; one that is too slow for calls need not. Raises ``SynthesisError`` and
    ``TimeoutError``."""
    with suppress(OnlyAheadError):
        async with (
            asyncio.timeout(PROBE_LIMIT_S),
            aclosing(step.engine.synthesise(PROBE_TEXT, step.dress(voice))) as chunks,
        ):
            async for _ in chunks:
                pass


class LadderSpeech:
    """Implements :class:`tts.engine.TtsEngine`; ``patience_s`` for each piece of sound."""

    name = "ladder"

    def __init__(self, ladder: Sequence[SpeechStep], steps: Steps, *, patience_s: float) -> None:
        self._ladder = tuple(ladder)
        self._steps = steps
        self._patience_s = patience_s

    async def start(self) -> str:
        """Start all engines; one that cannot, but for the last, is passed over from the start."""
        told = []
        for number, step in enumerate(self._ladder):
            try:
                told.append(await step.engine.start())
            except SynthesisError as error:
                if self._steps.is_last(number):
                    raise
                await self._steps.give_up(number, str(error))
        return " over ".join(told)

    async def synthesise(self, text: str, voice: Voice) -> AsyncGenerator[bytes, None]:
        """See :meth:`tts.engine.TtsEngine.synthesise`; what is not from the best engine is
        :class:`tts.engine.Makeshift`."""
        said_bytes = 0
        reasons: list[str] = []
        order = await self._steps.order()
        if is_stepping_down() and order[0] == 0:
            order = order[1:] or order
        for number in order:
            try:
                async with aclosing(self._say(number, text, voice, said_bytes)) as chunks:
                    async for chunk in chunks:
                        said_bytes += len(chunk)
                        stands_in = number or reasons
                        yield Makeshift(chunk, self._steps.name(number)) if stands_in else chunk
                await self._steps.succeeded(number)
                return
            except (SynthesisError, TimeoutError) as error:
                reason = str(error) or f"no sound within {self._patience_s:g} s"
                reasons.append(reason)
                busy = isinstance(error, EngineBusyError) and is_in_background()
                if not busy and not isinstance(error, _NO_FAILURES):
                    await self._steps.failed(number, reason)
        raise SynthesisError("; ".join(reasons))

    async def close(self) -> None:
        """Close all engines."""
        await self._steps.close()
        for step in self._ladder:
            await step.engine.close()

    async def _say(
        self, number: int, text: str, voice: Voice, said_bytes: int
    ) -> AsyncGenerator[bytes, None]:
        step = self._ladder[number]
        patience_s = None if self._steps.is_last(number) else self._patience()
        async with (
            aclosing(step.engine.synthesise(text, step.dress(voice))) as chunks,
            aclosing(_in_time(chunks, patience_s)) as timely,
            aclosing(after(timely, said_bytes, voice)) as rest,
        ):
            async for chunk in rest:
                yield chunk

    def _patience(self) -> float:
        return BACKGROUND_S if is_in_background() else self._patience_s


async def _in_time(
    chunks: AsyncGenerator[bytes, None], patience_s: float | None
) -> AsyncGenerator[bytes, None]:
    """Raises ``TimeoutError`` where the next one takes longer."""
    while True:
        try:
            async with asyncio.timeout(patience_s):
                chunk = await anext(chunks)
        except StopAsyncIteration:
            return
        yield chunk
