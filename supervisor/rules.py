"""What a row of ``extensions`` must be like to be served; cheap to import, for the supervisor."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from audiosocket.frames import TELEPHONE_HZ
from supervisor.database.extensions import Extension
from supervisor.doors.settings import NAME as DOOR_NAME
from supervisor.phones import DESTINATION

FLOWS: Final[Mapping[str, str]] = {
    "doorman": "the doorman of a condominium",
    "echo": "says back what it hears: to test a line",
}


DOORMAN_LANGUAGES: Final = ("pt-BR", "en", "es")
"""Those that the doorman has texts and rules for."""

_DESTINATION: Final = f"^{DESTINATION.pattern}$"


Recording: TypeAlias = Literal["nobody", "visitors", "everyone"]
"""Whose legs are recorded: a call always has a visitor's, and one for each resident called."""
RECORDED: Final[Mapping[Recording, frozenset[str]]] = {
    "nobody": frozenset(),
    "visitors": frozenset({"visitor"}),
    "everyone": frozenset({"visitor", "resident"}),
}


class ExtensionSettings(BaseModel):
    """What ``extensions.settings`` may hold; docs/configuration.md explains each to operators."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    line_hz: Literal[8000, 16000] = 8000
    """The rate of a visitor's audio; for 16000 the dialplan must say ``slin16`` too."""
    reprompt_after_s: float = Field(default=5.0, ge=1, le=60)
    """Silence after a question before it is asked again."""
    idle_limit_s: float = Field(default=120.0, ge=10, le=900)
    """A call in which nobody says anything for so long is ended."""
    call_limit_s: float = Field(default=600.0, ge=30, le=3600)
    """The longest call."""
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
    languages: tuple[Literal["pt-BR", "en", "es"], ...] = Field(default=(), max_length=3)
    """Those that a caller may go over to, beside the extension's own."""
    voices: dict[Literal["pt-BR", "en", "es"], str] = Field(default_factory=dict)
    """A voice for each of them, where it is not the engine's usual one."""
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
    guard: str | None = Field(default=None, pattern=_DESTINATION)
    """The dialplan's extension for those who ask for a person; nobody is there without it."""
    recording: Recording | None = None
    """Whose legs are recorded; what the condominium says where this is ``None``."""
    emergency: str | None = Field(default=None, pattern=_DESTINATION)
    """Where emergencies go; without it to the guard."""


class ExtensionProblem(Exception):
    """A row cannot be served; the message is the plain reason to be shown to the operator."""


def settings_of(extension: Extension) -> ExtensionSettings:
    """The row's settings. Raises :class:`ExtensionProblem`."""
    given: Any = extension.settings
    if not isinstance(given, Mapping):
        raise ExtensionProblem("its settings are not a JSON object: write {} for none")
    try:
        return ExtensionSettings(**given)
    except ValidationError as error:
        raise ExtensionProblem(_complaint(error)) from None


def recorded_parties(extension: Extension, settings: ExtensionSettings) -> frozenset[str]:
    """Whose legs are recorded in the extension's calls."""
    return RECORDED[settings.recording or extension.recording]


def line_hz_of(extension: Extension) -> int:
    """The rate of its visitors' audio; the telephone's where its settings cannot be read."""
    try:
        return settings_of(extension).line_hz
    except ExtensionProblem:
        return TELEPHONE_HZ


def check_extension(extension: Extension) -> None:
    """Raises :class:`ExtensionProblem` for what can be known without a worker."""
    if extension.flow not in FLOWS:
        raise ExtensionProblem(f'there is no flow "{extension.flow}": use {" or ".join(FLOWS)}')
    if extension.flow == "doorman" and extension.language not in DOORMAN_LANGUAGES:
        known = " or ".join(DOORMAN_LANGUAGES)
        raise ExtensionProblem(f'the doorman does not speak "{extension.language}": use {known}')
    settings_of(extension)


def _complaint(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        known = ", ".join(ExtensionSettings.model_fields)
        return f'its settings have no "{key}": use {known}'
    return f'its setting "{key}" is wrong: {first["msg"].lower()}'
