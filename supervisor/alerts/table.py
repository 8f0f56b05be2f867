"""Alarms as rows: open until they are over, and told once however many machines raise them."""

import json
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from supervisor.alarms import Alarm
from supervisor.database.pool import Connection
from supervisor.webhooks.outbox import queue_alert

QUIET: Final = timedelta(hours=1)
"""What was not raised for so long is news when it is raised again, acknowledged or not."""


async def note(connection: Connection, alarm: Alarm) -> bool:
    """Write an alarm down; returns whether it is news, and then queues it for webhooks."""
    async with connection.transaction():
        tenant_id = await _tenant_of(connection, alarm)
        row = await (_end(connection, alarm) if alarm.over else _open(connection, alarm, tenant_id))
        if row:
            await queue_alert(connection, tenant_id, alarm.at, _told(alarm))
        return bool(row)


async def _open(connection: Connection, alarm: Alarm, tenant_id: UUID | None) -> bool:
    is_news: bool = await connection.fetchval(
        _OPEN,
        tenant_id,
        alarm.kind,
        alarm.subject,
        alarm.text,
        _plain(alarm)["facts"],
        alarm.at,
        alarm.times,
        QUIET,
    )
    return is_news


async def _end(connection: Connection, alarm: Alarm) -> bool:
    status: str = await connection.execute(
        """UPDATE alerts SET over_at = $3 WHERE kind = $1 AND subject = $2 AND over_at IS NULL
           AND raised_at <= $3""",
        alarm.kind,
        alarm.subject,
        alarm.at,
    )
    return not status.endswith(" 0")


async def _tenant_of(connection: Connection, alarm: Alarm) -> UUID | None:
    """Whose an alarm is, if its facts say so and there still is such a tenant."""
    given = (alarm.facts or {}).get("tenant_id")
    if given is None:
        return None
    found: UUID | None = await connection.fetchval(
        "SELECT id FROM tenants WHERE id::text = $1", str(given)
    )
    return found


def _told(alarm: Alarm) -> dict[str, Any]:
    data = _plain(alarm)
    return {name: data[name] for name in ("kind", "subject", "text", "times", "over", "facts")}


def _plain(alarm: Alarm) -> dict[str, Any]:
    """As JSON holds it, whatever the facts are."""
    told: dict[str, Any] = json.loads(json.dumps(alarm.to_json(), default=str))
    return told


_OPEN: Final = """
    INSERT INTO alerts AS alert (tenant_id, kind, subject, text, facts, raised_at, last_at, times)
    VALUES ($1, $2, $3, $4, $5, $6, $6, $7)
    ON CONFLICT (kind, subject) WHERE over_at IS NULL DO UPDATE SET
        text = excluded.text, facts = excluded.facts, last_at = excluded.last_at,
        raised_at = CASE WHEN alert.last_at < $6 - $8::interval
            THEN excluded.raised_at ELSE alert.raised_at END,
        times = CASE WHEN alert.last_at < $6 - $8::interval
            THEN excluded.times ELSE alert.times + excluded.times END,
        acknowledged_at = CASE WHEN alert.last_at < $6 - $8::interval
            THEN NULL ELSE alert.acknowledged_at END,
        acknowledged_by = CASE WHEN alert.last_at < $6 - $8::interval
            THEN NULL ELSE alert.acknowledged_by END
    RETURNING times = $7
"""
