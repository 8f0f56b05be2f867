"""What comes in and goes out as JSON. Patterns say exactly what is taken, so that clients can."""

import re
from copy import copy
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    create_model,
)
from pydantic_core import PydanticUndefined
from typing_extensions import TypeAliasType

from supervisor.api.pages import Paging
from supervisor.database.extensions import Status
from supervisor.database.tenants import HIGHEST_LIMIT
from supervisor.phones import PhoneError, normalise_phone
from supervisor.rules import Recording, flows, voice_name
from tts.profiles import ProfileName


def _no_flag(given: object) -> object:
    if isinstance(given, bool):
        raise ValueError("Input should be a number, not true or false")
    return given


NO_FLAG: Final = BeforeValidator(_no_flag)
"""For numbers in a body: pydantic would take true for 1. After the bounds, or they are not in the
description."""
OneLine: Final = r"^[^\x00-\x20\x7f]([^\x00-\x1f\x7f]*[^\x00-\x20\x7f])?$"
"""No control characters, and no blanks around: PostgreSQL keeps no NUL, telephones no newline."""

Name = Annotated[str, Field(min_length=1, max_length=200, pattern=OneLine)]
# the pattern first: behind a validator of ours it would not be in the description
SpokenBy = Annotated[
    str, Field(min_length=1, max_length=200, pattern=OneLine), AfterValidator(voice_name)
]
Notes = Annotated[str, Field(max_length=4000, pattern=r"^[^\x00]*$")]
Block = Annotated[str, Field(max_length=40, pattern=r"^([^\x00-\x20\x7f][^\x00-\x1f\x7f]*)?$")]
UnitNumber = Annotated[str, Field(min_length=1, max_length=40, pattern=OneLine)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$", examples=["pt-BR"])]
ExtensionNumber = Annotated[str, Field(max_length=32, pattern=r"^[0-9A-Za-z_*#+-]+$")]
Whole = Annotated[int, NO_FLAG]
Limit = Annotated[int, Field(ge=0, le=HIGHEST_LIMIT), NO_FLAG]
Port = Annotated[int, Field(ge=1, le=65535), NO_FLAG]
Flag = Annotated[bool, Field(strict=True)]
"""True or false in a body, and nothing that pydantic would take for one, such as 0."""
Flow = Annotated[str, Field(json_schema_extra={"enum": list(flows())}, max_length=40)]
FlowSettings = Annotated[
    dict[str, Any],
    WithJsonSchema(
        {
            "anyOf": [
                kind.model_json_schema()
                for kind in dict.fromkeys(flow.settings for flow in flows().values())
            ]
        }
    ),
]
"""Those of the extension's own flow: they are checked once it is known which that is."""
Search = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00]+$")]


def _timezone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("this is no time zone, such as America/Sao_Paulo")
    return name


def _phone(written: str) -> str:
    try:
        return normalise_phone(written)
    except PhoneError as error:
        raise ValueError(str(error)) from None


def _instant(given: Any) -> datetime:
    """A moment as RFC 3339 writes it; numbers are none, and neither is a time without a zone."""
    if not isinstance(given, str) or not re.fullmatch(_RFC_3339, given):
        raise ValueError("this is no moment with a time zone, such as 2026-11-20T08:00:00Z")
    try:
        return datetime.fromisoformat(given.upper()).astimezone(UTC)
    except OverflowError:
        raise ValueError("this moment is out of range") from None


_RFC_3339: Final = r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})"
Instant = Annotated[datetime, BeforeValidator(_instant)]
Timezone = TypeAliasType(
    "Timezone",
    Annotated[
        str,
        Field(json_schema_extra={"enum": sorted(available_timezones())}),
        AfterValidator(_timezone),
    ],
)
Phone = Annotated[
    str,
    Field(max_length=40, pattern=r"^[ \t()./-]*\+?[0-9*#]([ \t()./-]*[0-9*#]){1,19}[ \t()./-]*$"),
    AfterValidator(_phone),
]


class Given(BaseModel):
    """What a client sends; a name that we do not know is refused, it may be a typing error."""

    model_config = ConfigDict(extra="forbid")


def absent() -> Any:
    """The value of a field that a client did not send; it is never read."""
    return None


def changes_of(model: type[Given], *, besides: frozenset[str]) -> type[BaseModel]:
    """The model of a PATCH: any of the fields of ``model``, and none has to be there."""
    fields: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        if name not in besides:
            optional = copy(info)
            optional.default, optional.default_factory = PydanticUndefined, absent
            fields[name] = (info.annotation, optional)
    made: type[BaseModel] = create_model(
        model.__name__.removeprefix("New") + "Changes", __base__=Given, **fields
    )
    return made


