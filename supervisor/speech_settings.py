"""What an operator can set about ears and voice, in the worker and in engine processes."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import (
    AfterValidator,
    Field,
    NonNegativeFloat,
    PositiveFloat,
    SecretStr,
    model_validator,
)

from engines.address import Address
from stt.cadence import CadenceWatch
from stt.endpointing import TurnTiming
from supervisor.section import Section
from tts.profiles import PROFILES, ProfileName, QualityProfile
from tts.xtts.options import Device, Precision


def _address(text: str) -> str:
    Address.parse(text)
    return text


PROMPTS: Final = "prompts"
"""The folder of rendered prompts under the data directory."""
EngineAddress = Annotated[str, AfterValidator(_address)]
"""``unix:PATH`` or ``http://HOST:PORT``."""
Kind = Literal["stt", "tts"]


class OpenAiSettings(Section):
    """A server that speaks OpenAI's audio API: theirs, or any that is compatible."""

    base_urls: tuple[Annotated[str, Field(pattern=r"^https?://\S+$")], ...] = (
        "https://api.openai.com/v1",
    )
    """The next one is asked where one does not answer."""
    key: SecretStr | None = None
    """Better in the environment: RAMAL_TTS__OPENAI__KEY, RAMAL_STT__OPENAI__KEY."""
    model: str | None = None
    """tts-1 and whisper-1 where nothing is said."""
    voice: str = "alloy"


class RecogniserModelSettings(Section):
    """A recogniser in this process, and the model that it loads."""

    engine: Literal["builtin", "whisper"] = "builtin"
    model: str | None = None
    """A model's name or folder; the engine's own default where there is none."""
    threads: int | None = Field(default=None, ge=1)
    """Utterances recognised at once in a process; the engine's own default where not given."""
    device: str = "auto"
    """Where Whisper computes: ``cpu``, ``cuda`` or ``auto``."""
    compute_type: str | None = None
    """Whisper's number format, such as ``int8``; the engine's own default for the device."""
    window_s: int | None = Field(default=None, ge=1, le=30)
    """Whisper's encoder window: a shorter one is cheaper, but not what the model was trained on."""
    beam: int = Field(default=1, ge=1, le=10)
    prompt: str | None = Field(default=None, max_length=300)
    """What Whisper is told it wrote before: names and spellings of the place, in its language."""
    partial_every_s: NonNegativeFloat = 0.6
    """How much new speech is worth a partial text of Whisper; 0 makes none."""
    batch: int | None = Field(default=None, ge=1, le=64)
    """Utterances that Whisper computes together; the engine's own default for the device."""
    waiting: int = Field(default=32, ge=1)
    """Utterances that may wait for Whisper; one more is refused at once."""
    deadline_s: PositiveFloat = 5.0
    """How long a text of Whisper may take, waiting included."""
    languages: tuple[str, ...] = Field(default=("pt-BR", "en", "es"), min_length=1)
    """Among which Whisper chooses where the language is ``auto``."""
    download: bool = True
    """Whether Whisper may fetch a model by its name."""


class SttSettings(RecogniserModelSettings):
    """Which recogniser listens; with a ``ladder``, which others take over when it fails."""

    engine: Literal["builtin", "whisper", "remote", "openai"] = "builtin"  # type: ignore[assignment]
    ladder: tuple[Literal["builtin", "whisper", "remote", "openai"], ...] = ()
    """From the best to the last resort; ``engine`` alone where there is none."""
    addresses: tuple[EngineAddress, ...] = ()
    """Of ``remote``; our own process where ``engines.run`` has one."""
    patience_s: PositiveFloat = 1.2
    """How long a step of the ladder has for a result before the one below takes over; the last
    one has as long as the conversation waits."""
    openai: OpenAiSettings = OpenAiSettings()

    @property
    def steps(self) -> tuple[str, ...]:
        """The ladder, also where it has one step."""
        return self.ladder or (self.engine,)


