"""Logins that go on: a session, and the refresh tokens that keep it going, each good once."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from supervisor.database.api_keys import Role
from supervisor.database.pool import Connection

TOKEN_BYTES: Final = 32
KEPT_AFTER: Final = "7 days"
"""How long a session that is over is kept, for whoever looks into a theft."""


@dataclass(frozen=True, slots=True)
class Lasting:
    """How long logins last: a session in all, and without a refresh."""

    session: timedelta
    idle: timedelta


@dataclass(frozen=True, slots=True)
class Granted:
    """A session, and the token that gets the next one."""

    session_id: UUID
    user_id: UUID
    refresh_token: str


@dataclass(frozen=True, slots=True)
class Stolen:
    """A refresh token that had been used: its session is over."""

    session_id: UUID
    user_id: UUID


@dataclass(frozen=True, slots=True)
class SessionUser:
    """Whose a session is, with the rights of this moment."""

    id: UUID
    username: str
    role: Role
    tenant_id: UUID | None


async def open_session(
    connection: Connection, user_id: UUID, address: str, lasting: Lasting
) -> Granted:
    """A login succeeded. Sessions of this user that have long been over are forgotten."""
    async with connection.transaction():
        await connection.execute(
            f"""DELETE FROM sessions WHERE user_id = $1
                AND least(expires_at, revoked_at) < now() - interval '{KEPT_AFTER}'""",  # noqa: S608
            user_id,
        )
        session_id = await connection.fetchval(
            """INSERT INTO sessions (user_id, address, expires_at)
               VALUES ($1, $2, now() + $3::interval) RETURNING id""",
            user_id,
            address,
            lasting.session,
        )
        await connection.execute("UPDATE users SET last_login_at = now() WHERE id = $1", user_id)
        token = await _next_token(connection, session_id, lasting)
    return Granted(session_id, user_id, token)


async def refresh_session(
    connection: Connection, token: str, lasting: Lasting
) -> Granted | Stolen | None:
    """Spend a token for the next one; ``None`` for one that is unknown, too old, or whose session
    or user is over. One that was spent before ends its session: one of the two is a thief."""
    async with connection.transaction():
        row = await connection.fetchrow(
            """SELECT r.used_at, s.id, s.user_id,
                   s.revoked_at IS NULL AND s.expires_at > now() AND r.expires_at > now()
                   AND u.enabled AS good
               FROM refresh_tokens r JOIN sessions s ON s.id = r.session_id
                   JOIN users u ON u.id = s.user_id
               WHERE r.token_hash = $1 FOR UPDATE OF s, r""",
            _hash(token),
        )
        if row is None or not row["good"]:
            return None
        if row["used_at"] is not None:
            await close_session(connection, row["id"])
            return Stolen(row["id"], row["user_id"])
        await connection.execute(
            "UPDATE refresh_tokens SET used_at = now() WHERE token_hash = $1", _hash(token)
        )
        return Granted(row["id"], row["user_id"], await _next_token(connection, row["id"], lasting))


async def close_session(connection: Connection, session_id: UUID) -> None:
    """Log out."""
    await connection.execute(
        "UPDATE sessions SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1", session_id
    )


async def session_of_token(connection: Connection, token: str) -> Granted | None:
    """Which session a refresh token belongs to, whether it is good or not."""
    row = await connection.fetchrow(
        """SELECT s.id, s.user_id FROM refresh_tokens r JOIN sessions s ON s.id = r.session_id
           WHERE r.token_hash = $1""",
        _hash(token),
    )
    return None if row is None else Granted(row["id"], row["user_id"], token)


async def user_of_session(connection: Connection, session_id: UUID) -> SessionUser | None:
    """Who has logged in; ``None`` once the session is over or the user disabled."""
    row = await connection.fetchrow(
        """SELECT u.id, u.username, u.role, u.tenant_id
           FROM sessions s JOIN users u ON u.id = s.user_id
           WHERE s.id = $1 AND s.revoked_at IS NULL AND s.expires_at > now() AND u.enabled""",
        session_id,
    )
    return None if row is None else SessionUser(**row)


async def _next_token(connection: Connection, session_id: UUID, lasting: Lasting) -> str:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    await connection.execute(
        """INSERT INTO refresh_tokens (token_hash, session_id, expires_at)
           VALUES ($1, $2, now() + $3::interval)""",
        _hash(token),
        session_id,
        lasting.idle,
    )
    return token


def _hash(token: str) -> bytes:
    """Random as tokens are, they need no slow hash."""
    return hashlib.sha256(token.encode()).digest()
