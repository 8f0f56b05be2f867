"""The ``api_keys`` table: who may use the HTTP API, for which tenant, in which role."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias, get_args
from uuid import UUID

from supervisor.database.pool import Connection
from supervisor.errors import OperatorError

Role: TypeAlias = Literal["admin", "operator", "viewer"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
MARK: Final = "ramal"
"""Every key begins with it, so that scanners of leaked secrets can know one."""
PREFIX_BYTES: Final = 6
SECRET_BYTES: Final = 32
"""256 random bits need no slow hash: nobody guesses them from their SHA-256."""
FIRST_NAME: Final = "first admin"
_FIRST_KEY_LOCK: Final = 0x52616D616B
_NOBODYS_HASH: Final = bytes(32)


class ApiKeyError(OperatorError):
    """A key cannot be made, found or revoked."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without its secret. ``tenant_id`` is ``None`` where it is the installation's."""

    id: UUID
    prefix: str
    name: str
    role: Role
    tenant_id: UUID | None
    tenant: str | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


_SELECT: Final = """
    SELECT k.id, k.prefix, k.name, k.role, k.tenant_id, t.name AS tenant, k.created_at,
        k.expires_at, k.last_used_at, k.revoked_at
    FROM api_keys k LEFT JOIN tenants t ON t.id = k.tenant_id
"""


async def create_key(
    connection: Connection,
    name: str,
    role: Role,
    *,
    tenant_id: UUID | None = None,
    expires_at: datetime | None = None,
) -> str:
    """Make a key and return it: the only time that it can be seen."""
    prefix = secrets.token_hex(PREFIX_BYTES)
    key = f"{MARK}_{prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"
    await connection.execute(
        """INSERT INTO api_keys (prefix, secret_hash, name, role, tenant_id, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6)""",
        prefix,
        _hash(key),
        name,
        role,
        tenant_id,
        expires_at,
    )
    return key


async def create_first_key(connection: Connection) -> str | None:
    """An admin's key for an installation that has no key at all; ``None`` where there is one.

    Of several servers that start at once, one makes it.
    """
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", _FIRST_KEY_LOCK)
        if await connection.fetchval("SELECT EXISTS (SELECT FROM api_keys)"):
            return None
        return await create_key(connection, FIRST_NAME, "admin")


async def check_key(connection: Connection, key: str) -> ApiKey | None:
    """Whose key this is; ``None`` for one that is unknown, expired or revoked.

    The time that it takes tells nothing about how much of a guess was right. ``last_used_at`` is
    kept to the minute.
    """
    row = await connection.fetchrow(
        f"""SELECT k.secret_hash, k.expires_at <= now() OR k.revoked_at IS NOT NULL AS over,
                k.last_used_at IS NULL OR k.last_used_at < now() - interval '1 minute' AS stale,
                found.* FROM api_keys k JOIN ({_SELECT}) found USING (id) WHERE k.prefix = $1""",  # noqa: S608
        prefix_of(key),
    )
    right = hmac.compare_digest(_hash(key), row["secret_hash"] if row else _NOBODYS_HASH)
    if row is None or not right or row["over"]:
        return None
    if row["stale"]:
        await connection.execute(
            "UPDATE api_keys SET last_used_at = now() WHERE id = $1", row["id"]
        )
    return ApiKey(**{name: row[name] for name in ApiKey.__dataclass_fields__})


async def is_good(connection: Connection, key_id: UUID) -> bool:
    """Whether a key that was checked is good still."""
    good: bool | None = await connection.fetchval(
        """SELECT revoked_at IS NULL AND coalesce(expires_at > now(), true)
           FROM api_keys WHERE id = $1""",
        key_id,
    )
    return bool(good)


async def list_keys(connection: Connection) -> list[ApiKey]:
    """All keys, the newest last; those that are over, too."""
    return [ApiKey(**row) for row in await connection.fetch(_SELECT + " ORDER BY k.created_at")]


async def revoke_key(connection: Connection, prefix: str) -> ApiKey:
    """End a key now, by its prefix. Raises :class:`ApiKeyError`."""
    found = await _find(connection, prefix)
    await connection.execute(
        "UPDATE api_keys SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1", found.id
    )
    return found


async def rotate_key(
    connection: Connection, prefix: str, overlap: timedelta, *, expires_at: datetime | None = None
) -> str:
    """A new key with the name, role and tenant of another, which is good for ``overlap`` still.

    ``expires_at`` is the new one's.

    Raises :class:`ApiKeyError`.
    """
    old = await _find(connection, prefix)
    if old.revoked_at is not None:
        raise ApiKeyError(f"The key {prefix} is revoked; make a new one with: ramal key create")
    async with connection.transaction():
        await connection.execute(
            """UPDATE api_keys SET expires_at = least(expires_at, now() + $2::interval)
               WHERE id = $1""",
            old.id,
            overlap,
        )
        return await create_key(
            connection, old.name, old.role, tenant_id=old.tenant_id, expires_at=expires_at
        )


async def find_tenant(connection: Connection, name: str) -> UUID:
    """The tenant of that name. Raises :class:`ApiKeyError`."""
    found: UUID | None = await connection.fetchval("SELECT id FROM tenants WHERE name = $1", name)
    if found is None:
        known = await connection.fetch("SELECT name FROM tenants ORDER BY name LIMIT 10")
        names = ", ".join(row["name"] for row in known) or "none yet"
        raise ApiKeyError(f'There is no tenant "{name}"; there are: {names}.')
    return found


async def _find(connection: Connection, prefix: str) -> ApiKey:
    row = await connection.fetchrow(_SELECT + " WHERE k.prefix = $1", prefix)
    if row is None:
        raise ApiKeyError(f"There is no key {prefix}; see: ramal key list")
    return ApiKey(**row)


def prefix_of(key: str) -> str:
    """The part of a key that may be shown; empty for what is no key."""
    mark, _, rest = key.partition("_")
    return rest.partition("_")[0] if mark == MARK else ""


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