class SpeakerModelSettings(Section):
    """An engine that speaks in this process, and its voice where nobody names one."""

    engine: Literal["espeak", "piper", "kokoro"] = "espeak"
    voice: str = "pt-br"
    speed: PositiveFloat = 1.0
    processes: int = Field(default=2, ge=1)
    """Texts made at once: helper processes of espeak-ng, threads of the others."""
    folder: Path | None = None
    """Of the voices of ``piper`` and ``kokoro``: docs/neural-voices.md."""


class PromptCacheSettings(Section):
    """How much of what was said is kept: least recently used goes first."""

    memory_mb: int = Field(default=64, ge=1)
    """In each worker: an hour and ten minutes of speech at 8 kHz."""
    disk_mb: int = Field(default=512, ge=1)
    """Under ``data_dir``/prompts, for all workers together: some 50 kB for each at 8 kHz."""
    names: int = Field(default=1500, ge=0)
    """Prompts with names of units made ahead, for each voice of an extension; 0 makes none."""


class QualitySettings(Section):
    """Which takes of an engine in another process are kept in the prompt cache."""

    checks: bool = True
    takes: int = Field(default=3, ge=1, le=10)
    """Of a prompt, before the next engine of the ladder says it."""
    read_back: bool = True
    """Whether the recogniser listens to what is made, when no call needs it; never the built-in."""


class TtsSettings(SpeakerModelSettings):
    """Which engine speaks; with a ``ladder``, which others take over when it fails."""

    engine: Literal["espeak", "piper", "kokoro", "remote", "openai"] = "espeak"  # type: ignore[assignment]
    ladder: tuple[Literal["espeak", "piper", "kokoro", "remote", "openai"], ...] = ()
    """From the best to the last resort; ``engine`` alone where there is none."""
    addresses: tuple[EngineAddress, ...] = ()
    """Of ``remote``; our own process where ``engines.run`` has one."""
    patience_s: PositiveFloat = 1.0
    """How long a step of the ladder may take for its first sound, or leave us without the next
    one, before the one below takes over."""
    openai: OpenAiSettings = OpenAiSettings()
    language: str | None = Field(default=None, pattern=r"^[A-Za-z]{2}(-[A-Za-z0-9]{2,4})?$")
    """Of voices whose names are not espeak-ng's, such as pt-BR."""
    cache: PromptCacheSettings = PromptCacheSettings()
    quality: QualitySettings = QualitySettings()
    voices_unconfirmed_min: float = Field(default=15.0, gt=0, le=24 * 60)
    """How long a cloned voice speaks without the database saying that nobody revoked it: longer
    than PostgreSQL takes to be restarted or to fail over, and not so long that somebody who
    withdrew their consent is heard for a day. Then the usual voice speaks."""
    edition: str = "1"
    """Changed by hand when a server's voice has: what it said before is not used any more."""

    @property
    def steps(self) -> tuple[str, ...]:
        """The ladder, also where it has one step."""
        return self.ladder or (self.engine,)


class ProfileSettings(Section):
    """What is to be otherwise in a quality profile; tts/profiles.py says what each is, and why."""

    temperature: float | None = Field(default=None, gt=0, le=2)
    top_k: int | None = Field(default=None, ge=1, le=1000)
    top_p: float | None = Field(default=None, gt=0, le=1)
    repetition_penalty: float | None = Field(default=None, ge=1, le=50)
    speed: float | None = Field(default=None, ge=0.5, le=2)
    first_chunk_tokens: int | None = Field(default=None, ge=4, le=400)
    chunk_tokens: int | None = Field(default=None, ge=4, le=400)
    longest_sentence: int | None = Field(default=None, ge=40, le=400)


