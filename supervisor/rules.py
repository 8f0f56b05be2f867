"""What a row of ``extensions`` must be like to be served; cheap to import, for the supervisor."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from supervisor.database.extensions import Extension

FLOWS: Final[Mapping[str, str]] = {
    "doorman": "the doorman of a condominium",
    "echo": "says back what it hears: to test a line",
}


class ExtensionSettings(BaseModel):
    """What ``extensions.settings`` may hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ring_s: float = Field(default=25.0, ge=5, le=120)
    """How long a resident's phone rings before the next one is tried."""
    idle_limit_s: float = Field(default=120.0, ge=10, le=900)
    """A call in which nobody says anything for so long is ended."""
    call_limit_s: float = Field(default=600.0, ge=30, le=3600)
    """The longest call."""


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


def check_extension(extension: Extension) -> None:
    """Raises :class:`ExtensionProblem` for what can be known without a worker."""
    if extension.flow not in FLOWS:
        raise ExtensionProblem(f'there is no flow "{extension.flow}": use {" or ".join(FLOWS)}')
    settings_of(extension)


def _complaint(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        known = ", ".join(ExtensionSettings.model_fields)
        return f'its settings have no "{key}": use {known}'
    return f'its setting "{key}" is wrong: {first["msg"].lower()}'
