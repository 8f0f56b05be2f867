"""Who a request comes from, however they proved it."""

from dataclasses import dataclass
from typing import Literal, TypeAlias
from uuid import UUID

from supervisor.database.api_keys import ApiKey, Role, is_good
from supervisor.database.pool import Connection
from supervisor.database.sessions import SessionUser, user_of_session

Kind: TypeAlias = Literal["key", "user"]


@dataclass(frozen=True, slots=True)
class Principal:
    """A key or a user that is good. ``tenant_id`` is ``None`` where it is the installation's."""

    kind: Kind
    id: UUID
    name: str
    role: Role
    tenant_id: UUID | None
    session_id: UUID | None = None
    """A user's login."""

    @classmethod
    def of_key(cls, key: ApiKey) -> "Principal":
        """Whoever holds an API key."""
        return cls("key", key.id, key.name, key.role, key.tenant_id)

    @classmethod
    def of_user(cls, user: SessionUser, session_id: UUID) -> "Principal":
        """Whoever has logged in."""
        return cls("user", user.id, user.username, user.role, user.tenant_id, session_id)


async def is_still_good(connection: Connection, who: Principal) -> bool:
    """Whether a key or login that was checked is good still, with the rights that it had."""
    if who.session_id is None:
        return await is_good(connection, who.id)
    user = await user_of_session(connection, who.session_id)
    return user is not None and Principal.of_user(user, who.session_id) == who
