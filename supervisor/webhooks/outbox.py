"""Deliveries, written in the transaction of what they tell: none is lost, none is doubled."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid4

from conversation.journal import Entry
from supervisor.database.pool import Connection
from supervisor.webhooks.payloads import Event, Message, SynthesisData, data_of, event_of


async def queue_entries(connection: Connection, entries: Sequence[Entry]) -> None:
    """Queue what ``entries`` mean to whoever wants to know, inside their transaction.

    Their calls are known already. The endpoints' rows are locked against removal, so that no
    removal at this moment can refuse the entries.
    """
    told = [(entry, event) for entry in entries if (event := event_of(entry)) is not None]
    if not told:
        return
    rows = await connection.fetch(
        _ENDPOINTS_OF_ENTRIES,
        list(range(len(told))),
        [entry.call_id for entry, _ in told],
        [event for _, event in told],
    )
    messages = []
    for row in rows:
        entry, event = told[row["place"]]
        message = _message_of(entry, event, row["tenant_id"], row["home"])
        messages.append((row["endpoint_id"], message))
    await _insert(connection, messages)


async def queue_alert(
    connection: Connection, tenant_id: UUID | None, at: datetime, data: dict[str, Any]
) -> None:
    """Queue an alert for the endpoints of the installation, and of its tenant if it has one."""
    rows = await connection.fetch(_ENDPOINTS_OF_ALERT, tenant_id)
    told = data_of("alert", data)
    messages = [
        (
            row["id"],
            Message(id=uuid4(), type="alert", at=at, tenant_id=row["tenant_id"], data=told),
        )
        for row in rows
    ]
    await _insert(connection, messages)


async def queue_synthesis(connection: Connection, job: Mapping[str, Any]) -> None:
    """Queue that a synthesis job is finished, inside the transaction that finishes it: for the
    endpoints of the installation, and of its tenant if it has one. It is of no condominium."""
    event: Event = "synthesis.done" if job["state"] == "done" else "synthesis.failed"
    tenant_id = job["tenant_id"]
    rows = await connection.fetch(_ENDPOINTS_OF_SYNTHESIS, tenant_id, event)
    facts = {**job, "job_id": job["id"]}
    told = data_of(event, {name: facts[name] for name in SynthesisData.model_fields})
    at = job["finished_at"]
    messages = [
        (row["id"], Message(id=uuid4(), type=event, at=at, tenant_id=tenant_id, data=told))
        for row in rows
    ]
    await _insert(connection, messages)


async def queue_ping(connection: Connection, endpoint_id: UUID, tenant_id: UUID | None) -> UUID:
    """Queue a ping for an endpoint, enabled or not; returns the delivery's id."""
    data = data_of("ping", {"text": "ping"})
    ping = Message(id=uuid4(), type="ping", at=datetime.now(UTC), tenant_id=tenant_id, data=data)
    await _insert(connection, [(endpoint_id, ping)])
    return ping.id


def _message_of(
    entry: Entry, event: Event, tenant_id: UUID | None, condominium_id: UUID | None
) -> Message:
    return Message(
        id=uuid4(),
        type=event,
        at=entry.at,
        tenant_id=tenant_id,
        condominium_id=condominium_id,
        call_id=entry.call_id,
        sequence=entry.sequence,
        data=data_of(event, entry.data),
    )


async def _insert(connection: Connection, messages: Sequence[tuple[UUID, Message]]) -> None:
    if not messages:
        return
    await connection.executemany(
        """INSERT INTO webhook_deliveries (id, endpoint_id, event, call_id, sequence, body)
           VALUES ($1, $2, $3, $4, $5, $6)""",
        [
            (
                message.id,
                endpoint_id,
                message.type,
                message.call_id,
                message.sequence,
                message.model_dump_json(),
            )
            for endpoint_id, message in messages
        ],
    )


_ENDPOINTS_OF_ENTRIES: Final = """
    SELECT entry.place, endpoint.id AS endpoint_id, condominium.tenant_id, condominium.id AS home
    FROM unnest($1::integer[], $2::uuid[], $3::text[]) AS entry (place, call_id, event)
    JOIN calls AS call ON call.id = entry.call_id
    LEFT JOIN condominiums AS condominium ON condominium.id = call.condominium_id
    JOIN webhook_endpoints AS endpoint ON endpoint.enabled
        AND (endpoint.events = '{}' OR entry.event = ANY(endpoint.events))
        AND (endpoint.tenant_id IS NULL OR endpoint.tenant_id = condominium.tenant_id)
        AND (endpoint.condominium_id IS NULL OR endpoint.condominium_id = condominium.id)
    ORDER BY entry.place
    FOR KEY SHARE OF endpoint
"""
_ENDPOINTS_OF_ALERT: Final = """
    SELECT id, tenant_id FROM webhook_endpoints
    WHERE enabled AND (events = '{}' OR 'alert' = ANY(events))
        AND (tenant_id IS NULL OR tenant_id = $1)
    FOR KEY SHARE
"""
_ENDPOINTS_OF_SYNTHESIS: Final = """
    SELECT id FROM webhook_endpoints
    WHERE enabled AND condominium_id IS NULL AND (events = '{}' OR $2 = ANY(events))
        AND (tenant_id IS NULL OR tenant_id = $1)
    FOR KEY SHARE
"""
