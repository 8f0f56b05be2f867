"""A replica with a voice: text in, slin out as it is made."""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from engines.app import WARM_TEXT, Loading
from supervisor.cluster.condition import Condition
from supervisor.cluster.settings import ClusterSettings
from supervisor.cluster.wire import Described
from supervisor.engine_process import loading
from supervisor.settings import load_settings
from supervisor.speech_settings import EnginesSettings
from tts.cloning import VoiceCloner
from tts.engine import (
    Cast,
    EngineBusyError,
    RefusedTextError,
    TtsEngine,
    Voice,
    another_take,
)


class Voices:
    """Loads the speech engine once; gateways stream from it."""

    async def __init__(self, told: dict[str, Any]) -> None:  # type: ignore[misc] # Serve awaits it
        """``told`` are the :class:`ClusterSettings`. Raises what the engine raises that cannot be
        opened."""
        settings = ClusterSettings.model_validate(told)
        assert settings.tts is not None
        how = loading(load_settings(engines=EnginesSettings(tts=settings.tts)), ["tts"])
        assert how.make_voice is not None
        self._condition = Condition("the speech engine")
        self._engine = self.engine(how)
        await self._engine.start()
        took_s = 0.0
        for _ in range(2):  # the first one loads what is lazy
            began = time.monotonic()
            async for _ in self.speak(WARM_TEXT, how.make_voice(None)):
                pass
            took_s = time.monotonic() - began
        self._description = Described(
            self._engine.name,
            clones=isinstance(self._engine, VoiceCloner),
            voices=tuple(self._engine.voices) if isinstance(self._engine, Cast) else (),
            took_s=took_s,
        )

    @staticmethod
    def engine(how: Loading) -> TtsEngine:
        """The engine of the settings."""
        assert how.open_tts is not None
        return how.open_tts()

    async def describe(self) -> Described:
        """What is loaded here."""
        return self._description

    async def speak(self, text: str, voice: Voice, take: int = 0) -> AsyncGenerator[bytes, None]:
        """See :meth:`tts.engine.TtsEngine.synthesise` and :func:`tts.engine.another_take`; a
        gateway that cancels ends the work."""
        try:
            async with aclosing(self._engine.synthesise(text, voice)) as chunks:
                with another_take(take):
                    first = await anext(chunks, b"")
                if first:
                    yield first
                async for chunk in chunks:
                    yield chunk
        except (EngineBusyError, RefusedTextError):
            raise
        except Exception as error:  # whatever the library raises
            self._condition.failed(error)
            raise
        self._condition.worked()

    async def clone(self, reference: bytes) -> bytes:
        """See :meth:`tts.cloning.VoiceCloner.clone`."""
        assert isinstance(self._engine, VoiceCloner)
        return await self._engine.clone(reference)

    async def check_health(self) -> None:
        """Serve asks this of every replica. Raises where the engine fails again and again."""
        self._condition.check()
