"""Alerts: what is wrong now, what was, and who has seen it."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel, Field

from supervisor.api.endpoint import Answer, Ask, Change, Endpoint
from supervisor.api.models import Search, absent
from supervisor.api.pages import Paging
from supervisor.api.problems import Problem
from supervisor.api.reading import listing, reading, row_of
from supervisor.database.resources import Key, Table

TABLE: Final = Table(
    "alerts",
    "a",
    """SELECT a.id, a.tenant_id, a.kind, a.subject, a.text, a.facts, a.raised_at, a.last_at,
        a.times, a.over_at, a.acknowledged_at, a.acknowledged_by
    FROM alerts a""",
    (Key("raised_at", "a.raised_at", "timestamptz"), Key("id", "a.id", "uuid")),
    descending=True,
    filters={
        "open": "(a.over_at IS NULL AND a.acknowledged_at IS NULL) = {}",
        "kind": "a.kind = {}",
    },
)


class AlertQuery(Paging):
    """Which alerts."""

    open: bool = Field(
        default_factory=absent, description="Whether it is neither over nor acknowledged"
    )
    kind: Search = Field(default_factory=absent)


class Alert(BaseModel):
    """Something that somebody should look at; raised ``times`` times, last at ``last_at``."""

    id: UUID
    tenant_id: UUID | None
    kind: str
    subject: str
    text: str
    facts: dict[str, Any]
    raised_at: datetime
    last_at: datetime
    times: int
    over_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None


async def _acknowledge(ask: Ask) -> Answer:
    before = Alert.model_validate(await row_of(ask, TABLE, "alert", lock=True))
    if before.acknowledged_at is not None:
        raise Problem(409, f"{before.acknowledged_by} has acknowledged this already.")
    await ask.connection.execute(
        "UPDATE alerts SET acknowledged_at = now(), acknowledged_by = $2 WHERE id = $1",
        ask.id(),
        ask.who.name,
    )
    after = Alert.model_validate(await row_of(ask, TABLE, "alert"))
    told = [each.model_dump(mode="json") for each in (before, after)]
    ask.changes.append(Change(TABLE.name, ask.id(), *told))
    return Answer(after)


ENDPOINTS: Final = (
    listing("alerts", TABLE, Alert, AlertQuery, summary="List alerts, the newest first"),
    reading("alert", "alerts", TABLE, Alert),
    Endpoint(
        method="POST",
        path="/api/v1/alerts/{id}/acknowledge",
        name="acknowledge_alert",
        summary="Say that you have seen it",
        tag="alerts",
        handle=_acknowledge,
        role="operator",
        answer=Alert,
        idempotent=True,
        errors=frozenset({409}),
    ),
)
