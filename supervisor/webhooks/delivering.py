"""One delivery: read, signed, sent, and what came of it written down."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from supervisor.alarms import Alarms
from supervisor.database.pool import Connection, Pool
from supervisor.metrics import Metrics
from supervisor.outgoing.client import Outgoing, OutgoingError, Reply
from supervisor.outgoing.signature import signed
from supervisor.settings import WebhookSettings

FIRST_RETRY_S: Final = 5.0
LAST_RETRY_S: Final = 3600.0
"""Attempts come at 5 s, 10 s, 20 s ... and then hourly, each up to half of that earlier."""
KEPT_CHARACTERS: Final = 500
"""Of an answer, for those who look for the cause."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is to be sent, and whereto."""

    id: UUID
    endpoint_id: UUID
    tenant_id: UUID | None
    event: str
    body: str
    attempts: int
    queued_at: datetime
    url: str
    secrets: tuple[str, ...]
    failing_since: datetime | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt. ``error`` says in plain words why it counts as failed."""

    at: datetime
    latency_ms: float
    status: int | None
    response: str | None
    error: str | None
    wait_s: float = 0.0
    """What the receiver asked for, at most :data:`LAST_RETRY_S`."""


class Deliverer:
    """Carries deliveries out, each attempt once it is told to."""

    def __init__(
        self,
        pool: Pool,
        client: Outgoing,
        settings: WebhookSettings,
        alarms: Alarms,
        metrics: Metrics,
        *,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._pool = pool
        self._client = client
        self._settings = settings
        self._alarms = alarms
        self._metrics = metrics
        self._jitter = jitter

    async def attempt(self, delivery_id: UUID, job_id: int, tries: int) -> timedelta | None:
        """Send a delivery, unless it is done; returns when to try again, ``None`` if never.

        ``tries`` are those since it was queued. Raises what the database raises: then nothing is
        known of it, and it is to be tried again.
        """
        row = await self._pool.fetchrow(_READ, delivery_id, job_id)
        if row is None:
            return None
        delivery = Delivery(**{**row, "secrets": tuple(row["secrets"])})
        outcome = await self._send(delivery)
        self._count(outcome)
        async with self._pool.acquire() as connection, connection.transaction():
            if outcome.error is None:
                await self._delivered(connection, delivery, outcome)
                return None
            return await self._failed(connection, delivery, outcome, tries)

    async def _send(self, delivery: Delivery) -> Outcome:
        at, began = datetime.now(UTC), time.monotonic()
        body = delivery.body.encode()
        headers = {
            **signed(str(delivery.id), int(at.timestamp()), body, delivery.secrets),
            "Content-Type": "application/json",
            "Ramal-Event": delivery.event,
            "Ramal-Attempt": str(delivery.attempts + 1),
        }
        limit_s = self._settings.request_limit_s
        try:
            reply = await self._client.send(
                "POST", delivery.url, body=body, headers=headers, limit_s=limit_s
            )
        except OutgoingError as error:
            return Outcome(at, (time.monotonic() - began) * 1000, None, None, str(error))
        wait_s = min(reply.retry_after_s or 0.0, LAST_RETRY_S)
        return Outcome(at, reply.took_ms, reply.status, _text(reply), _complaint(reply), wait_s)

    async def _delivered(
        self, connection: Connection, delivery: Delivery, outcome: Outcome
    ) -> None:
        await _log_attempt(connection, delivery, outcome, state="delivered")
        if delivery.failing_since is not None:
            await connection.execute(
                "UPDATE webhook_endpoints SET failing_since = NULL WHERE id = $1",
                delivery.endpoint_id,
            )
            subject = str(delivery.endpoint_id)
            text = f"The webhook to {_host(delivery)} takes events again."
            self._alarms.end_alarm("webhook.gave_up", text, subject=subject, **_facts(delivery))

    async def _failed(
        self, connection: Connection, delivery: Delivery, outcome: Outcome, tries: int
    ) -> timedelta | None:
        delay = max(backoff(tries, self._jitter()), timedelta(seconds=outcome.wait_s))
        gives_up_at = delivery.queued_at + timedelta(hours=self._settings.give_up_after_h)
        is_dead = outcome.at + delay > gives_up_at
        await _log_attempt(
            connection,
            delivery,
            outcome,
            state="dead" if is_dead else "queued",
            next_at=None if is_dead else outcome.at + delay,
        )
        await self._judge_endpoint(connection, delivery, outcome)
        if not is_dead:
            return delay
        self._alarms.raise_alarm(
            "webhook.gave_up",
            f"An event could not be delivered to {_host(delivery)} for "
            f"{self._settings.give_up_after_h:g} h ({outcome.error}); put the receiver right, then "
            f"run: ramal webhook redeliver {delivery.endpoint_id}",
            subject=str(delivery.endpoint_id),
            **_facts(delivery),
        )
        return None

    async def _judge_endpoint(
        self, connection: Connection, delivery: Delivery, outcome: Outcome
    ) -> None:
        """Note since when an endpoint fails; after too long it is disabled, and somebody told."""
        disabled = await connection.fetchval(
            _JUDGE,
            delivery.endpoint_id,
            outcome.at,
            timedelta(hours=self._settings.disable_after_h),
            f"It failed for {self._settings.disable_after_h:g} h; last: {outcome.error}",
        )
        if disabled:
            self._alarms.raise_alarm(
                "webhook.disabled",
                f"The webhook to {_host(delivery)} is disabled, as it failed for "
                f"{self._settings.disable_after_h:g} h ({outcome.error}); put the receiver right, "
                "then enable it.",
                subject=str(delivery.endpoint_id),
                **_facts(delivery),
            )

    def _count(self, outcome: Outcome) -> None:
        self._metrics.webhook_attempts.labels("failed" if outcome.error else "delivered").inc()


def backoff(tries: int, jitter: float) -> timedelta:
    """How long to wait after the attempt that followed ``tries`` others; ``jitter`` is 0 to 1."""
    longest_s = min(FIRST_RETRY_S * 2.0 ** min(tries, 30), LAST_RETRY_S)
    return timedelta(seconds=longest_s * (1 - jitter / 2))


async def _log_attempt(
    connection: Connection,
    delivery: Delivery,
    outcome: Outcome,
    *,
    state: str,
    next_at: datetime | None = None,
) -> None:
    await connection.execute(
        _LOG,
        delivery.id,
        outcome.at,
        outcome.status,
        outcome.latency_ms,
        outcome.response,
        outcome.error,
        state,
        next_at,
    )


def _text(reply: Reply) -> str:
    """The answer's beginning, as text that PostgreSQL keeps."""
    text = reply.body[: 4 * KEPT_CHARACTERS].decode(errors="replace")
    return text.replace("\x00", "\ufffd")[:KEPT_CHARACTERS]


