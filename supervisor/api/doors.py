"""Doors over HTTP: what a condominium has to open, and a door opened in a call that goes on."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from supervisor.api.crud import Resource
from supervisor.api.endpoint import Answer, Ask, Change, Endpoint
from supervisor.api.models import Flag, Given, absent
from supervisor.api.pages import Paging
from supervisor.api.problems import wrong
from supervisor.api.reading import row_of
from supervisor.api.steering import steer
from supervisor.database.doors import has_default_door, leave_no_default
from supervisor.database.resources import Key, Table, update_row
from supervisor.doors.settings import (
    NAME,
    DialplanSettings,
    DtmfSettings,
    NoSettings,
    WebhookSettings,
)
from supervisor.outgoing.signature import new_secret

DoorName = Annotated[str, Field(pattern=f"^{NAME}$", examples=["gate"])]


class ByKeys(DtmfSettings):
    """By keys that are sent to the visitor's intercom."""

    driver: Literal["dtmf"]


class ByDialplan(DialplanSettings):
    """By an extension of the dialplan's context `ramal-door`, named like the door unless said."""

    driver: Literal["dialplan"]


class ByWebhook(WebhookSettings):
    """By a signed request; `POST /doors/{id}/secret` gives the secret that signs."""

    driver: Literal["webhook"]


class ByOthers(NoSettings):
    """By others: nothing is opened, the log says who may come in."""

    driver: Literal["none"]


How = Annotated[ByKeys | ByDialplan | ByWebhook | ByOthers, Field(discriminator="driver")]


class NewDoor(Given):
    """A door. The first one of a condominium is its default."""

    condominium_id: UUID
    name: DoorName
    how: How
    is_default: Flag = False


class Door(BaseModel):
    """A door: `how` holds its driver and the driver's settings. The secret is never shown."""

    id: UUID
    condominium_id: UUID
    name: str
    how: Any
    is_default: bool = Field(description="Whether extensions open it that name no door")
    has_secret: bool
    created_at: datetime


class DoorQuery(Paging):
    """Which doors."""

    condominium_id: UUID = Field(default_factory=absent)
    name: DoorName = Field(default_factory=absent)


class Secret(BaseModel):
    """What signs requests from now on; it cannot be seen again."""

    secret: str = Field(description="As Standard Webhooks writes it: `whsec_` and base64")


class WhichDoor(Given):
    """Which door; the extension's own where none is named."""

    door: DoorName = Field(default_factory=absent)


class Opened(BaseModel):
    """The door's system has taken the order."""

    call_id: UUID
    status: Literal["opened"] = "opened"


async def _storable(ask: Ask, columns: dict[str, Any], before: Mapping[str, Any] | None) -> None:
    """Driver and settings are columns; one door at most is the default; requests are signed."""
    if "how" in columns:
        settings = dict(columns.pop("how"))
        columns |= {"driver": settings.pop("driver"), "settings": settings}
        objection = ask.backend.guard.objection(settings["url"]) if "url" in settings else None
        if objection is not None:
            raise wrong("body.how.url", objection, 409)
        if columns["driver"] == "webhook" and not (before and before["has_secret"]):
            columns["secret"] = new_secret()
    condominium_id = before["condominium_id"] if before else columns["condominium_id"]
    if before is None and not await has_default_door(ask.connection, condominium_id):
        columns["is_default"] = True
    if columns.get("is_default"):
        besides = before["id"] if before else None
        await leave_no_default(ask.connection, condominium_id, besides)


TABLE: Final = Table(
    "doors",
    "d",
    """SELECT d.id, d.condominium_id, d.name,
        d.settings || jsonb_build_object('driver', d.driver) AS how,
        d.is_default, d.has_secret, d.created_at FROM doors d""",
    (
        Key("condominium_id", "d.condominium_id", "uuid"),
        Key("name", "d.name", "text"),
        Key("id", "d.id", "uuid"),
    ),
    filters={"condominium_id": "d.condominium_id = {}", "name": "d.name = {}"},
)

RESOURCE: Final = Resource(
    table=TABLE,
    one="door",
    many="doors",
    new=NewDoor,
    shown=Door,
    query=DoorQuery,
    role="admin",
    fixed=frozenset({"condominium_id", "name"}),
    prepare=_storable,
)


async def _new_secret(ask: Ask) -> Answer:
    await row_of(ask, TABLE, "door", lock=True)
    secret = new_secret()
    await update_row(ask.connection, TABLE, ask.id(), {"secret": secret})
    ask.changes.append(Change("doors", ask.id(), None, {"secret": "replaced"}))
    return Answer(Secret(secret=secret))


async def _open(ask: Ask) -> Answer:
    order = {"door": ask.body.door, "key": ask.who.name, "key_id": str(ask.who.id)}
    await steer(ask, "open_door", json.dumps(order))
    told = {"action": "open_door", "door": ask.body.door}
    ask.changes.append(Change("calls", ask.id(), None, told))
    return Answer(Opened(call_id=ask.id()))


ENDPOINTS: Final = (
    Endpoint(
        method="POST",
        path="/api/v1/doors/{id}/secret",
        name="replace_door_secret",
        summary="Make the secret that signs a door's requests, which is shown only now",
        tag="doors",
        handle=_new_secret,
        role="admin",
        answer=Secret,
        status=201,
    ),
    Endpoint(
        method="POST",
        path="/api/v1/calls/{id}/open",
        name="open_door_in_call",
        summary="Open a door for a visitor, on the word of whoever asks",
        tag="calls",
        handle=_open,
        role="operator",
        body=WhichDoor,
        answer=Opened,
        idempotent=True,
        errors=frozenset({409}),
    ),
)
