"""A step of a ladder whose engine could not be opened: calls do without it until it can."""

from collections.abc import Awaitable, Callable
from typing import Final

from engines.recogniser_ladder import probe_recogniser
from engines.remote_recogniser import WIDE_HZ
from stt.recogniser import (
    TELEPHONE_HZ,
    Hints,
    Recogniser,
    RecogniserUnavailableError,
    RecognitionStream,
)

NOT_YET: Final = "the engine is not open yet"


class LateRecogniser:
    """Implements :class:`stt.recogniser.Recogniser` once :meth:`probe`, which a ladder calls beside
    its calls, could open it; ``reason`` is why it could not at first."""

    def __init__(
        self, name: str, open_engine: Callable[[], Awaitable[Recogniser]], reason: str
    ) -> None:
        self.name = name
        self.reason = reason
        self._open = open_engine
        self._engine: Recogniser | None = None

    @property
    def best_hz(self) -> int:
        """The engine's own; before it is open, that of the engines that are opened late."""
        return WIDE_HZ if self._engine is None else self._engine.best_hz

    async def probe(self) -> None:
        """Open it if need be, and have it listen. Raises what either raises."""
        if self._engine is None:
            self._engine = await self._open()
        await probe_recogniser(self._engine)

    def stream(self, language: str, hints: Hints, rate_hz: int = TELEPHONE_HZ) -> RecognitionStream:
        """See :meth:`stt.recogniser.Recogniser.stream`. Raises ``ValueError`` before it is open."""
        if self._engine is None:
            raise ValueError(NOT_YET)
        return self._engine.stream(language, hints, rate_hz)

    async def close(self) -> None:
        """Close the engine, if it is open."""
        if self._engine is not None:
            await self._engine.close()


async def opened_or_late(
    name: str, open_engine: Callable[[], Awaitable[Recogniser]]
) -> "Recogniser | LateRecogniser":
    """The engine, or what stands for it until it can be opened."""
    try:
        return await open_engine()
    except RecogniserUnavailableError as error:
        return LateRecogniser(name, open_engine, str(error))
