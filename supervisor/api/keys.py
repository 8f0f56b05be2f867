"""API keys over HTTP, for admins: a tenant's see and make those of the tenant."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from pydantic import BaseModel, Field

from supervisor.api.endpoint import Answer, Ask, Change, Endpoint
from supervisor.api.models import Given, Instant, Name, Whole, absent
from supervisor.api.pages import Paging
from supervisor.api.problems import Problem
from supervisor.api.reading import listing, row_of
from supervisor.database.api_keys import (
    ApiKeyError,
    Role,
    create_key,
    prefix_of,
    revoke_key,
    rotate_key,
)
from supervisor.database.resources import Key, Table

LONGEST_OVERLAP_S: Final = 30 * 24 * 3600
TABLE: Final = Table(
    "api_keys",
    "k",
    """SELECT k.id, k.prefix, k.name, k.role, k.tenant_id, k.created_at, k.expires_at,
        k.last_used_at, k.revoked_at
    FROM api_keys k""",
    (Key("created_at", "k.created_at", "timestamptz"), Key("id", "k.id", "uuid")),
    filters={
        "tenant_id": "k.tenant_id = {}",
        "role": "k.role = {}",
        "good": "(k.revoked_at IS NULL AND coalesce(k.expires_at > now(), true)) = {}",
    },
)


class KeyQuery(Paging):
    """Which keys."""

    tenant_id: UUID = Field(default_factory=absent)
    role: Role = Field(default_factory=absent)
    good: bool = Field(
        default_factory=absent, description="Whether it is neither expired nor revoked"
    )


class NewKey(Given):
    """A key. A tenant's key makes keys of the tenant; without ``tenant_id`` the installation's
    makes one of the whole installation."""

    name: Name
    role: Role
    tenant_id: UUID = Field(default_factory=absent)
    expires_at: Instant = Field(default_factory=absent)


class Rotation(Given):
    """How long the old key is still good, and the new one's end if it is to have one."""

    overlap_s: Whole = Field(default=24 * 3600, ge=0, le=LONGEST_OVERLAP_S)
    expires_at: Instant = Field(default_factory=absent)


class KeyShown(BaseModel):
    """A key without its secret."""

    id: UUID
    prefix: str
    name: str
    role: Role
    tenant_id: UUID | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None = Field(description="To the minute")
    revoked_at: datetime | None


class KeyMade(KeyShown):
    """A new key; ``key`` cannot be seen again."""

    key: str


async def _add(ask: Ask) -> Answer:
    new: NewKey = ask.body
    key = await create_key(
        ask.connection,
        new.name,
        new.role,
        tenant_id=new.tenant_id or ask.who.tenant_id,
        expires_at=new.expires_at,
    )
    return await _made(ask, key)


async def _rotate(ask: Ask) -> Answer:
    old = await _find(ask)
    try:
        key = await rotate_key(
            ask.connection,
            old.prefix,
            timedelta(seconds=ask.body.overlap_s),
            expires_at=ask.body.expires_at,
        )
    except ApiKeyError:
        raise Problem(409, f"The key {ask.id()} is revoked; make a new one.") from None
    ask.changes.append(Change("api_keys", ask.id(), _dump(old), _dump(await _find(ask))))
    return await _made(ask, key)


async def _revoke(ask: Ask) -> Answer:
    before = await _find(ask)
    await revoke_key(ask.connection, before.prefix)
    ask.changes.append(Change("api_keys", ask.id(), _dump(before), _dump(await _find(ask))))
    return Answer()


async def _made(ask: Ask, key: str) -> Answer:
    row = await ask.connection.fetchrow(f"{TABLE.select} WHERE k.prefix = $1", prefix_of(key))
    shown = KeyShown.model_validate(dict(row))
    ask.changes.append(Change("api_keys", shown.id, None, _dump(shown)))
    return Answer(KeyMade(key=key, **shown.model_dump()))


async def _find(ask: Ask) -> KeyShown:
    return KeyShown.model_validate(await row_of(ask, TABLE, "key"))


def _dump(shown: KeyShown) -> dict[str, object]:
    return shown.model_dump(mode="json")


ENDPOINTS: Final = (
    listing(
        "keys",
        TABLE,
        KeyShown,
        KeyQuery,
        summary="List API keys, those that are over too",
        role="admin",
    ),
    Endpoint(
        method="POST",
        path="/api/v1/keys",
        name="add_key",
        summary="Make an API key, which is shown only now",
        tag="keys",
        handle=_add,
        role="admin",
        body=NewKey,
        answer=KeyMade,
        status=201,
    ),
    Endpoint(
        method="POST",
        path="/api/v1/keys/{id}/rotate",
        name="rotate_key",
        summary="Make a key like another one, which stays good for a while",
        tag="keys",
        handle=_rotate,
        role="admin",
        body=Rotation,
        answer=KeyMade,
        status=201,
    ),
    Endpoint(
        method="DELETE",
        path="/api/v1/keys/{id}",
        name="revoke_key",
        summary="End a key now",
        tag="keys",
        handle=_revoke,
        role="admin",
        status=204,
    ),
)
