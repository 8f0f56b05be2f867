"""Endpoints and calls' entries as rows, for tests of what is delivered."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from conversation.journal import Entry
from supervisor.database.pool import Pool
from supervisor.outgoing.signature import new_secret


async def add_place(pool: Pool, tenant: str = "Alfa", name: str = "Edifício Aurora") -> UUID:
    """A condominium of a tenant, which is made if it is not there."""
    tenant_id = await pool.fetchval(
        """INSERT INTO tenants (name) VALUES ($1)
           ON CONFLICT (name) DO UPDATE SET name = $1 RETURNING id""",
        tenant,
    )
    place_id: UUID = await pool.fetchval(
        "INSERT INTO condominiums (tenant_id, name) VALUES ($1, $2) RETURNING id", tenant_id, name
    )
    return place_id


async def tenant_of(pool: Pool, condominium_id: UUID) -> UUID:
    tenant_id: UUID = await pool.fetchval(
        "SELECT tenant_id FROM condominiums WHERE id = $1", condominium_id
    )
    return tenant_id


async def add_endpoint(
    pool: Pool,
    url: str = "https://example.com/hook",
    *,
    tenant_id: UUID | None = None,
    condominium_id: UUID | None = None,
    events: Sequence[str] = (),
    secret: str | None = None,
) -> UUID:
    endpoint_id: UUID = await pool.fetchval(
        """INSERT INTO webhook_endpoints (url, tenant_id, condominium_id, events, secret)
           VALUES ($1, $2, $3, $4, $5) RETURNING id""",
        url,
        tenant_id,
        condominium_id,
        list(events),
        secret or new_secret(),
    )
    return endpoint_id


class Call:
    """Makes the entries of one call, numbered from 1."""

    def __init__(self, condominium_id: UUID | None = None) -> None:
        self.id = uuid4()
        self._condominium_id = condominium_id
        self._sequence = 0

    def entry(self, kind: str, **data: Any) -> Entry:
        self._sequence += 1
        return Entry(self.id, self._sequence, datetime.now(UTC), kind, data)

    def started(self) -> Entry:
        return self.entry("call.started", condominium_id=str(self._condominium_id))

    def turn(self, text: str = "boa tarde") -> Entry:
        return self.entry("turn", party="visitor", speaker="visitor", text=text)

    def ended(self) -> Entry:
        return self.entry("call.ended", reason="hangup")
