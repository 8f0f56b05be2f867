"""Which voice speaks for an extension: a condominium's own by its name, or one of the engine's."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import structlog

from supervisor.database.extensions import Extension
from supervisor.database.voices import Manners, VoiceRow, load_manners
from supervisor.rules import ExtensionProblem, LineSettings
from supervisor.speech_settings import TtsSettings
from tts.cloning import CLONED, cloned_name
from tts.engine import Voice
from tts.profiles import ProfileName

if TYPE_CHECKING:
    from supervisor.calls import Shared

COPIES: Final = "voices-"
SPEAKS_CLONED: Final = "remote"
"""The engine of a ladder that may know cloned voices: our own engines process."""

_log = structlog.get_logger(__name__)

EnginesVoice = Callable[[str | None, str], Voice]
"""The engine's voice of a name (``None`` for the settings' own) that speaks a language."""


@dataclass(frozen=True, slots=True)
class Casting:
    """What is known of who may speak for an extension."""

    extension: Extension
    settings: LineSettings
    manners: Manners
    tts: TtsSettings
    engines_voice: EnginesVoice

    def voice(self, language: str) -> Voice:
        """Who speaks a language: whom the extension names for it, or else the condominium.

        Raises ``ExtensionProblem`` for a name that nobody may give.
        """
        named = self.settings.voices.get(language)  # type: ignore[call-overload]
        if language == self.extension.language:
            named = self.extension.voice or named
        cloned = self._cloned(named or self.manners.voice)
        if cloned is not None:
            return clone_of(cloned, language, self.tts, self._profile(cloned.profile))
        name = named
        if name is None and language == self.extension.language:
            name = self.manners.voice  # an engine's voice speaks one language
        if self._is_nobodys(name):
            name = None
        voice = self.engines_voice(name, language)
        return replace(voice, profile=self._profile(voice.profile))

    def _cloned(self, name: str | None) -> VoiceRow | None:
        """The condominium's voice of that name, if it can speak here and now."""
        row = self._row(name)
        if row is None:
            return None
        if row.state == "ready" and self.tts.steps[0] == SPEAKS_CLONED:
            return row
        reason = row.state if row.state != "ready" else "its engine is not on top of tts.ladder"
        _log.warning("voice.not_used", extension=self.extension.number, voice=name, reason=reason)
        return None

    def _is_nobodys(self, name: str | None) -> bool:
        """A cloned voice that cannot speak is no name of an engine's voice either."""
        if name is not None and name.startswith(CLONED):
            raise ExtensionProblem(f'its voice cannot be called "{name}": use the name of a voice')
        return self._row(name) is not None

    def _row(self, name: str | None) -> VoiceRow | None:
        return next((row for row in self.manners.voices if row.name == name), None)

    def _profile(self, of_voice: ProfileName) -> ProfileName:
        return self.settings.profile or self.manners.profile or of_voice


async def cast(shared: "Shared", extension: Extension, settings: LineSettings) -> Casting:
    """Read who may speak for an extension, or what this machine read of it last while the database
    is away: then cloned voices wait until they are confirmed. From now on those who are revoked
    fall silent."""

    async def load() -> dict[str, Any]:
        rows = await shared.pool.fetch("SELECT id FROM condominiums")
        await shared.copies.keep_only(COPIES, {f"{COPIES}{row['id']}" for row in rows})
        read = await load_manners(shared.pool, extension.condominium_id)
        shared.clones.confirm(_ready(read))
        return asdict(read)

    read = await shared.copies.read_through(f"{COPIES}{extension.condominium_id}", load)
    manners = Manners.from_json(read)
    shared.clones.use(_ready(manners))
    return Casting(extension, settings, manners, shared.settings.tts, shared.speech.voice)


def _ready(manners: Manners) -> list[str]:
    return [row.id for row in manners.voices if row.state == "ready"]


def clone_of(row: VoiceRow, language: str, tts: TtsSettings, profile: ProfileName) -> Voice:
    """A row that is ready as engines and caches know it: by its id and its latents' digest."""
    if row.version is None:
        raise ValueError(f"the voice {row.id} has no latents")
    return Voice(
        SPEAKS_CLONED,
        cloned_name(row.id),
        language,
        row.version,
        speed=row.speed * tts.speed,
        pitch=row.pitch,
        profile=profile,
    )
