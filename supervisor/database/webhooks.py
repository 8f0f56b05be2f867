"""Webhooks' endpoints and deliveries, for operators at a terminal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from supervisor.database.api_keys import find_tenant
from supervisor.database.pool import Connection
from supervisor.errors import OperatorError
from supervisor.outgoing.signature import new_secret
from supervisor.webhooks.outbox import queue_ping


class WebhookError(OperatorError):
    """There is no such endpoint or delivery, or it cannot be what was asked."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where events are sent, and how that goes; ``waiting`` and ``dead`` count deliveries."""

    id: UUID
    url: str
    tenant: str | None
    condominium: str | None
    events: tuple[str, ...]
    enabled: bool
    disabled_reason: str | None
    failing_since: datetime | None
    waiting: int
    dead: int


@dataclass(frozen=True, slots=True)
class Sent:
    """A delivery, and what its last attempt came to."""

    id: UUID
    event: str
    call_id: UUID | None
    state: str
    attempts: int
    created_at: datetime
    next_attempt_at: datetime | None
    status: int | None
    latency_ms: float | None
    error: str | None


async def add_endpoint(
    connection: Connection,
    url: str,
    events: Sequence[str],
    *,
    tenant: str | None = None,
    condominium: str | None = None,
    description: str = "",
) -> tuple[UUID, str]:
    """Add an endpoint; returns its id and its secret, which is shown nowhere again.

    ``tenant`` and ``condominium`` are names. Raises :class:`WebhookError`.
    """
    tenant_id = None if tenant is None else await find_tenant(connection, tenant)
    place_id = None
    if condominium is not None:
        place_id, tenant_id = await _find_condominium(connection, condominium, tenant_id)
    secret = new_secret()
    endpoint_id = await connection.fetchval(
        """INSERT INTO webhook_endpoints
               (url, events, tenant_id, condominium_id, description, secret)
           VALUES ($1, $2, $3, $4, $5, $6) RETURNING id""",
        url,
        list(events),
        tenant_id,
        place_id,
        description,
        secret,
    )
    return endpoint_id, secret


async def list_endpoints(connection: Connection) -> list[Endpoint]:
    """Every endpoint, the oldest first."""
    rows = await connection.fetch(_LIST)
    return [Endpoint(**{**row, "events": tuple(row["events"])}) for row in rows]


async def remove_endpoint(connection: Connection, endpoint_id: UUID) -> None:
    """Remove an endpoint with everything that was or would be sent to it."""
    await _one(connection, "DELETE FROM webhook_endpoints WHERE id = $1", endpoint_id)


async def enable_endpoint(connection: Connection, endpoint_id: UUID, enabled: bool) -> None:
    """Send to it, or do not; what waited is sent when it is enabled again."""
    await _one(
        connection, "UPDATE webhook_endpoints SET enabled = $2 WHERE id = $1", endpoint_id, enabled
    )


async def rotate_secret(connection: Connection, endpoint_id: UUID, overlap: timedelta) -> str:
    """Give it a new secret, which is returned; the old one signs too for ``overlap``."""
    secret = new_secret()
    await _one(
        connection,
        """UPDATE webhook_endpoints SET secret = $2, previous_secret = secret,
               previous_until = now() + $3::interval WHERE id = $1""",
        endpoint_id,
        secret,
        overlap,
    )
    return secret


async def ping(connection: Connection, endpoint_id: UUID) -> UUID:
    """Queue a test; returns the delivery's id."""
    row = await connection.fetchrow(
        "SELECT enabled, tenant_id FROM webhook_endpoints WHERE id = $1", endpoint_id
    )
    if row is None:
        raise _missing(endpoint_id)
    if not row["enabled"]:
        raise WebhookError(
            f"The webhook {endpoint_id} is disabled; run: ramal webhook enable {endpoint_id}"
        )
    return await queue_ping(connection, endpoint_id, row["tenant_id"])


async def list_deliveries(
    connection: Connection, endpoint_id: UUID, state: str | None, limit: int
) -> list[Sent]:
    """The newest deliveries, with each one's last attempt."""
    return [Sent(**row) for row in await connection.fetch(_DELIVERIES, endpoint_id, state, limit)]


async def redeliver(connection: Connection, endpoint_id: UUID, delivery_id: UUID | None) -> int:
    """Send one again, whatever became of it, or all that are dead; returns how many."""
    status: str = await connection.execute(
        """UPDATE webhook_deliveries SET state = 'queued', job_id = NULL, next_attempt_at = NULL,
               queued_at = clock_timestamp(), finished_at = NULL
           WHERE endpoint_id = $1 AND state <> 'queued'
               AND CASE WHEN $2::uuid IS NULL THEN state = 'dead' ELSE id = $2 END""",
        endpoint_id,
        delivery_id,
    )
    return int(status.rpartition(" ")[2])


async def _find_condominium(
    connection: Connection, name: str, tenant_id: UUID | None
) -> tuple[UUID, UUID]:
    rows = await connection.fetch(
        """SELECT id, tenant_id FROM condominiums
           WHERE name = $1 AND ($2::uuid IS NULL OR tenant_id = $2)""",
        name,
        tenant_id,
    )
    if len(rows) == 1:
        return rows[0]["id"], rows[0]["tenant_id"]
    if rows:
        raise WebhookError(f'Several tenants have a condominium "{name}"; say --tenant as well.')
    raise WebhookError(f'There is no condominium "{name}"; see: ramal extension list')


async def _one(connection: Connection, statement: str, endpoint_id: UUID, *more: Any) -> None:
    if (await connection.execute(statement, endpoint_id, *more)).endswith(" 0"):
        raise _missing(endpoint_id)


def _missing(endpoint_id: UUID) -> WebhookError:
    return WebhookError(f"There is no webhook {endpoint_id}; see: ramal webhook list")


_LIST: Final = """
    SELECT w.id, w.url, t.name AS tenant, c.name AS condominium, w.events, w.enabled,
        w.disabled_reason, w.failing_since,
        count(d.id) FILTER (WHERE d.state = 'queued') AS waiting,
        count(d.id) FILTER (WHERE d.state = 'dead') AS dead
    FROM webhook_endpoints w LEFT JOIN tenants t ON t.id = w.tenant_id
        LEFT JOIN condominiums c ON c.id = w.condominium_id
        LEFT JOIN webhook_deliveries d ON d.endpoint_id = w.id AND d.state <> 'delivered'
    GROUP BY w.id, t.name, c.name ORDER BY w.created_at, w.id
"""
_DELIVERIES: Final = """
    SELECT d.id, d.event, d.call_id, d.state, d.attempts, d.created_at, d.next_attempt_at,
        a.status, a.latency_ms, a.error
    FROM webhook_deliveries d
        LEFT JOIN webhook_attempts a ON a.delivery_id = d.id AND a.number = d.attempts
    WHERE d.endpoint_id = $1 AND ($2::text IS NULL OR d.state = $2)
    ORDER BY d.created_at DESC, d.id DESC LIMIT $3
"""