class XttsSettings(Section):
    """XTTS-v2, in an engines process."""

    model: Path | None = None
    """The folder with model.pth, config.json, vocab.json and speakers_xtts.pth."""
    device: Device = "auto"
    precision: Precision = "auto"
    """fp16 on a GPU, fp32 on a CPU; bf16 and int8 are faster there, and may sound worse."""
    voice: str | None = None
    """One of the model's own, where nobody names a voice; its first one where not given."""
    language: str = Field(default="pt-BR", pattern=r"^[A-Za-z]{2}(-[A-Za-z0-9]{2,4})?$")
    """Where neither the voice nor the extension says."""
    streams: int | None = Field(default=None, ge=1, le=256)
    """Texts spoken at once: 16 on a GPU, 2 on a CPU where not given."""
    together: int | None = Field(default=None, ge=1, le=256)
    """Streams whose tokens are computed in one pass; all where not given."""
    threads: int | None = Field(default=None, ge=1)
    """Of a CPU, for one computation."""
    seed: int = Field(default=0, ge=0)
    """Another one gives every text another take."""


class EngineSpeakerSettings(SpeakerModelSettings):
    """What an engines process speaks with."""

    engine: Literal["espeak", "piper", "kokoro", "xtts"] = "espeak"  # type: ignore[assignment]
    xtts: XttsSettings = XttsSettings()
    profiles: dict[ProfileName, ProfileSettings] = Field(default_factory=dict)
    """What is to be otherwise in the profiles ``fast``, ``balanced`` and ``expressive``."""

    @property
    def quality_profiles(self) -> dict[ProfileName, QualityProfile]:
        """Every profile as it is to be."""
        return {
            name: replace(usual, **self.profiles[name].model_dump(exclude_none=True))
            if name in self.profiles
            else usual
            for name, usual in PROFILES.items()
        }


_USUAL = TurnTiming()


class TurnsSettings(Section):
    """How long a silence ends somebody's turn; docs/turn-taking.md says how they were chosen."""

    complete_ms: int = Field(default=_USUAL.complete_ms, ge=140, le=5000)
    """After an answer that hardly anybody adds to."""
    likely_ms: int = Field(default=_USUAL.likely_ms, ge=140, le=5000)
    """After an answer that people often add to: a number without its block."""
    unknown_ms: int = Field(default=_USUAL.unknown_ms, ge=140, le=5000)
    """After words that may or may not be an answer."""
    open_ms: int = Field(default=_USUAL.open_ms, ge=140, le=5000)
    """After half an answer: "apartamento ..."."""
    cadence: bool = True
    """Whether the pitch before a pause has a say: a voice that stays up is waited for longer."""
    model: str | None = None
    """A file of an audio turn model (ONNX), which takes the place of that."""
    model_deadline_ms: int = Field(default=150, ge=20, le=1000)
    """How long it may take; then the words decide alone."""

    @model_validator(mode="after")
    def _grow(self) -> "TurnsSettings":
        self.timing()
        return self

    def cadence_watch(self) -> CadenceWatch | None:
        """What listens to the pitch, if anything is to."""
        return CadenceWatch() if self.cadence else None

    def timing(self) -> TurnTiming:
        """For conversations. Raises ``ValueError`` where the silences contradict each other."""
        return TurnTiming(
            complete_ms=self.complete_ms,
            likely_ms=self.likely_ms,
            unknown_ms=self.unknown_ms,
            open_ms=self.open_ms,
        )


class EnginesSettings(Section):
    """Engine processes: ``ramal engines``, and those that ``ramal serve`` starts by itself."""

    run: tuple[Kind, ...] = ()
    """The kinds of which ``ramal serve`` starts and looks after a process."""
    listen: EngineAddress | None = None
    """Of ``ramal engines``; ``data_dir``/engines/engines.sock where nothing is said."""
    token: Annotated[SecretStr, Field(min_length=16)] | None = None
    """What clients show; without one only a Unix socket is listened on."""
    most_waiting: int = Field(default=64, ge=0)
    """Requests that may wait for each engine; one more is refused."""
    retry_s: PositiveFloat = 10.0
    """How long a step that failed is left alone before it is tried again, beside the calls."""
    stt: RecogniserModelSettings = RecogniserModelSettings()
    tts: EngineSpeakerSettings = EngineSpeakerSettings()

    @staticmethod
    def socket_of(data_dir: Path, kind: str) -> str:
        """The address of our own process of a kind."""
        return f"unix:{data_dir / 'engines' / kind}.sock"
