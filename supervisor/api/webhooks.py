"""Webhooks: where events are sent."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from aiohttp import hdrs
from pydantic import BaseModel, Field

from supervisor.api.crud import Resource, endpoints_of, etag_of, found
from supervisor.api.endpoint import Answer, Ask, Change
from supervisor.api.models import Flag, Given, Whole, absent
from supervisor.api.pages import Paging
from supervisor.api.problems import Problem, wrong
from supervisor.api.reading import row_of
from supervisor.api.webhook_deliveries import Queued, operation
from supervisor.database.resources import Key, Table, insert_row
from supervisor.outgoing.addresses import LONGEST_URL
from supervisor.outgoing.signature import new_secret
from supervisor.webhooks.outbox import queue_ping
from supervisor.webhooks.payloads import SUBSCRIBABLE, Subscribable

LONGEST_OVERLAP_S: Final = 30 * 24 * 3600
Url = Annotated[
    str,
    Field(
        max_length=LONGEST_URL,
        pattern=r"^https?://[!-~]+$",
        examples=["https://hooks.example.com/ramal"],
        description="https, and an address of the public Internet, unless the operator allows more",
    ),
]


class WebhookQuery(Paging):
    """Which webhooks."""

    tenant_id: UUID = Field(default_factory=absent)
    condominium_id: UUID = Field(default_factory=absent)
    enabled: bool = Field(default_factory=absent)


class NewWebhook(Given):
    """Where events are sent. A tenant's key makes the tenant's; without ``tenant_id`` the
    installation's makes one for everything. Without ``events`` all are sent."""

    tenant_id: UUID = Field(default_factory=absent)
    condominium_id: UUID | None = Field(default=None, description="Only what happens there")
    url: Url
    events: list[Subscribable] = Field(default_factory=list, max_length=len(SUBSCRIBABLE))
    description: Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    enabled: Flag = True


class Webhook(BaseModel):
    """Where events are sent. The supervisor disables what fails for days, and says why."""

    id: UUID
    tenant_id: UUID | None
    condominium_id: UUID | None
    url: str
    events: list[str]
    description: str
    enabled: bool
    disabled_reason: str | None
    failing_since: datetime | None
    previous_until: datetime | None = Field(description="The old secret signs too until then")
    created_at: datetime


class WebhookMade(Webhook):
    """A webhook with its secret, which cannot be seen again."""

    secret: str


class SecretRotation(Given):
    """How long the old secret signs as well."""

    overlap_s: Whole = Field(default=24 * 3600, ge=0, le=LONGEST_OVERLAP_S)


async def _allowed(ask: Ask, columns: dict[str, Any], before: Mapping[str, Any] | None) -> None:
    """An URL that no request may go to, and another tenant's condominium, are not written."""
    if "url" in columns and (objection := ask.backend.guard.objection(columns["url"])):
        raise wrong("body.url", objection, 409)
    if before is None and ask.who.tenant_id is not None:
        columns.setdefault("tenant_id", ask.who.tenant_id)
    tenant_id = before["tenant_id"] if before else columns.get("tenant_id")
    if (place := columns.get("condominium_id")) is not None:
        whose = await ask.connection.fetchval(
            "SELECT tenant_id FROM condominiums WHERE id = $1", place
        )
        if whose is None or tenant_id not in (None, whose):
            raise wrong("body.condominium_id", "there is no such condominium of that tenant", 409)


RESOURCE: Final = Resource(
    table=Table(
        "webhook_endpoints",
        "w",
        """SELECT w.id, w.tenant_id, w.condominium_id, w.url, w.events, w.description, w.enabled,
            w.disabled_reason, w.failing_since, w.previous_until, w.created_at
        FROM webhook_endpoints w""",
        (Key("created_at", "w.created_at", "timestamptz"), Key("id", "w.id", "uuid")),
        filters={
            "tenant_id": "w.tenant_id = {}",
            "condominium_id": "w.condominium_id = {}",
            "enabled": "w.enabled = {}",
        },
    ),
    one="webhook",
    many="webhooks",
    new=NewWebhook,
    shown=Webhook,
    query=WebhookQuery,
    role="admin",
    fixed=frozenset({"tenant_id"}),
    own=frozenset({"disabled_reason", "failing_since", "previous_until"}),
    prepare=_allowed,
)


async def _add(ask: Ask) -> Answer:
    columns = ask.body.model_dump(exclude={"tenant_id"} if ask.body.tenant_id is None else None)
    await _allowed(ask, columns, None)
    secret = new_secret()
    row_id = await insert_row(ask.connection, RESOURCE.table, {**columns, "secret": secret})
    shown = await _shown(ask, row_id)
    ask.changes.append(Change(RESOURCE.table.name, row_id, None, shown.model_dump(mode="json")))
    headers: dict[str, str] = {
        hdrs.LOCATION: f"/api/v1/webhooks/{row_id}",
        hdrs.ETAG: etag_of(shown, RESOURCE.own),
    }
    return Answer(WebhookMade(secret=secret, **shown.model_dump()), headers)


async def _rotate(ask: Ask) -> Answer:
    await row_of(ask, RESOURCE.table, RESOURCE.one, lock=True)
    secret = new_secret()
    await ask.connection.execute(
        "SELECT ramal_rotate_webhook_secret($1, $2, $3)",
        ask.id(),
        secret,
        timedelta(seconds=ask.body.overlap_s),
    )
    shown = await _shown(ask, ask.id())
    told = {"secret": "replaced", "previous_until": str(shown.previous_until)}
    ask.changes.append(Change(RESOURCE.table.name, ask.id(), None, told))
    return Answer(WebhookMade(secret=secret, **shown.model_dump()))


async def _test(ask: Ask) -> Answer:
    row = await row_of(ask, RESOURCE.table, RESOURCE.one)
    if not row["enabled"]:
        raise Problem(409, "This webhook is disabled; enable it first.")
    return Answer(Queued(delivery_id=await queue_ping(ask.connection, ask.id(), row["tenant_id"])))


async def _shown(ask: Ask, row_id: UUID) -> Webhook:
    shown = await found(ask.connection, RESOURCE, row_id)
    assert isinstance(shown, Webhook)
    return shown


ENDPOINTS: Final = (
    *(replace(each, role="admin") for each in endpoints_of(RESOURCE) if each.name != "add_webhook"),
    operation(
        "POST",
        "",
        "add_webhook",
        "Add a webhook, whose secret is shown only now",
        handle=_add,
        answer=WebhookMade,
        body=NewWebhook,
        status=201,
        tagged=True,
    ),
    operation(
        "POST",
        "/{id}/rotate",
        "rotate_webhook_secret",
        "Give a webhook a new secret; both sign for a while",
        handle=_rotate,
        answer=WebhookMade,
        body=SecretRotation,
        status=201,
    ),
    operation(
        "POST",
        "/{id}/test",
        "test_webhook",
        "Send a ping",
        handle=_test,
        answer=Queued,
        status=202,
        idempotent=True,
        errors=frozenset({409}),
    ),
)
