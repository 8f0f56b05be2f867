"""Who a request comes from, however they proved it."""

from dataclasses import dataclass
from typing import Literal, TypeAlias
from uuid import UUID

from supervisor.database.api_keys import ApiKey, Role

Kind: TypeAlias = Literal["key", "user"]


@dataclass(frozen=True, slots=True)
class Principal:
    """A key or a user that is good. ``tenant_id`` is ``None`` where it is the installation's."""

    kind: Kind
    id: UUID
    name: str
    role: Role
    tenant_id: UUID | None

    @classmethod
    def of_key(cls, key: ApiKey) -> "Principal":
        """Whoever holds an API key."""
        return cls("key", key.id, key.name, key.role, key.tenant_id)
