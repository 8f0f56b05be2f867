"""Recognition by the best engine that works: the next one hears the same utterance again."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import structlog

from audiosocket.resampling import Resampler
from engines.remote_recogniser import RecognitionFailedError, Utterance
from engines.steps import Steps
from stt.recogniser import TELEPHONE_HZ, Hints, Recogniser, RecognitionStream, Transcript
from stt.vad import Samples

PROBE_LIMIT_S: Final = 10.0
_NOTHING: Final = Transcript("", 0.0, final=False)

_log = structlog.get_logger(__name__)


async def probe_recogniser(recogniser: Recogniser) -> None:
    """Have it listen to a second of silence."""
    stream = any_stream(recogniser)
    try:
        stream.feed(np.zeros(TELEPHONE_HZ, np.int16))
        async with asyncio.timeout(PROBE_LIMIT_S):
            await stream.result()
    finally:
        await stream.close()


def any_stream(recogniser: Recogniser) -> RecognitionStream:
    """A stream in a language that the recogniser knows: some models know English alone."""
    try:
        return recogniser.stream("pt-BR", Hints())
    except ValueError:
        return recogniser.stream("en", Hints())


class _Hearing:
    """A stream of one step, fed at its own rate."""

    def __init__(self, recogniser: Recogniser, language: str, hints: Hints, rate_hz: int) -> None:
        own_hz = rate_hz if rate_hz <= recogniser.best_hz else TELEPHONE_HZ
        self._resampler = Resampler(rate_hz, own_hz)
        self.stream: RecognitionStream = recogniser.stream(language, hints, own_hz)

    def feed(self, samples: Samples) -> None:
        self.stream.feed(self._resampler.process(samples))


class LadderStream:
    """One caller's speech; see :class:`stt.recogniser.RecognitionStream`."""

    def __init__(self, ladder: "LadderRecogniser", language: str, hints: Hints, rate_hz: int):
        self._ladder = ladder
        self._asked = (language, hints, rate_hz)
        self._utterance = Utterance(rate_hz)
        self._number = ladder.steps.level
        self._hearing = self._open(self._number)
        self._given_up: set[asyncio.Task[None]] = set()

    def feed(self, samples: Samples) -> None:
        """Keep it, and hand it to the engine of the moment."""
        self._utterance.add(samples)
        if self._hearing is not None:
            self._hearing.feed(samples)

    @property
    def partial(self) -> Transcript:
        """What the engine of the moment has so far."""
        return self._hearing.stream.partial if self._hearing is not None else _NOTHING

    async def early(self) -> Transcript | None:
        """That of the engine of the moment; where it fails, the result is the next one's."""
        number, hearing = self._number, self._hearing
        if hearing is None:
            return None
        steps = self._ladder.steps
        try:
            async with asyncio.timeout(self._patience_s(number)):
                transcript = await hearing.stream.early()
        except Exception as error:
            await steps.failed(number, self._reason(number, error))
            if hearing is self._hearing and not steps.is_last(number):
                self._begin_again(number + 1)
            return None
        if transcript is None:
            return None
        await steps.succeeded(number)
        return replace(transcript, engine=steps.name(number))

    async def result(self) -> Transcript:
        """The text of all that was fed, from the first engine that has one in time.

        Raises :class:`~engines.remote_recogniser.RecognitionFailedError`.
        """
        steps = self._ladder.steps
        reasons = []
        for number in [each for each in await steps.order() if each >= self._number]:
            if number != self._number or self._hearing is None:
                self._begin_again(number)
            if (hearing := self._hearing) is None:
                continue
            try:
                async with asyncio.timeout(self._patience_s(number)):
                    transcript = await hearing.stream.result()
            except Exception as error:
                reason = self._reason(number, error)
                reasons.append(reason)
                await steps.failed(number, reason)
                self._give_up()
            else:
                await steps.succeeded(number)
                return replace(transcript, engine=steps.name(number))
        raise RecognitionFailedError("; ".join(reasons) or "no engine knows the language")

    def reset(self) -> None:
        """Forget the utterance; the next one goes to the best engine again."""
        self._utterance.clear()
        if self._hearing is not None and self._number == self._ladder.steps.level:
            self._hearing.stream.reset()
        else:
            self._begin_again(self._ladder.steps.level)

    async def close(self) -> None:
        """Free what the streams hold."""
        self._give_up()
        await asyncio.gather(*self._given_up, return_exceptions=True)

    def _patience_s(self, number: int) -> float | None:
        return None if self._ladder.steps.is_last(number) else self._ladder.patience_s

    def _reason(self, number: int, error: Exception) -> str:
        return str(error) or f"no text within {self._patience_s(number)} s"

    def _begin_again(self, number: int) -> None:
        self._give_up()
        self._number, self._hearing = number, self._open(number)
        if self._hearing is not None:
            self._hearing.feed(self._utterance.whole())

    def _open(self, number: int) -> _Hearing | None:
        language, hints, rate_hz = self._asked
        try:
            return _Hearing(self._ladder.recognisers[number], language, hints, rate_hz)
        except ValueError as error:
            _log.warning("engine.not_for_this", step=number, reason=str(error))
            return None

    def _give_up(self) -> None:
        if self._hearing is not None:
            task = asyncio.create_task(self._hearing.stream.close())
            self._given_up.add(task)
            task.add_done_callback(self._given_up.discard)
            self._hearing = None


class LadderRecogniser:
    """Implements :class:`stt.recogniser.Recogniser`; ``patience_s`` for each result of a step
    that has another below."""

    name = "ladder"

    def __init__(
        self, recognisers: Sequence[Recogniser], steps: Steps, *, patience_s: float
    ) -> None:
        self.recognisers = tuple(recognisers)
        self.steps = steps
        self.patience_s = patience_s
        self.name = " over ".join(each.name for each in recognisers)

    @property
    def best_hz(self) -> int:
        """Of any step."""
        return max(each.best_hz for each in self.recognisers)

    def stream(self, language: str, hints: Hints, rate_hz: int = TELEPHONE_HZ) -> LadderStream:
        """A new stream, at the best engine that is trusted now."""
        return LadderStream(self, language, hints, rate_hz)

    async def close(self) -> None:
        """Close all engines."""
        await self.steps.close()
        for each in self.recognisers:
            await each.close()
