"""What whoever takes jobs needs to know: the limits, the voices that there are, and where this
machine makes them."""

from dataclasses import dataclass, replace

from engines.remote_speech import FindLatents
from supervisor.database.voices import VoiceRow
from supervisor.settings import Settings, SynthesisSettings
from supervisor.speech_ladders import ESPEAK_VOICES, ShiftWatch, open_speaking, voice_in
from supervisor.speech_settings import TtsSettings
from supervisor.synthesis.asking import FaultError, Manner
from supervisor.synthesis.folder import FOLDER, JobFolder
from supervisor.synthesis.formats import FILES, Format
from supervisor.voices.casting import SPEAKS_CLONED, clone_of
from tts.engine import SynthesisError, TtsEngine, Voice
from tts.engines import LOCAL, UnknownEngineError, open_engine
from tts.espeak import ENGINE as ESPEAK


@dataclass(frozen=True, slots=True)
class Desk:
    """Takes jobs on one machine."""

    folder: JobFolder
    limits: SynthesisSettings
    tts: TtsSettings

    @classmethod
    def of(cls, settings: Settings) -> "Desk":
        """The desk of a server with these settings."""
        folder = JobFolder(settings.data_dir.resolve() / FOLDER)
        return cls(folder, settings.synthesis, settings.tts)

    def check(self, manner: Manner) -> None:
        """Raises :class:`~supervisor.synthesis.asking.FaultError` where no voice speaks so."""
        if manner.voice_id is not None:
            if manner.voice is not None:
                raise FaultError("give either voice or voice_id")
            if self._engine != SPEAKS_CLONED:
                raise FaultError(
                    "cloned voices are spoken by an engines process, on top of tts.ladder: "
                    "see docs/engines.md"
                )
        language = manner.language.partition("-")[0]
        if (
            manner.voice is None
            and manner.voice_id is None
            and self._engine == ESPEAK
            and language not in ESPEAK_VOICES
        ):
            known = ", ".join(ESPEAK_VOICES)
            raise FaultError(
                f"there is no usual voice for {manner.language} ({known} have one); name a voice"
            )

    def voice(self, manner: Manner, form: Format, clone: VoiceRow | None = None) -> Voice:
        """The voice that a job's item is spoken with; ``clone`` is that of the manner's id."""
        if clone is None:
            base = voice_in(self.tts, manner.voice, manner.language)
        else:
            base = clone_of(clone, manner.language, self.tts, manner.profile)
        speed = base.speed * manner.speed
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


def open_job_engine(settings: Settings, latents: FindLatents | None = None) -> TtsEngine:
    """The best step of the settings' ladder and no other: a job waits for the voice that was asked
    for. Raises :class:`~tts.engine.SynthesisError`.

    An engine of our own has the lowest priority; an engine process serves jobs after calls
    (docs/engines.md). ``latents`` finds those of cloned voices.
    """
    best = settings.tts.steps[0]
    at_once = max(1, settings.synthesis.at_once)
    alone = settings.tts.model_copy(update={"engine": best, "ladder": (), "processes": at_once})
    try:
        if best in LOCAL:
            return open_engine(alone, goes_last=True)
        only = settings.model_copy(update={"tts": alone})
        return open_speaking(only, ShiftWatch(None, None), latents)
    except UnknownEngineError as error:
        raise SynthesisError(str(error)) from error
