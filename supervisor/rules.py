"""What a row of ``extensions`` must be like to be served; cheap to import, for the supervisor."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, TypeAlias, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from audiosocket.frames import TELEPHONE_HZ
from supervisor.agents.installed import installed_agents
from supervisor.database.extensions import Extension
from supervisor.doors.settings import NAME as DOOR_NAME
from supervisor.phones import DESTINATION
from tts.cloning import CLONED
from tts.profiles import ProfileName

DOORMAN_LANGUAGES: Final = ("pt-BR", "en", "es")
"""Those that the doorman, and the receptionist, have texts and rules for."""

_DESTINATION: Final = f"^{DESTINATION.pattern}$"


Recording: TypeAlias = Literal["nobody", "visitors", "everyone"]
"""Whose legs are recorded: a call always has a visitor's, and one for each resident called."""
RECORDED: Final[Mapping[Recording, frozenset[str]]] = {
    "nobody": frozenset(),
    "visitors": frozenset({"visitor"}),
    "everyone": frozenset({"visitor", "resident"}),
}


def voice_name(name: str) -> str:
    """``name``, where it is no engine's internal name of a cloned voice. Raises ``ValueError``."""
    if name.startswith(CLONED):
        raise ValueError("a voice is named by its own name")
    return name


VoiceName: TypeAlias = Annotated[str, AfterValidator(voice_name)]
"""Of a condominium's cloned voice, or of one of the engine's."""


class LineSettings(BaseModel):
    """What ``extensions.settings`` may hold, whoever answers; docs/configuration.md explains each
    to operators."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    line_hz: Literal[8000, 16000] = 8000
    """The rate of a visitor's audio; for 16000 the dialplan must say ``slin16`` too."""
    reprompt_after_s: float = Field(default=5.0, ge=1, le=60)
    """Silence after a question before it is asked again."""
    idle_limit_s: float = Field(default=120.0, ge=10, le=900)
    """A call in which nobody says anything for so long is ended."""
    call_limit_s: float = Field(default=600.0, ge=30, le=3600)
    """The longest call."""
    languages: tuple[Literal["pt-BR", "en", "es"], ...] = Field(default=(), max_length=3)
    """Those that a caller may go over to, beside the extension's own."""
    voices: dict[Literal["pt-BR", "en", "es"], VoiceName] = Field(default_factory=dict)
    """A voice for each of them, where it is not the engine's usual one."""
    profile: ProfileName | None = None
    """How its voice speaks; as the condominium or the voice says where this is ``None``."""
    recording: Recording | None = None
    """Whose legs are recorded; what the condominium says where this is ``None``."""

    @property
    def destinations(self) -> tuple[str, ...]:
        """Extensions of the dialplan that callers may be handed over to."""
        return ()


class ExtensionSettings(LineSettings):
    """A doorman's."""

    ring_s: float = Field(default=30.0, ge=5, le=120)
    """How long a resident's phone rings before the next one is tried."""
    ring_steps_s: tuple[Annotated[float, Field(ge=5, le=120)], ...] = Field(
        default=(), max_length=10
    )
    """How long the first, second ... phone rings, where that is not ``ring_s``."""
    max_phones: int = Field(default=3, ge=1, le=10)
    """Phones tried per visit; those that cannot be reached do not count."""
    hunt_limit_s: float = Field(default=120.0, ge=10, le=600)
    """The longest that phones ring for one visit, all together."""
    nobody_answers: Literal["goodbye", "guard", "message"] = "goodbye"
    """What follows when no phone was answered; ``message`` offers to take one."""
    joins: bool = True
    """Whether a resident who asks for it may talk with the visitor."""
    talk_limit_s: float = Field(default=180.0, ge=10, le=1800)
    """How long they may."""
    unit_word: str | None = Field(default=None, min_length=2, max_length=30)
    """What a unit is called; the language's word for an apartment where nothing is said."""
    block_word: str | None = Field(default=None, min_length=2, max_length=30)
    offers_languages: bool = False
    """Whether the greeting says which key the other languages are on."""
    door: str | None = Field(default=None, pattern=f"^{DOOR_NAME}$")
    """The condominium's door that an authorisation opens; its default one where none is named."""
    opens_door: bool = True
    """Whether an authorisation carries out the door command."""
    leave_at_desk: bool = True
    """Whether a resident may have a parcel left at the desk."""
    offer_desk: bool = False
    """Whether couriers are offered the desk when nobody answers."""
    desk_opens_door: bool = False
    """Whether a courier must be let in to reach the desk."""
    desk_signs: bool = False
    """Whether somebody at the desk signs for parcels."""
    lockers: bool = False
    """Whether there are lockers that a resident may have a parcel left in."""
    locker_opens_door: bool = False
    """Whether a courier must be let in to reach them."""
    expected_visitors: Literal["off", "announce", "let_in"] = "let_in"
    """What is made of visitor lists: nothing; residents are told who is expected and decide; or
    what each entry says."""
    resident_pins: bool = False
    """Whether who says to live here is asked for a PIN."""
    guard: str | None = Field(default=None, pattern=_DESTINATION)
    """The dialplan's extension for those who ask for a person; nobody is there without it."""
    emergency: str | None = Field(default=None, pattern=_DESTINATION)
    """Where emergencies go; without it to the guard."""

    @property
    def destinations(self) -> tuple[str, ...]:
        """Extensions of the dialplan that callers may be handed over to."""
        return tuple(filter(None, (self.guard, self.emergency)))


