"""What whoever takes jobs needs to know: the limits, the voices that there are, and where results
are on this machine."""

from dataclasses import dataclass, replace

from supervisor.settings import Settings, SynthesisSettings
from supervisor.speech_ladders import ESPEAK_VOICES, ShiftWatch, open_speaking, voice_in
from supervisor.speech_settings import TtsSettings
from supervisor.synthesis.asking import FaultError, Manner
from supervisor.synthesis.folder import FOLDER, ResultFolder
from supervisor.synthesis.formats import FILES, Format
from tts.engine import SynthesisError, TtsEngine, Voice
from tts.engines import UnknownEngineError
from tts.espeak import ENGINE as ESPEAK
from tts.espeak import EspeakEngine
from tts.profiles import PROFILES

NICENESS = 19
"""Of an engine of our own: it gets what calls leave."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Takes jobs on one machine."""

    folder: ResultFolder
    limits: SynthesisSettings
    tts: TtsSettings

    @classmethod
    def of(cls, settings: Settings) -> "Desk":
        """The desk of a server with these settings."""
        folder = ResultFolder(settings.data_dir.resolve() / FOLDER)
        return cls(folder, settings.synthesis, settings.tts)

    def check(self, manner: Manner) -> None:
        """Raises :class:`~supervisor.synthesis.asking.FaultError` where no voice speaks so."""
        language = manner.language.partition("-")[0]
        if manner.voice is None and self._engine == ESPEAK and language not in ESPEAK_VOICES:
            known = ", ".join(ESPEAK_VOICES)
            raise FaultError(
                f"there is no usual voice for {manner.language} ({known} have one); name a voice"
            )

    def voice(self, manner: Manner, form: Format) -> Voice:
        """The voice that a job's item is spoken with."""
        base = voice_in(self.tts, manner.voice, manner.language)
        speed = base.speed * manner.speed * PROFILES[manner.profile].speed
        return replace(
            base,
            engine=self._engine,
            speed=speed,
            profile=manner.profile,
            rate_hz=FILES[form].rate_hz,
        )

    @property
    def _engine(self) -> str:
        return self.tts.steps[0]


def open_job_engine(settings: Settings) -> TtsEngine:
    """The best step of the settings' ladder and no other: a job waits for the voice that was asked
    for. Raises :class:`~tts.engine.SynthesisError`.

    espeak-ng runs in a process of its own with the lowest priority; an engine process serves
    jobs after calls (docs/engines.md).
    """
    tts = settings.tts
    best = tts.steps[0]
    if best == ESPEAK:
        return EspeakEngine(processes=1, niceness=NICENESS)
    alone = tts.model_copy(update={"engine": best, "ladder": ()})
    try:
        return open_speaking(settings.model_copy(update={"tts": alone}), ShiftWatch(None, None))
    except UnknownEngineError as error:
        raise SynthesisError(str(error)) from error
