"""Users over HTTP, for admins: a tenant's see, make and change those of the tenant."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import BaseModel, Field

from supervisor.access.passwords import (
    LONGEST,
    SHORTEST,
    BusyError,
    PasswordError,
    check_password,
)
from supervisor.api.crud import Resource
from supervisor.api.endpoint import Answer, Ask, Change, Endpoint
from supervisor.api.login import busy
from supervisor.api.models import Flag, Given, absent
from supervisor.api.pages import Paging
from supervisor.api.problems import Problem, wrong
from supervisor.api.reading import row_of
from supervisor.database.api_keys import Role
from supervisor.database.resources import Key, Table
from supervisor.database.users import NO_SECOND_FACTOR, change_user

UserName = Annotated[
    str,
    Field(
        max_length=100,
        pattern=r"^[a-z0-9][a-z0-9._@+-]*$",
        description="Small letters, digits and . _ @ + -; an e-mail address will do",
    ),
]
Chosen = Annotated[str, Field(min_length=SHORTEST, max_length=LONGEST, pattern=r"^[^\x00]+$")]
FullName = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class NewUser(Given):
    """Somebody who logs in. A tenant's admin makes users of the tenant; without ``tenant_id`` the
    installation's makes one of the whole installation."""

    username: UserName
    name: FullName = ""
    role: Role
    tenant_id: UUID = Field(default_factory=absent)
    enabled: Flag = True
    password: Chosen


class UserShown(BaseModel):
    """A user without what proves who they are."""

    id: UUID
    tenant_id: UUID | None
    username: str
    name: str
    role: Role
    enabled: bool
    second_factor: bool
    password_changed_at: datetime
    created_at: datetime
    last_login_at: datetime | None


class UserQuery(Paging):
    """Which users."""

    tenant_id: UUID = Field(default_factory=absent)
    role: Role = Field(default_factory=absent)
    enabled: bool = Field(default_factory=absent)


async def _prepare(ask: Ask, columns: dict[str, Any], before: Mapping[str, Any] | None) -> None:
    if before is None and ask.who.tenant_id is not None:
        columns.setdefault("tenant_id", ask.who.tenant_id)
    row = {**(before or {}), **columns}
    if before is not None and before["id"] == ask.who.id:
        _refuse_to_lower_oneself(row, before)
    if "password" in columns:
        columns["password_hash"] = await _hashed(ask, columns.pop("password"), row)


def _refuse_to_lower_oneself(row: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    """Of an installation's last admin nobody else could take it back."""
    if row["role"] != before["role"] or not row["enabled"]:
        raise Problem(409, "Nobody changes their own role or disables themselves; ask another.")


def _refuse_to_remove_oneself(ask: Ask, row: Mapping[str, Any]) -> None:
    if row["id"] == ask.who.id:
        raise Problem(409, "Nobody removes themselves; ask another admin.")


async def _hashed(ask: Ask, password: str, row: Mapping[str, Any]) -> str:
    try:
        check_password(password, (row["username"], row.get("name") or ""))
        return await ask.backend.identity.passwords.hash(password)
    except PasswordError as error:
        raise wrong("body.password", str(error).rstrip(".")) from None
    except BusyError:
        raise busy() from None


async def _reset_second_factor(ask: Ask) -> Answer:
    """For whoever lost telephone and recovery codes."""
    before = await row_of(ask, USERS.table, USERS.one, lock=True)
    await change_user(ask.connection, ask.id(), NO_SECOND_FACTOR)
    after = await row_of(ask, USERS.table, USERS.one)
    ask.changes.append(Change("users", ask.id(), _dump(before), _dump(after)))
    return Answer()


def _dump(row: Mapping[str, Any]) -> dict[str, Any]:
    return UserShown.model_validate(row).model_dump(mode="json")


USERS: Final = Resource(
    table=Table(
        "users",
        "u",
        """SELECT u.id, u.tenant_id, u.username, u.name, u.role, u.enabled, u.second_factor,
            u.password_changed_at, u.created_at, u.last_login_at
        FROM users u""",
        (Key("username", "u.username", "text"), Key("id", "u.id", "uuid")),
        filters={
            "tenant_id": "u.tenant_id = {}",
            "role": "u.role = {}",
            "enabled": "u.enabled = {}",
        },
    ),
    one="user",
    many="users",
    new=NewUser,
    shown=UserShown,
    query=UserQuery,
    role="admin",
    read_role="admin",
    fixed=frozenset({"tenant_id", "username"}),
    own=frozenset({"last_login_at"}),
    prepare=_prepare,
    part=_refuse_to_remove_oneself,
)

ENDPOINTS: Final = (
    Endpoint(
        method="POST",
        path="/api/v1/users/{id}/second-factor/reset",
        name="reset_second_factor",
        summary="Take the second factor from a user who has lost it",
        tag="users",
        handle=_reset_second_factor,
        role="admin",
        status=204,
    ),
)
