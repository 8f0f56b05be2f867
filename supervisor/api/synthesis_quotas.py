"""How much each tenant may have spoken into files, and how much of that is left."""

from datetime import datetime
from typing import Final
from uuid import UUID

from aiohttp import hdrs
from pydantic import BaseModel, Field

from supervisor.api.endpoint import Answer, Ask, Endpoint
from supervisor.api.models import Given, absent
from supervisor.api.problems import Problem
from supervisor.api.reading import missing
from supervisor.database.synthesis_quotas import Quota, Usage, hold_usage, usage

JOB_SOON_S: Final = 30
"""When somebody whose jobs are too many may try again: about then one may be finished."""


class UsageQuery(Given):
    """Whose; a key of the whole installation that names nobody asks for the installation's own."""

    tenant_id: UUID = Field(default_factory=absent)


class SynthesisUsage(BaseModel):
    """How much a tenant, or the installation itself, has asked for, and may ask for."""

    tenant_id: UUID | None
    jobs: int = Field(description="That are not finished")
    jobs_limit: int
    characters: int = Field(description="Of today's jobs, by the calendar of UTC")
    characters_limit: int
    characters_again_at: datetime = Field(description="When the next day begins")


async def within_limits(ask: Ask, tenant_id: UUID | None, characters: int) -> None:
    """Let nobody else of the tenant ask meanwhile; raises ``Problem`` for what is too much."""
    await hold_usage(ask.connection, tenant_id)
    used = await usage(ask.connection, tenant_id, _usual(ask))
    limits = used.quota
    if 0 in (limits.jobs, limits.characters_per_day):
        raise Problem(
            409, "No synthesis jobs are allowed here; ask whoever runs this installation for some."
        )
    if characters > limits.characters_per_day:
        raise Problem(
            409,
            f"The job has {characters} characters, and {limits.characters_per_day} are the most "
            "in a day; send less of it.",
        )
    if used.open_jobs >= limits.jobs:
        raise Problem(
            429,
            f"Jobs that are not finished: {used.open_jobs}, of {limits.jobs} at most; wait until "
            "one is, or cancel one.",
            headers={hdrs.RETRY_AFTER: str(JOB_SOON_S)},
        )
    _check_day(used, characters)


def _check_day(used: Usage, characters: int) -> None:
    most = used.quota.characters_per_day
    left = max(0, most - used.characters_today)
    if characters > left:
        raise Problem(
            429,
            f"The job has {characters} characters, and of today's {most} {left} are left; "
            f"send it after {used.day_ends_at:%Y-%m-%d %H:%M} UTC.",
            headers={hdrs.RETRY_AFTER: str(used.day_ends_in_s)},
        )


def _usual(ask: Ask) -> Quota:
    limits = ask.backend.calls.synthesis.limits
    return Quota(limits.jobs_per_tenant, limits.characters_per_day)


async def _get(ask: Ask) -> Answer:
    tenant_id = ask.query.tenant_id or ask.who.tenant_id
    if tenant_id is not None and not await ask.connection.fetchval(
        "SELECT true FROM tenants WHERE id = $1", tenant_id
    ):
        raise missing("tenant", tenant_id)
    used = await usage(ask.connection, tenant_id, _usual(ask))
    return Answer(
        SynthesisUsage(
            tenant_id=tenant_id,
            jobs=used.open_jobs,
            jobs_limit=used.quota.jobs,
            characters=used.characters_today,
            characters_limit=used.quota.characters_per_day,
            characters_again_at=used.day_ends_at,
        )
    )


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/api/v1/tts/usage",
        name="get_synthesis_usage",
        summary="Read how much of a tenant's limits for synthesis jobs is used",
        tag="synthesis",
        handle=_get,
        query=UsageQuery,
        answer=SynthesisUsage,
        errors=frozenset({404}),
    ),
)
