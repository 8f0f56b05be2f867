"""What happened: calls with their turns, the visit log, and the audit log. Nothing here changes."""

from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from supervisor.api.endpoint import Answer, Ask, Endpoint
from supervisor.api.models import Instant, Search, absent
from supervisor.api.pages import Paging
from supervisor.api.reading import listing, row_of
from supervisor.database.calls import CALLS, turns_of, visits_of
from supervisor.database.recordings import parts_of
from supervisor.database.resources import Key, Table


class Call(BaseModel):
    """A call; ``id`` is the AudioSocket UUID. Without ``ended_at`` it goes on, or was lost."""

    id: UUID
    extension_id: UUID | None
    extension: str | None = Field(description="The number")
    condominium_id: UUID | None
    caller: str | None
    started_at: datetime
    ended_at: datetime | None
    end_reason: str | None
    recorded: bool = Field(description="Whether there is a recording that can be played")


class Turn(BaseModel):
    """What was said. ``data`` holds confidence and latencies in milliseconds."""

    sequence: int
    at: datetime
    party: str = Field(description="Whose leg: visitor or resident")
    speaker: str = Field(description="The party, or agent")
    text: str
    data: dict[str, Any]


class CallVisit(BaseModel):
    """What was decided; the visit log has the whole entry under this ``id``."""

    id: UUID
    position: int
    at: datetime
    outcome: str
    data: dict[str, Any]


class Recording(BaseModel):
    """A part of what was recorded: one for each connection of a party. ``sha256`` is of the file
    as it is kept (FLAC), ``pcm_sha256`` of its samples."""

    name: str
    party: str
    started_at: datetime
    machine: str = Field(description="Which machine has the file")
    kept_at: datetime | None = Field(description="Null while it is being recorded or finished")
    deleted_at: datetime | None
    rate_hz: int | None
    duration_ms: int | None
    size_bytes: int | None
    sha256: str | None
    pcm_sha256: str | None


class CallInFull(Call):
    """A call with everything that was said in it, what was decided, and what was recorded."""

    turns: list[Turn]
    visits: list[CallVisit]
    recordings: list[Recording]


class CallQuery(Paging):
    """Which calls."""

    condominium_id: UUID = Field(default_factory=absent)
    extension_id: UUID = Field(default_factory=absent)
    caller: Search = Field(default_factory=absent)
    extension: Search = Field(default_factory=absent, description="The number")
    outcome: Search = Field(default_factory=absent, description="Of a visit in it")
    end_reason: Search = Field(default_factory=absent)
    search: Search = Field(default_factory=absent, description="Anywhere in what was said")
    recorded: bool = Field(default_factory=absent)
    running: bool = Field(default_factory=absent, description="Whether it has not ended")
    since: Instant = Field(default_factory=absent)
    until: Instant = Field(default_factory=absent)


class AuditEntry(BaseModel):
    """A request with a key or a login, or a login; a change with what was before and after."""

    id: int
    at: datetime
    tenant_id: UUID | None
    actor: Literal["key", "user", "nobody"]
    key_id: UUID | None = Field(description="Of the key or, as `actor` says, of the user")
    key_name: str
    role: str
    address: str
    request_id: str
    method: str
    path: str
    status: int
    resource: str | None
    resource_id: str | None
    before: Any
    after: Any


class AuditQuery(Paging):
    """Which entries of the audit log."""

    key_id: UUID = Field(default_factory=absent)
    resource: Search = Field(default_factory=absent, description="A table, such as units")
    resource_id: Search = Field(default_factory=absent)
    since: Instant = Field(default_factory=absent)
    until: Instant = Field(default_factory=absent)


AUDIT: Final = Table(
    "audit_log",
    "a",
    """SELECT a.id, a.at, a.tenant_id, a.actor, a.key_id, a.key_name, a.role, a.address,
        a.request_id, a.method, a.path, a.status, a.resource, a.resource_id, a.before, a.after
    FROM audit_log a""",
    (Key("id", "a.id", "bigint"),),
    descending=True,
    filters={
        "key_id": "a.key_id = {}",
        "resource": "a.resource = {}",
        "resource_id": "a.resource_id = {}",
        "since": "a.at >= {}",
        "until": "a.at < {}",
    },
)


async def _get_call(ask: Ask) -> Answer:
    row = await row_of(ask, CALLS, "call")
    told = {
        "turns": await turns_of(ask.connection, ask.id()),
        "visits": await visits_of(ask.connection, ask.id()),
        "recordings": await parts_of(ask.connection, ask.id()),
    }
    return Answer(CallInFull.model_validate({**row, **told}))


ENDPOINTS: Final = (
    listing("calls", CALLS, Call, CallQuery, summary="List calls, the newest first"),
    Endpoint(
        method="GET",
        path="/api/v1/calls/{id}",
        name="get_call",
        summary="Read a call with its turns, latencies, visits and recordings",
        tag="calls",
        handle=_get_call,
        answer=CallInFull,
    ),
    listing(
        "audit",
        AUDIT,
        AuditEntry,
        AuditQuery,
        summary="List who asked for what and what changed, the newest first",
        role="admin",
    ),
)
