"""Opening the engine that the settings name, and the voices that go with it."""

from pathlib import Path
from typing import Final, Protocol

from tts.engine import TtsEngine, Voice
from tts.espeak import ENGINE as ESPEAK
from tts.espeak import EspeakEngine, espeak_voice
from tts.espeak_process import Patience

PIPER: Final = "piper"
KOKORO: Final = "kokoro"
NEURAL: Final = (PIPER, KOKORO)
LOCAL: Final = (ESPEAK, *NEURAL)
"""Engines that speak in the process that opens them."""
UNHURRIED: Final = Patience(mute_s=60.0, deadline_s=150.0)
"""With a helper that others go before: a busy machine leaves it a hundredth of a core."""


class EngineSettings(Protocol):
    """What an engine needs to know; any settings object with these attributes will do."""

    @property
    def engine(self) -> str:
        """An engine's name: one of :data:`LOCAL`."""

    @property
    def voice(self) -> str:
        """The voice where nobody names another, in the engine's own terms."""

    @property
    def speed(self) -> float:
        """A factor on the voice's natural speed."""

    @property
    def processes(self) -> int:
        """Helper processes of espeak-ng; threads of the others."""

    @property
    def folder(self) -> Path | None:
        """Of the voices of ``piper`` and ``kokoro``."""


class UnknownEngineError(Exception):
    """The settings name an engine that does not exist; the message lists those that do."""


def open_engine(settings: EngineSettings, *, goes_last: bool = False) -> TtsEngine:
    """The engine, whose helpers start with the first text; with ``goes_last`` everything
    else on the machine goes first. Raises :class:`UnknownEngineError`."""
    if settings.engine == ESPEAK:
        patience = UNHURRIED if goes_last else Patience()
        return EspeakEngine(processes=settings.processes, patience=patience, goes_last=goes_last)
    if settings.engine not in NEURAL:
        raise UnknownEngineError(
            f"there is no tts engine {settings.engine!r}; there are {', '.join(LOCAL)}"
        )
    from tts.neural.engine import NeuralEngine  # noqa: PLC0415 - only who speaks with it pays
    from tts.neural.kokoro import KokoroFolder  # noqa: PLC0415
    from tts.neural.piper import PiperFolder  # noqa: PLC0415

    kind = PiperFolder if settings.engine == PIPER else KokoroFolder
    return NeuralEngine(
        settings.engine,
        lambda: kind(settings.folder),
        voice=voice_for(settings),
        at_once=settings.processes,
        goes_last=goes_last,
    )


def voice_for(settings: EngineSettings, name: str | None = None) -> Voice:
    """The voice ``name``, or the settings' own, at the settings' speed.

    Where a neural engine has no voice of that name, another one that speaks its language.
    """
    name = name or settings.voice
    if settings.engine == ESPEAK:
        return espeak_voice(name, speed=settings.speed)
    if settings.engine not in NEURAL:
        raise UnknownEngineError(
            f"there is no tts engine {settings.engine!r}; there are {', '.join(LOCAL)}"
        )
    from tts.neural import kokoro, piper, voices  # noqa: PLC0415

    own = (piper if settings.engine == PIPER else kokoro).language_of(name)
    language = own or espeak_voice(name).language
    edition = voices.edition_of(settings.folder)
    return Voice(settings.engine, name, language, edition, settings.speed)
