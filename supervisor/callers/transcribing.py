"""What a person understood: each stretch of the other side's speech as text, while it goes on."""

import asyncio
import unicodedata
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from audiosocket.slin import Samples
from stt.recogniser import Hints, Recogniser, RecognitionStream
from supervisor.callers.ears import Ears, LineEndedError, Sound

LEAD_IN_FRAMES = 8
"""Frames before the first audible one that are recognised with it: soft consonants begin early."""

RESULT_WITHIN_S = 10.0


@dataclass(frozen=True, slots=True)
class Turn:
    """A stretch of the other side's speech and what was recognised in it."""

    sound: Sound
    text: str
    confidence: float


OnTurn: TypeAlias = Callable[[Turn], None]


class Transcriber:
    """Follows :class:`Ears` frame by frame and keeps the turns in order.

    ``on_turn`` is told each turn as it is understood.
    """

    def __init__(
        self,
        ears: Ears,
        recogniser: Recogniser,
        language: str,
        on_turn: OnTurn = lambda _: None,
    ) -> None:
        self.turns: list[Turn] = []
        self._ears = ears
        self._recogniser = recogniser
        self._language = language
        self._on_turn = on_turn
        self._before: deque[Samples] = deque(maxlen=LEAD_IN_FRAMES)
        self._stream: RecognitionStream | None = None
        self._last: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self._ended: str | None = None

    def take(self, samples: Samples) -> None:
        """Follow one frame, after the ears took it; recognition itself goes on elsewhere."""
        if self._stream is not None:
            self._stream.feed(samples)
            if not self._ears.speaking:
                self._finish()
        elif self._ears.speaking:
            self._stream = self._recogniser.stream(self._language, Hints())
            for earlier in [*self._before, samples]:
                self._stream.feed(earlier)
        self._before.append(samples)

    async def heard(self, words: tuple[str, ...], after: int) -> int:
        """Wait for a turn with one of ``words``, beginning with turn number ``after``.

        Returns the number of the turn after it. Raises :class:`LineEndedError` when no more can
        come.
        """
        number = after
        while True:
            while number < len(self.turns):
                number += 1
                if contains(self.turns[number - 1].text, words):
                    return number
            if self._last is not None and self._last.done():
                self._last.result()  # what broke the engine must not become a long wait
            if self._ended is not None and (self._last is None or self._last.done()):
                raise LineEndedError(self._ended)
            self._news.clear()
            await self._news.wait()

    def end(self, why: str) -> None:
        """No more will be heard; what was heard last is still understood."""
        self._finish()
        self._ended = why
        self._news.set()

    async def close(self) -> None:
        """Wait until everything heard is understood; call it after :meth:`end`."""
        if self._last is not None:
            await self._last

    def _finish(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            work = self._understand(stream, self._ears.sounds[-1], self._last)
            self._last = asyncio.get_running_loop().create_task(work)

    async def _understand(
        self, stream: RecognitionStream, sound: Sound, before: asyncio.Task[None] | None
    ) -> None:
        try:
            async with asyncio.timeout(RESULT_WITHIN_S):
                transcript = await stream.result()
            if before is not None:
                await before
            turn = Turn(sound, transcript.text, transcript.confidence)
            self.turns.append(turn)
            self._on_turn(turn)
        finally:
            await stream.close()
            self._news.set()


def contains(text: str, words: tuple[str, ...]) -> bool:
    """Whether one of ``words`` is in ``text``, neither case nor accents counting; true for none."""
    spoken = bare(text)
    return not words or any(bare(word) in spoken for word in words)


def bare(text: str) -> str:
    """The text in lower case without accents, as words are looked for."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