class NewTenant(Given):
    """A management company. Limits that are null are the installation's usual ones."""

    name: Name
    synthesis_jobs: Limit | None = Field(
        default=None, description="Synthesis jobs that may be unfinished at once; 0 for none at all"
    )
    synthesis_characters_per_day: Limit | None = Field(
        default=None, description="... and their characters from 00:00 to 24:00 UTC"
    )


class Tenant(BaseModel):
    """A management company; everything else belongs to one."""

    id: UUID
    name: str
    synthesis_jobs: int | None
    synthesis_characters_per_day: int | None
    created_at: datetime


class NewCondominium(Given):
    """A place with a gate. A tenant's key need not say ``tenant_id``."""

    tenant_id: UUID = Field(default_factory=absent)
    name: Name
    language: Language = "pt-BR"
    timezone: Timezone = "America/Sao_Paulo"
    recording: Recording = "nobody"
    """Whose legs of calls are recorded; an extension's settings may say otherwise."""
    recording_notice: Flag = True
    """Whether those who are recorded are told so before anything else."""
    recording_days: Whole = Field(default=90, ge=1, le=3650)
    """After so many days recordings are deleted."""
    voice: SpokenBy | None = None
    """Of extensions that name none: one of its cloned voices, or one of the engine's."""
    voice_profile: ProfileName | None = None
    """How they speak, where they say nothing else."""


class Condominium(BaseModel):
    """A place with a gate; its time zone decides the greeting."""

    id: UUID
    tenant_id: UUID
    name: str
    language: str
    timezone: str
    recording: Recording
    recording_notice: bool
    recording_days: int
    voice: str | None
    voice_profile: ProfileName | None
    created_at: datetime


class CondominiumQuery(Paging):
    """Which condominiums."""

    tenant_id: UUID = Field(default_factory=absent)
    name: Search = Field(default_factory=absent, description="Part of the name")


class NewUnit(Given):
    """An apartment or a house; ``block`` is empty where there are none."""

    condominium_id: UUID
    block: Block = ""
    number: UnitNumber
    notes: Notes = ""


class Unit(BaseModel):
    """An apartment or a house."""

    id: UUID
    condominium_id: UUID
    block: str
    number: str
    notes: str


class UnitQuery(Paging):
    """Which units."""

    condominium_id: UUID = Field(default_factory=absent)
    block: Block = Field(default_factory=absent)
    number: UnitNumber = Field(default_factory=absent)


class NewResident(Given):
    """Who lives in a unit. Without a ``position`` they are called after those that are there."""

    unit_id: UUID
    position: Whole = Field(default_factory=absent, ge=1, le=1000)
    name: Name
    phones: list[Phone] = Field(default_factory=list, max_length=10)
    notes: Notes = ""
    language: Literal["pt-BR", "en", "es"] | None = Field(
        default=None, description="What they are called in; without it, what the extension speaks"
    )


class Resident(BaseModel):
    """Who lives in a unit: called in the order of ``position``, each on ``phones`` in order."""

    id: UUID
    unit_id: UUID
    condominium_id: UUID
    position: int
    name: str
    phones: list[str]
    notes: str
    language: str | None


class ResidentQuery(Paging):
    """Which residents."""

    unit_id: UUID = Field(default_factory=absent)
    condominium_id: UUID = Field(default_factory=absent)
    name: Search = Field(default_factory=absent, description="Part of the name")
    phone: Search = Field(default_factory=absent, description="The whole number, digits only")


class NewExtension(Given):
    """A number that is answered. ``port`` takes visitors, ``return_port`` our answered calls."""

    number: ExtensionNumber
    condominium_id: UUID
    flow: Flow = "doorman"
    language: Language = "pt-BR"
    voice: SpokenBy | None = None
    port: Port
    return_port: Port
    enabled: Flag = True
    isolated: Flag = False
    settings: FlowSettings = Field(default_factory=dict)


class Extension(BaseModel):
    """A number that is answered, and how that goes: ``status`` is the supervisor's word."""

    id: UUID
    number: str
    condominium_id: UUID
    flow: str
    language: str
    voice: str | None
    port: int
    return_port: int
    enabled: bool
    isolated: bool
    settings: Any
    status: Status
    status_reason: str | None
    created_at: datetime


class ExtensionQuery(Paging):
    """Which extensions."""

    condominium_id: UUID = Field(default_factory=absent)
    number: ExtensionNumber = Field(default_factory=absent)
    enabled: bool = Field(default_factory=absent)
    status: Status = Field(default_factory=absent)
