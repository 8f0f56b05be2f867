"""What a door's row may hold, by its driver; docs/configuration.md explains each to operators."""

import re
from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from supervisor.phones import DESTINATION

NAME: Final = r"[a-z0-9][a-z0-9_-]{0,39}"
"""What a door is called: it is part of the dialplan's and of receivers' own names."""


class DoorProblem(Exception):
    """A door's row is wrong; the message is the plain reason to be shown to the operator."""


class _DriverSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DtmfSettings(_DriverSettings):
    """Keys that are sent to the visitor's own intercom, which opens on them."""

    digits: str = Field(default="9", pattern=r"^[0-9A-D*#]{1,8}$")
    """As the intercom's manual names them: "9", "*0"."""
    on_ms: int = Field(default=200, ge=60, le=400)
    """How long each key is pressed; RFC 4733 allows less, intercoms often do not."""
    gap_ms: int = Field(default=100, ge=40, le=300)


class DialplanSettings(_DriverSettings):
    """An extension of the dialplan's context ``ramal-door``, which answers once it has opened."""

    extension: str | None = Field(default=None, pattern=f"^{DESTINATION.pattern}$")
    """The door's own name where nothing is said."""


class WebhookSettings(_DriverSettings):
    """A signed request to whatever opens the door; docs/webhooks.md says how it is verified."""

    url: str = Field(min_length=8, max_length=2048, pattern=r"^https?://[!-~]+$")
    attempts: int = Field(default=3, ge=1, le=4)
    """Tries of the same request, which carries the same id each time."""
    timeout_s: float = Field(default=2.0, ge=0.2, le=5.0)
    """For each try; all of them together have 6 s."""


class NoSettings(_DriverSettings):
    """Nothing is opened: the log says who may come in, and a person or another system opens."""


DRIVERS: Final[Mapping[str, type[_DriverSettings]]] = {
    "dtmf": DtmfSettings,
    "dialplan": DialplanSettings,
    "webhook": WebhookSettings,
    "none": NoSettings,
}
"""By the names that the table ``doors`` has."""


def is_door_name(text: str) -> bool:
    """Whether a door may be called so."""
    return re.fullmatch(NAME, text) is not None


def driver_settings(driver: str, given: Any) -> _DriverSettings:
    """The settings of a driver. Raises :class:`DoorProblem` with what is wrong in plain words."""
    if driver not in DRIVERS:
        raise DoorProblem(f'there is no way "{driver}" to open a door: use {", ".join(DRIVERS)}')
    if not isinstance(given, Mapping):
        raise DoorProblem("its settings are not a JSON object: write {} for none")
    try:
        return DRIVERS[driver](**given)
    except ValidationError as error:
        raise DoorProblem(_complaint(error, driver)) from None


def _complaint(error: ValidationError, driver: str) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        known = ", ".join(DRIVERS[driver].model_fields) or "none at all"
        return f'a door that is opened by {driver} has no setting "{key}": use {known}'
    if first["type"] == "missing":
        return f'a door that is opened by {driver} needs the setting "{key}"'
    return f'its setting "{key}" is wrong: {first["msg"].lower()}'