class ReceptionistSettings(LineSettings):
    """A receptionist's; what it knows, and its departments, are its handbook."""

    offers_languages: bool = False
    """Whether the greeting says which key the other languages are on."""
    offers_menu: bool = False
    """Whether the greeting says which keys the departments are on."""
    takes_messages: bool = True
    """Whether callers may leave a message."""
    operator: str | None = Field(default=None, pattern=_DESTINATION)
    """The dialplan's extension for those who ask for a person; nobody is there without it."""

    @property
    def destinations(self) -> tuple[str, ...]:
        """Extensions of the dialplan that callers may be handed over to."""
        return (self.operator,) if self.operator else ()


class InstalledSettings(LineSettings):
    """Of an agent that a package brings: what is not the line's is for the agent to check."""

    model_config = ConfigDict(extra="allow", frozen=True)

    @property
    def own(self) -> Mapping[str, Any]:
        """What is the agent's."""
        return dict(self.model_extra or {})


@dataclass(frozen=True, slots=True)
class FlowKind:
    """What can be said of a flow without loading it; it may have texts in any language if it names
    none."""

    settings: type[LineSettings]
    languages: tuple[str, ...] = ()


BUILT_IN: Final[Mapping[str, FlowKind]] = {
    "doorman": FlowKind(ExtensionSettings, DOORMAN_LANGUAGES),
    "receptionist": FlowKind(ReceptionistSettings, DOORMAN_LANGUAGES),
    "echo": FlowKind(ExtensionSettings),
}


def flows() -> Mapping[str, FlowKind]:
    """Ours, and those of installed packages, which cannot take a name of ours."""
    packages = {name: FlowKind(InstalledSettings) for name in installed_agents()}
    return {**packages, **BUILT_IN}


class ExtensionProblem(Exception):
    """A row cannot be served; the message is the plain reason to be shown to the operator."""


Wanted = TypeVar("Wanted", bound=LineSettings)


def settings_of(extension: Extension, kind: type[Wanted]) -> Wanted:
    """The row's settings, read as a flow's ``kind``. Raises :class:`ExtensionProblem`."""
    given: Any = extension.settings
    if not isinstance(given, Mapping):
        raise ExtensionProblem("its settings are not a JSON object: write {} for none")
    try:
        return kind(**given)
    except ValidationError as error:
        raise ExtensionProblem(_complaint(error, kind)) from None


def line_settings_of(extension: Extension) -> LineSettings:
    """The row's settings as its flow has them. Raises :class:`ExtensionProblem`."""
    return settings_of(extension, _flow_of(extension).settings)


def recorded_parties(extension: Extension, settings: LineSettings) -> frozenset[str]:
    """Whose legs are recorded in the extension's calls."""
    return RECORDED[settings.recording or extension.recording]


def line_hz_of(extension: Extension) -> int:
    """The rate of its visitors' audio; the telephone's where its settings cannot be read."""
    try:
        return line_settings_of(extension).line_hz
    except ExtensionProblem:
        return TELEPHONE_HZ


def check_extension(extension: Extension) -> None:
    """Raises :class:`ExtensionProblem` for what can be known without a worker."""
    kind = _flow_of(extension)
    check_language(extension, kind.languages)
    settings_of(extension, kind.settings)


def check_language(extension: Extension, spoken: tuple[str, ...]) -> None:
    """Raises :class:`ExtensionProblem` for a language that its flow does not have; none are all."""
    if spoken and extension.language not in spoken:
        raise ExtensionProblem(
            f'the {extension.flow} does not speak "{extension.language}": use {" or ".join(spoken)}'
        )


def _flow_of(extension: Extension) -> FlowKind:
    known = flows()
    if extension.flow not in known:
        raise ExtensionProblem(f'there is no flow "{extension.flow}": use {" or ".join(known)}')
    return known[extension.flow]


def _complaint(error: ValidationError, kind: type[LineSettings]) -> str:
    first = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f'its settings have no "{key}": use {", ".join(kind.model_fields)}'
    return f'its setting "{key}" is wrong: {first["msg"].lower()}'
