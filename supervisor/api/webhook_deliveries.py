"""What became of each delivery to a webhook, and sending again."""

from datetime import datetime
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

from pydantic import BaseModel, Field

from supervisor.api.endpoint import Answer, Ask, Endpoint, Handle
from supervisor.api.models import Given, Instant, absent
from supervisor.api.pages import Page, Paging
from supervisor.api.problems import Problem
from supervisor.api.reading import missing, page_of
from supervisor.database.resources import Key, Table
from supervisor.webhooks.payloads import Subscribable

MOST_AGAIN: Final = 10_000
"""Deliveries that one request queues again."""
State: TypeAlias = Literal["queued", "delivered", "dead"]


class Again(Given):
    """From when on; everything that is dead, without it."""

    since: Instant = Field(default_factory=lambda: datetime.fromisoformat("1970-01-01T00:00:00Z"))


class DeliveryQuery(Paging):
    """Which deliveries."""

    state: State = Field(default_factory=absent)
    event: Subscribable | Literal["ping"] = Field(default_factory=absent)
    call_id: UUID = Field(default_factory=absent)
    since: Instant = Field(default_factory=absent)


class DeliveryShown(BaseModel):
    """An event on its way to a webhook; ``dead`` is what was given up, and can be sent again."""

    id: UUID
    endpoint_id: UUID
    event: str
    call_id: UUID | None
    sequence: int | None
    state: State
    attempts: int
    created_at: datetime
    next_attempt_at: datetime | None = Field(description="After a failure; about then")
    finished_at: datetime | None


class AttemptShown(BaseModel):
    """A request, and what was answered; ``error`` says why it counts as failed."""

    number: int
    at: datetime
    status: int | None
    latency_ms: float
    response: str | None = Field(description="The beginning of the answer's body")
    error: str | None


class DeliveryWhole(DeliveryShown):
    """A delivery with its body, and every attempt."""

    body: str
    log: list[AttemptShown]


class Queued(BaseModel):
    """A delivery that is on its way."""

    delivery_id: UUID


class QueuedAgain(BaseModel):
    """How many deliveries are on their way again."""

    deliveries: int


DELIVERIES: Final = Table(
    "webhook_deliveries",
    "d",
    """SELECT d.id, d.endpoint_id, d.event, d.call_id, d.sequence, d.state, d.attempts,
        d.created_at, d.next_attempt_at, d.finished_at, d.body
    FROM webhook_deliveries d""",
    (Key("created_at", "d.created_at", "timestamptz"), Key("id", "d.id", "uuid")),
    descending=True,
    filters={
        "endpoint_id": "d.endpoint_id = {}",
        "id": "d.id = {}",
        "state": "d.state = {}",
        "event": "d.event = {}",
        "call_id": "d.call_id = {}",
        "since": "d.created_at >= {}",
    },
)


async def _list(ask: Ask) -> Answer:
    await _check_endpoint(ask)
    within = {"endpoint_id": ask.id()}
    return await page_of(ask.connection, DELIVERIES, DeliveryShown, ask.query, within)


async def _read(ask: Ask) -> Answer:
    row = await _delivery(ask)
    log = await ask.connection.fetch(
        """SELECT number, at, status, latency_ms, response, error FROM webhook_attempts
           WHERE delivery_id = $1 ORDER BY number""",
        row["id"],
    )
    return Answer(DeliveryWhole(**row, log=[AttemptShown(**each) for each in log]))


async def _send_again(ask: Ask) -> Answer:
    row = await _delivery(ask)
    if not await _queue_again(ask, "d.id = $2 AND d.state <> 'queued'", row["id"]):
        raise Problem(409, "This delivery is on its way already.")
    return Answer(Queued(delivery_id=row["id"]))


async def _send_dead_again(ask: Ask) -> Answer:
    await _check_endpoint(ask)
    count = await _queue_again(ask, "d.state = 'dead' AND d.created_at >= $2", ask.body.since)
    return Answer(QueuedAgain(deliveries=count))


async def _queue_again(ask: Ask, condition: str, value: Any) -> int:
    """Queue what fits of this endpoint's deliveries; the condition is ours, never a client's."""
    status: str = await ask.connection.execute(
        f"""UPDATE webhook_deliveries SET state = 'queued', job_id = NULL,
                queued_at = clock_timestamp(), next_attempt_at = NULL, finished_at = NULL
            WHERE id IN (SELECT d.id FROM webhook_deliveries d
                WHERE d.endpoint_id = $1 AND {condition} ORDER BY d.created_at
                LIMIT {MOST_AGAIN})""",  # noqa: S608
        ask.id(),
        value,
    )
    return int(status.rpartition(" ")[2])


async def _delivery(ask: Ask) -> dict[str, Any]:
    rows = await ask.connection.fetch(
        f"{DELIVERIES.select} WHERE d.endpoint_id = $1 AND d.id = $2",
        ask.id(),
        ask.id("delivery_id"),
    )
    if not rows:
        raise missing("delivery", ask.id("delivery_id"))
    return dict(rows[0])


async def _check_endpoint(ask: Ask) -> None:
    if not await ask.connection.fetchval(
        "SELECT count(*) FROM webhook_endpoints WHERE id = $1", ask.id()
    ):
        raise missing("webhook", ask.id())


def operation(
    method: Literal["GET", "POST"],
    path: str,
    name: str,
    summary: str,
    *,
    handle: Handle,
    answer: type[BaseModel],
    **more: Any,
) -> Endpoint:
    """An operation on webhooks, for admins."""
    return Endpoint(
        method=method,
        path=f"/api/v1/webhooks{path}",
        name=name,
        summary=summary,
        tag="webhooks",
        handle=handle,
        role="admin",
        answer=answer,
        **more,
    )


ENDPOINTS: Final = (
    operation(
        "GET",
        "/{id}/deliveries",
        "list_webhook_deliveries",
        "List what was sent, is on its way, or was given up, the newest first",
        handle=_list,
        answer=Page[DeliveryShown],
        query=DeliveryQuery,
    ),
    operation(
        "GET",
        "/{id}/deliveries/{delivery_id}",
        "get_webhook_delivery",
        "Read a delivery with its body and every attempt",
        handle=_read,
        answer=DeliveryWhole,
    ),
    operation(
        "POST",
        "/{id}/deliveries/{delivery_id}/redeliver",
        "redeliver_webhook_delivery",
        "Send a delivery again, dead or not",
        handle=_send_again,
        answer=Queued,
        status=202,
        idempotent=True,
        errors=frozenset({409}),
    ),
    operation(
        "POST",
        "/{id}/redeliver",
        "redeliver_dead_webhook_deliveries",
        f"Send again what was given up, the oldest {MOST_AGAIN} first",
        handle=_send_dead_again,
        answer=QueuedAgain,
        body=Again,
        status=202,
        idempotent=True,
    ),
)
