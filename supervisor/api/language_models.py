"""Tenants' language models over HTTP: whom their agents ask, with a key that is never shown."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from aiohttp import hdrs
from pydantic import BaseModel, Field

from supervisor.api.crud import etag_of, unchanged
from supervisor.api.directory import TENANTS
from supervisor.api.endpoint import Answer, Ask, Change, Endpoint
from supervisor.api.models import Given, OneLine, Whole, absent
from supervisor.api.problems import Problem, wrong
from supervisor.api.reading import missing, row_of
from supervisor.database.language_models import LanguageModelRow, keyed_language_model
from supervisor.database.resources import find_row
from supervisor.model_probe import probe
from supervisor.outgoing.addresses import ANYWHERE
from supervisor.outgoing.client import outgoing

ModelName = Annotated[str, Field(min_length=1, max_length=200, pattern=OneLine)]


class GivenLanguageModel(Given):
    """Whom a tenant's agents ask where the rules are not sure. ``api_key`` can only be written;
    left out, it stays as it was, unless the URL is another."""

    base_url: str = Field(
        max_length=2000,
        pattern=r"^https?://[^\x00-\x20\x7f]+$",
        description="The API, up to /v1",
        examples=["https://api.openai.com/v1"],
    )
    models: list[ModelName] = Field(
        min_length=1, max_length=5, description="Tried in this order", examples=[["gpt-4.1-mini"]]
    )
    deadline_ms: Whole = Field(
        default=1200, ge=200, le=5000, description="For all slots and models of a turn"
    )
    api_key: str = Field(
        default_factory=absent,
        min_length=1,
        max_length=1000,
        pattern=r"^[!-~]+$",
        json_schema_extra={"writeOnly": True},
    )


class LanguageModel(BaseModel):
    """Whom a tenant's agents ask. ``guarded``: set over HTTP, so that its address has to be a
    public one, or one that the operator of the installation allows."""

    tenant_id: UUID
    base_url: str
    models: list[str]
    deadline_ms: int
    has_key: bool
    guarded: bool
    changed_at: datetime


class Tried(BaseModel):
    """What came of trying it: ``text`` says in one sentence what is wrong, or how fast it is."""

    works: bool
    text: str
    model: str
    took_ms: int | None


_COLUMNS: Final = "tenant_id, base_url, models, deadline_ms, has_key, guarded, changed_at"
_KEY = "api_key"


async def _shown(ask: Ask) -> LanguageModel | None:
    row = await ask.connection.fetchrow(
        f"SELECT {_COLUMNS} FROM language_models WHERE tenant_id = $1",  # noqa: S608 - our columns
        ask.id(),
    )
    return None if row is None else LanguageModel.model_validate(dict(row))


def _none() -> Problem:
    return Problem(404, "This tenant has no language model; the rules do without.")


async def _get(ask: Ask) -> Answer:
    await row_of(ask, TENANTS.table, "tenant")
    shown = await _shown(ask)
    if shown is None:
        raise _none()
    return Answer(shown, {hdrs.ETAG: etag_of(shown)})


async def _put(ask: Ask) -> Answer:
    await row_of(ask, TENANTS.table, "tenant", lock=True)
    before = await _shown(ask)
    if before is not None:
        unchanged(ask, etag_of(before))
    given = ask.body.model_dump()
    given["base_url"] = given["base_url"].rstrip("/")
    if (objection := ask.backend.guard.objection(given["base_url"])) is not None:
        raise wrong("body.base_url", objection, 409)
    if _KEY not in ask.body.model_fields_set:
        del given[_KEY]
        if before is not None and before.base_url != given["base_url"]:
            given[_KEY] = None  # it was given for another address
    await _write(ask, before, {**given, "guarded": True})
    after = await _shown(ask)
    ask.changes.append(
        Change("language_models", ask.id(), _told(before), _told(after, replaced=_KEY in given))
    )
    return Answer(after, {hdrs.ETAG: etag_of(after)} if after else {})


async def _write(ask: Ask, before: LanguageModel | None, columns: Mapping[str, Any]) -> None:
    """The names are the model's above, never a client's."""
    if before is None:
        names = ", ".join(("tenant_id", *columns))
        places = ", ".join(f"${place}" for place in range(1, len(columns) + 2))
        statement = f"INSERT INTO language_models ({names}) VALUES ({places})"  # noqa: S608
    else:
        sets = ", ".join(f"{name} = ${place}" for place, name in enumerate(columns, start=2))
        statement = f"UPDATE language_models SET {sets}, changed_at = now() WHERE tenant_id = $1"  # noqa: S608
    await ask.connection.execute(statement, ask.id(), *columns.values())


async def _delete(ask: Ask) -> Answer:
    await row_of(ask, TENANTS.table, "tenant", lock=True)
    before = await _shown(ask)
    if before is None:
        raise _none()
    unchanged(ask, etag_of(before))
    await ask.connection.execute("DELETE FROM language_models WHERE tenant_id = $1", ask.id())
    ask.changes.append(Change("language_models", ask.id(), _told(before), None))
    return Answer()


def _told(model: LanguageModel | None, *, replaced: bool = False) -> dict[str, Any] | None:
    """For the audit log: everything but the key."""
    if model is None:
        return None
    told = model.model_dump(mode="json", exclude={"tenant_id", "changed_at"})
    return {**told, **({_KEY: "replaced"} if replaced else {})}


async def _try(ask: Ask) -> Answer:
    """The key is read with our own rights once it is certain that who asks may see the row; no
    connection is held while the server thinks."""
    async with ask.backend.reading(ask.scope) as connection:
        if await find_row(connection, TENANTS.table, ask.id()) is None:
            raise missing("tenant", ask.id())
    async with ask.backend.acquire() as connection:
        row = await keyed_language_model(connection, ask.id())
    if row is None:
        raise _none()
    tried = await _tried(ask, row)
    return Answer(tried)


async def _tried(ask: Ask, row: LanguageModelRow) -> Tried:
    """The first of its models that does not answer, else the first."""
    results = []
    guard = ask.backend.guard if row.guarded else ANYWHERE
    async with outgoing(guard) as client:
        for model in row.models:
            results.append(await probe(client, row, model))
            if not results[-1].works:
                break
    worst = results[-1] if not results[-1].works else results[0]
    return Tried(works=worst.works, text=worst.text, model=worst.model, took_ms=worst.took_ms)


def _endpoint(
    method: Literal["GET", "PUT", "DELETE"], verb: str, summary: str, handle: Any, **more: Any
) -> Endpoint:
    return Endpoint(
        method=method,
        path="/api/v1/tenants/{id}/language-model",
        name=f"{verb}_language_model",
        summary=summary,
        tag="language models",
        handle=handle,
        role="admin",
        if_match=None if method == "GET" else "allowed",
        **more,
    )


ENDPOINTS: Final = (
    _endpoint(
        *("GET", "get", "Read whom a tenant's agents ask", _get), answer=LanguageModel, tagged=True
    ),
    _endpoint(
        *("PUT", "put", "Set whom a tenant's agents ask", _put),
        body=GivenLanguageModel,
        answer=LanguageModel,
        tagged=True,
    ),
    _endpoint(*("DELETE", "remove", "Leave it to the rules again", _delete), status=204),
    Endpoint(
        method="POST",
        path="/api/v1/tenants/{id}/language-model/test",
        name="test_language_model",
        summary="Ask a tenant's language models something, and say what is wrong",
        tag="language models",
        alone=_try,
        role="admin",
        answer=Tried,
    ),
)
