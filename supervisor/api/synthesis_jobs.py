"""Synthesis jobs: texts to be spoken into files, listed, cancelled and made again."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal, TypeAlias
from uuid import UUID

from aiohttp import hdrs
from pydantic import BaseModel, Field

from supervisor.api.endpoint import Answer, Ask, Change, Endpoint
from supervisor.api.models import NO_FLAG, Given, Instant, Name, absent
from supervisor.api.pages import Page, Paging
from supervisor.api.problems import Fault, Problem
from supervisor.api.reading import missing, page_of, row_of
from supervisor.api.synthesis_quotas import within_limits
from supervisor.database.resources import Key, Table
from supervisor.database.synthesis_jobs import (
    NewJob,
    add_job,
    cancel_job,
    expire_job,
    redeliver,
)
from supervisor.database.voices import find_voice
from supervisor.synthesis.asking import (
    LANGUAGE,
    LONGEST_CSV,
    LONGEST_TEXT,
    MOST_ROWS,
    SPEEDS,
    VOICE_NAME,
    FaultError,
    Manner,
    NewItem,
    RefusedError,
    item_of,
    items_of_csv,
)
from supervisor.synthesis.formats import Format, can_write
from tts.profiles import DEFAULT_PROFILE, ProfileName

PATH: Final = "/api/v1/tts/jobs"
TAG: Final = "synthesis"
ONE: Final = "synthesis job"
LARGEST_BODY_BYTES: Final = 4 << 20

JobState: TypeAlias = Literal["queued", "running", "done", "failed", "cancelled", "expired"]
ItemState: TypeAlias = Literal["queued", "running", "done", "dead", "cancelled"]


class NewSynthesisJob(Given):
    """Either ``text`` or ``csv``. A tenant's key makes the tenant's job; without ``tenant_id`` the
    installation's makes its own. A row of the batch may name its own voice, profile, language and
    speed."""

    tenant_id: UUID = Field(default_factory=absent)
    name: Name | None = Field(default=None, description="For people; what you call it")
    text: str | None = Field(
        default=None, description=f"Up to {LONGEST_TEXT} characters, made into one file"
    )
    csv: str | None = Field(
        default=None,
        description=f"A header and up to {MOST_ROWS} rows, each made into a file of its own: "
        "text, and if you like name, voice, profile, language, speed",
    )
    format: Format = Field(default="wav", description="slin and slin16 are raw int16, 8 and 16 kHz")
    voice: Annotated[str, Field(pattern=VOICE_NAME)] | None = Field(
        default=None, description="The usual one of the language, if nothing is said"
    )
    voice_id: UUID | None = Field(default=None, description="A cloned voice, instead")
    profile: ProfileName = DEFAULT_PROFILE
    language: Annotated[str, Field(pattern=LANGUAGE, examples=["pt-BR"])] = "pt-BR"
    speed: Annotated[float, NO_FLAG] = Field(default=1.0, ge=SPEEDS[0], le=SPEEDS[1])


class Redelivery(Given):
    """Which dead items; all of them where none is named."""

    items: list[Annotated[int, Field(ge=1, le=MOST_ROWS), NO_FLAG]] = Field(
        default_factory=list, max_length=MOST_ROWS, description="Their numbers"
    )


class SynthesisJob(BaseModel):
    """Texts being spoken into files. ``failed``: finished, and ``dead`` items were given up;
    ``expired``: files and texts are deleted."""

    id: UUID
    tenant_id: UUID | None
    name: str
    format: Format
    state: JobState
    items: int
    done: int
    dead: int
    characters: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    expires_at: datetime | None = Field(description="When files and texts are deleted")


class SynthesisItem(BaseModel):
    """A text and its file. ``passages`` are sentences, or pieces of long ones; ``attempts`` are
    those without any progress; ``error`` says what went wrong last."""

    id: UUID
    number: int
    name: str
    state: ItemState
    excerpt: str = Field(description="The text's beginning")
    voice: str | None
    voice_id: UUID | None
    profile: ProfileName
    language: str
    speed: float
    warning: str | None = Field(description="What of the text is not heard as it is written")
    passages: int
    passages_done: int
    attempts: int
    error: str | None
    next_attempt_at: datetime | None
    duration_ms: int | None
    size_bytes: int | None
    sha256: str | None = Field(description="Of the file, in hex")
    finished_at: datetime | None


class Requeued(BaseModel):
    """How many items are being made again."""

    items: int


class JobQuery(Paging):
    """Which jobs."""

    tenant_id: UUID = Field(default_factory=absent)
    state: JobState = Field(default_factory=absent)
    since: Instant = Field(default_factory=absent)


class ItemQuery(Paging):
    """Which items of a job."""

    state: ItemState = Field(default_factory=absent)


JOBS: Final = Table(
    "synthesis_jobs",
    "j",
    """SELECT j.id, j.tenant_id, j.name, j.format, j.state, j.items, j.done, j.dead, j.characters,
        j.created_at, j.started_at, j.finished_at, j.expires_at
    FROM synthesis_jobs j""",
    (Key("created_at", "j.created_at", "timestamptz"), Key("id", "j.id", "uuid")),
    descending=True,
    filters={
        "tenant_id": "j.tenant_id = {}",
        "state": "j.state = {}",
        "since": "j.created_at >= {}",
    },
)
ITEM_COLUMNS: Final = """i.id, i.number, i.name, i.state, left(i.text, 80) AS excerpt, i.voice,
    i.voice_id, i.profile, i.language, i.speed, i.warning, i.passages, i.passages_done,
    i.attempts, i.error, i.next_attempt_at, i.duration_ms, i.size_bytes,
    encode(i.sha256, 'hex') AS sha256, i.finished_at"""
ITEMS: Final = Table(
    "synthesis_items",
    "i",
    f"SELECT {ITEM_COLUMNS} FROM synthesis_items i",  # noqa: S608
    (Key("number", "i.number", "integer"), Key("id", "i.id", "uuid")),
    filters={"job_id": "i.job_id = {}", "state": "i.state = {}"},
)


async def _add(ask: Ask) -> Answer:
    body: NewSynthesisJob = ask.body
    if not can_write(body.format):
        raise Problem(409, f"This machine's libsndfile cannot write {body.format}; ask for wav.")
    items = await _items(ask, body)
    tenant_id = body.tenant_id or ask.who.tenant_id
    job = NewJob(tenant_id, body.name or "", body.format, items)
    await within_limits(ask, tenant_id, job.characters)
    job_id = await add_job(ask.connection, job)
    shown = await _shown(ask, job_id)
    ask.changes.append(Change(JOBS.name, job_id, None, shown.model_dump(mode="json")))
    return Answer(shown, {hdrs.LOCATION: f"{PATH}/{job_id}"})


async def _items(ask: Ask, body: NewSynthesisJob) -> Sequence[NewItem]:
    """What is to be spoken, looked through off the event loop. Raises ``Problem``."""
    desk = ask.backend.calls.synthesis
    manner = Manner(body.voice, body.voice_id, body.profile, body.language, body.speed)
    try:
        desk.check(manner)
        if body.voice_id is not None:
            await _check_clone(ask, body.voice_id)
        match body.text, body.csv:
            case str() as text, None:
                return [await asyncio.to_thread(item_of, text, manner)]
            case None, str() as batch if len(batch) <= LONGEST_CSV:
                return await asyncio.to_thread(items_of_csv, batch, manner, desk.check)
            case None, str():
                raise FaultError(f"the batch has more than {LONGEST_CSV} characters; send several")
        raise FaultError("a job is either a text or a csv")
    except FaultError as fault:
        where = "csv" if body.csv is not None and body.text is None else "text"
        detail = _sentence(str(fault))
        raise Problem(409, detail, faults=[Fault(where=f"body.{where}", detail=detail)]) from None
    except RefusedError as refused:
        faults = [
            Fault(where=f"body.csv.{where}", detail=_sentence(detail))
            for where, detail in refused.faults
        ]
        raise Problem(409, faults[0].detail, faults=faults) from None


async def _check_clone(ask: Ask, voice_id: UUID) -> None:
    """A voice of another tenant is not there. Raises ``FaultError``."""
    clone = await find_voice(ask.connection, voice_id)
    if clone is None or clone.state in ("revoked", "failed"):
        raise FaultError(f"there is no voice {voice_id} that can speak")


def _sentence(fault: str) -> str:
    return f"{fault[:1].upper()}{fault[1:]}."


async def _get(ask: Ask) -> Answer:
    return Answer(await _shown(ask, ask.id()))


async def _list(ask: Ask) -> Answer:
    return await page_of(ask.connection, JOBS, SynthesisJob, ask.query)


async def _list_items(ask: Ask) -> Answer:
    await row_of(ask, JOBS, ONE)
    return await page_of(
        ask.connection, ITEMS, SynthesisItem, ask.query, within={"job_id": ask.id()}
    )


async def _cancel(ask: Ask) -> Answer:
    before = await _shown(ask, ask.id())
    if not await cancel_job(ask.connection, ask.id(), _kept(ask)):
        raise Problem(409, f"This job is {before.state} already.")
    return await _changed(ask, before)


async def _redeliver(ask: Ask) -> Answer:
    before = await _shown(ask, ask.id())
    count = await redeliver(ask.connection, ask.id(), ask.body.items)
    if not count:
        raise Problem(409, "No such item of this job is a dead letter.")
    await _changed(ask, before)
    return Answer(Requeued(items=count))


async def _remove(ask: Ask) -> Answer:
    before = await _shown(ask, ask.id())
    if before.state == "expired":
        raise Problem(409, "The results of this job are deleted already.")
    if not await expire_job(ask.connection, ask.id()):
        raise Problem(409, f"This job is {before.state}; cancel it first.")
    await _changed(ask, before)
    return Answer()


async def _changed(ask: Ask, before: SynthesisJob) -> Answer:
    after = await _shown(ask, before.id)
    was, now = before.model_dump(mode="json"), after.model_dump(mode="json")
    ask.changes.append(Change(JOBS.name, before.id, was, now))
    return Answer(after)


async def _shown(ask: Ask, job_id: UUID) -> SynthesisJob:
    row = await ask.connection.fetchrow(f"{JOBS.select} WHERE j.id = $1", job_id)
    if row is None:
        raise missing(ONE, job_id)
    return SynthesisJob.model_validate(dict(row))


def _kept(ask: Ask) -> timedelta:
    return timedelta(days=ask.backend.calls.synthesis.limits.keep_days)


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path=PATH,
        name="list_synthesis_jobs",
        summary="List synthesis jobs, the newest first",
        tag=TAG,
        handle=_list,
        query=JobQuery,
        answer=Page[SynthesisJob],
    ),
    Endpoint(
        method="POST",
        path=PATH,
        name="add_synthesis_job",
        summary="Have a text, or each row of a CSV batch, spoken into a file",
        tag=TAG,
        handle=_add,
        role="operator",
        body=NewSynthesisJob,
        answer=SynthesisJob,
        status=201,
        idempotent=True,
        largest_bytes=LARGEST_BODY_BYTES,
    ),
    Endpoint(
        method="GET",
        path=f"{PATH}/{{id}}",
        name="get_synthesis_job",
        summary="Read how far a synthesis job is",
        tag=TAG,
        handle=_get,
        answer=SynthesisJob,
    ),
    Endpoint(
        method="GET",
        path=f"{PATH}/{{id}}/items",
        name="list_synthesis_items",
        summary="List the items of a synthesis job, each with its state",
        tag=TAG,
        handle=_list_items,
        query=ItemQuery,
        answer=Page[SynthesisItem],
    ),
    Endpoint(
        method="POST",
        path=f"{PATH}/{{id}}/cancel",
        name="cancel_synthesis_job",
        summary="Stop a synthesis job, and delete what it made",
        tag=TAG,
        handle=_cancel,
        role="operator",
        answer=SynthesisJob,
        errors=frozenset({409}),
    ),
    Endpoint(
        method="POST",
        path=f"{PATH}/{{id}}/redeliver",
        name="redeliver_synthesis_items",
        summary="Make items again that were given up",
        tag=TAG,
        handle=_redeliver,
        role="operator",
        body=Redelivery,
        answer=Requeued,
        status=202,
        idempotent=True,
    ),
    Endpoint(
        method="DELETE",
        path=f"{PATH}/{{id}}",
        name="remove_synthesis_job",
        summary="Delete the files and texts of a finished synthesis job now",
        tag=TAG,
        handle=_remove,
        role="operator",
        status=204,
        errors=frozenset({409}),
    ),
)
