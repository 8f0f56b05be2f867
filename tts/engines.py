"""Opening the engine that the settings name, and the voices that go with it."""

from typing import Protocol

from tts.engine import TtsEngine, Voice
from tts.espeak import ENGINE as ESPEAK
from tts.espeak import EspeakEngine, espeak_voice


class EngineSettings(Protocol):
    """What an engine needs to know; any settings object with these attributes will do."""

    @property
    def engine(self) -> str:
        """An engine's name: ``espeak``."""

    @property
    def voice(self) -> str:
        """The voice where nobody names another, in the engine's own terms."""

    @property
    def speed(self) -> float:
        """A factor on the voice's natural speed."""

    @property
    def processes(self) -> int:
        """Helper processes."""


class UnknownEngineError(Exception):
    """The settings name an engine that does not exist; the message lists those that do."""


def open_engine(settings: EngineSettings) -> TtsEngine:
    """The engine, whose helpers start with the first text. Raises :class:`UnknownEngineError`."""
    if settings.engine != ESPEAK:
        raise UnknownEngineError(f"there is no tts engine {settings.engine!r}; use {ESPEAK!r}")
    return EspeakEngine(processes=settings.processes)


def voice_for(settings: EngineSettings, name: str | None = None) -> Voice:
    """The voice ``name``, or the settings' own, at the settings' speed."""
    if settings.engine != ESPEAK:
        raise UnknownEngineError(f"there is no tts engine {settings.engine!r}; use {ESPEAK!r}")
    return espeak_voice(name or settings.voice, speed=settings.speed)
