"""The ``users`` table: who may log in, for which tenant, in which role."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from supervisor.database.api_keys import Role
from supervisor.database.pool import Connection
from supervisor.errors import OperatorError


class UserError(OperatorError):
    """A user cannot be made, found or changed."""


@dataclass(frozen=True, slots=True)
class User:
    """A user without what proves who they are. ``tenant_id`` is ``None`` for the installation's."""

    id: UUID
    username: str
    name: str
    role: Role
    tenant_id: UUID | None
    tenant: str | None
    enabled: bool
    second_factor: bool
    created_at: datetime
    last_login_at: datetime | None


@dataclass(frozen=True, slots=True)
class Account:
    """What a login is checked by. ``totp_secret`` counts only with ``second_factor``."""

    id: UUID
    username: str
    name: str
    role: Role
    tenant_id: UUID | None
    enabled: bool
    password_hash: str
    totp_secret: str | None
    second_factor: bool


_USER: Final = """
    SELECT u.id, u.username, u.name, u.role, u.tenant_id, t.name AS tenant, u.enabled,
        u.second_factor, u.created_at, u.last_login_at
    FROM users u LEFT JOIN tenants t ON t.id = u.tenant_id
"""
_ACCOUNT: Final = """
    SELECT id, username, name, role, tenant_id, enabled, password_hash, totp_secret, second_factor
    FROM users
"""


def canonical(username: str) -> str:
    """As the table has it: people write their names with capitals or without."""
    return username.strip().lower()


async def add_user(
    connection: Connection,
    username: str,
    password_hash: str,
    role: Role,
    *,
    name: str = "",
    tenant_id: UUID | None = None,
) -> None:
    """Make a user. Raises :class:`UserError` for a name that is taken."""
    try:
        await connection.execute(
            """INSERT INTO users (username, password_hash, role, name, tenant_id)
               VALUES ($1, $2, $3, $4, $5)""",
            canonical(username),
            password_hash,
            role,
            name,
            tenant_id,
        )
    except asyncpg.UniqueViolationError:
        raise UserError(
            f"There is a user {canonical(username)} already; choose another name."
        ) from None


async def list_users(connection: Connection) -> list[User]:
    """All users by their names, those that are disabled too."""
    return [User(**row) for row in await connection.fetch(_USER + " ORDER BY u.username")]


async def find_user(connection: Connection, username: str) -> User:
    """The user of that name. Raises :class:`UserError`."""
    row = await connection.fetchrow(_USER + " WHERE u.username = $1", canonical(username))
    if row is None:
        raise UserError(f"There is no user {canonical(username)}; see: ramal user list")
    return User(**row)


async def change_user(connection: Connection, user_id: UUID, columns: dict[str, Any]) -> None:
    """Write columns, whose names come from the program."""
    sets = ", ".join(f"{name} = ${place}" for place, name in enumerate(columns, start=2))
    await connection.execute(
        f"UPDATE users SET {sets} WHERE id = $1",  # noqa: S608
        user_id,
        *columns.values(),
    )


async def remove_user(connection: Connection, user_id: UUID) -> None:
    """Remove a user with all their sessions."""
    await connection.execute("DELETE FROM users WHERE id = $1", user_id)


async def find_account(connection: Connection, username: str) -> Account | None:
    """What a login under that name is checked by."""
    row = await connection.fetchrow(_ACCOUNT + " WHERE username = $1", canonical(username))
    return None if row is None else Account(**row)


async def account_of(connection: Connection, user_id: UUID) -> Account | None:
    """... of a user who has logged in."""
    row = await connection.fetchrow(_ACCOUNT + " WHERE id = $1", user_id)
    return None if row is None else Account(**row)


async def rehash(connection: Connection, user_id: UUID, password_hash: str) -> None:
    """Write the same password under another hash: sessions go on."""
    async with connection.transaction():
        await connection.execute("SELECT set_config('ramal.rehash', 'on', true)")
        await change_user(connection, user_id, {"password_hash": password_hash})


async def hold(connection: Connection, account: Account) -> bool:
    """Keep an account as it was checked until the transaction ends; false if it is not any more."""
    held = await connection.fetchval(
        """SELECT true FROM users WHERE id = $1 AND enabled AND password_hash = $2
               AND second_factor = $3 FOR NO KEY UPDATE""",
        account.id,
        account.password_hash,
        account.second_factor,
    )
    return bool(held)


NO_SECOND_FACTOR: Final[dict[str, Any]] = {"totp_secret": None, "totp_confirmed_at": None}
"""Columns of a user without one."""