def _complaint(reply: Reply) -> str | None:
    if reply.is_success:
        return None
    if 300 <= reply.status < 400:
        return f"It was answered {reply.status}, and redirections are not followed."
    return f"It was answered {reply.status}."


def _host(delivery: Delivery) -> str:
    """Where it goes, without the path: that may hold a secret."""
    return urlsplit(delivery.url).hostname or "nowhere"


def _facts(delivery: Delivery) -> dict[str, Any]:
    tenant = {"tenant_id": str(delivery.tenant_id)} if delivery.tenant_id else {}
    return {"endpoint_id": str(delivery.endpoint_id), **tenant}


_READ: Final = """
    SELECT delivery.id, endpoint_id, tenant_id, event, body, attempts, queued_at, url,
        failing_since,
        CASE WHEN previous_secret IS NOT NULL AND previous_until > now()
            THEN ARRAY[secret, previous_secret] ELSE ARRAY[secret] END AS secrets
    FROM webhook_deliveries AS delivery JOIN webhook_endpoints AS endpoint
        ON endpoint.id = endpoint_id
    WHERE delivery.id = $1 AND job_id = $2 AND state = 'queued'
"""
_LOG: Final = """
    WITH delivery AS (
        UPDATE webhook_deliveries SET attempts = attempts + 1, state = $7, next_attempt_at = $8,
            finished_at = CASE WHEN $7 = 'queued' THEN NULL ELSE clock_timestamp() END
        WHERE id = $1 RETURNING id, attempts
    )
    INSERT INTO webhook_attempts (delivery_id, number, at, status, latency_ms, response, error)
    SELECT id, attempts, $2, $3::integer, $4::real, $5::text, $6::text FROM delivery
"""
_JUDGE: Final = """
    UPDATE webhook_endpoints SET failing_since = coalesce(failing_since, $2),
        enabled = failing_since IS NULL OR $2 - failing_since < $3,
        disabled_reason = CASE WHEN $2 - failing_since >= $3 THEN $4 END
    WHERE id = $1 AND enabled AND (failing_since IS NULL OR $2 - failing_since >= $3)
    RETURNING NOT enabled
"""
