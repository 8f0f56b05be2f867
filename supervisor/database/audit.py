"""The ``audit_log`` table: who asked for what, and what changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from supervisor.database.pool import Connection


@dataclass(frozen=True, slots=True)
class Access:
    """One request with a key or of a user; or a login, whose ``actor`` may be nobody yet.

    A change names its resource; ``before`` and ``after`` are JSON objects, or ``None`` where there
    was or is nothing.
    """

    at: datetime
    tenant_id: UUID | None
    key_id: UUID | None
    key_name: str
    role: str
    address: str
    request_id: str
    method: str
    path: str
    status: int
    resource: str | None = None
    resource_id: str | None = None
    before: Any = None
    after: Any = None
    actor: Literal["key", "user", "nobody"] = "key"


_COLUMNS = tuple(Access.__dataclass_fields__)


async def write_accesses(connection: Connection, accesses: Sequence[Access]) -> None:
    """Add entries, in their order."""
    places = ", ".join(f"${place}" for place in range(1, len(_COLUMNS) + 1))
    await connection.executemany(
        f"INSERT INTO audit_log ({', '.join(_COLUMNS)}) VALUES ({places})",  # noqa: S608
        [tuple(getattr(access, column) for column in _COLUMNS) for access in accesses],
    )
