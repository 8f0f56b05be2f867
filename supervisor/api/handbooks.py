"""Receptionists' handbooks over HTTP: what an extension's callers are told, word for word."""

from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from aiohttp import hdrs
from pydantic import BaseModel

from conversation.receptionist.handbook_file import (
    HandbookDocument,
    HandbookError,
    check_handbook,
    handbook_of,
)
from supervisor.api.crud import etag_of, unchanged
from supervisor.api.directory import EXTENSIONS
from supervisor.api.endpoint import Answer, Ask, Change, Endpoint
from supervisor.api.problems import Problem, wrong
from supervisor.api.reading import row_of
from supervisor.database.handbooks import remove_handbook, store_handbook


class GivenHandbook(HandbookDocument):
    """A handbook, whole: what is not in it is not known any more."""


class Handbook(BaseModel):
    """What the receptionist of an extension knows, as it was written."""

    extension_id: UUID
    document: Any
    """Null where there is none yet."""
    changed_at: datetime | None


async def _shown(ask: Ask) -> Handbook | None:
    row = await ask.connection.fetchrow(
        "SELECT extension_id, document, changed_at FROM handbooks WHERE extension_id = $1", ask.id()
    )
    return None if row is None else Handbook.model_validate(dict(row))


async def _get(ask: Ask) -> Answer:
    await row_of(ask, EXTENSIONS.table, "extension")
    none = Handbook(extension_id=ask.id(), document=None, changed_at=None)
    shown = await _shown(ask) or none
    return Answer(shown, {hdrs.ETAG: etag_of(shown)})


async def _put(ask: Ask) -> Answer:
    extension = await row_of(ask, EXTENSIONS.table, "extension", lock=True)
    before = await _shown(ask)
    if before is not None:
        unchanged(ask, etag_of(before))
    try:
        document = check_handbook(ask.body.model_dump(mode="json", exclude_unset=True), "handbook")
        if extension["flow"] == "receptionist":
            handbook_of(document, _languages(extension))
    except HandbookError as error:
        raise wrong("body", str(error), 409) from None
    await store_handbook(ask.connection, ask.id(), document)
    ask.changes.append(_change(ask, before, document))
    shown = await _shown(ask)
    return Answer(shown, {hdrs.ETAG: etag_of(shown)} if shown else {})


async def _delete(ask: Ask) -> Answer:
    await row_of(ask, EXTENSIONS.table, "extension", lock=True)
    before = await _shown(ask)
    if before is None or not await remove_handbook(ask.connection, ask.id()):
        raise Problem(404, "This extension has no handbook.")
    unchanged(ask, etag_of(before))
    ask.changes.append(_change(ask, before, None))
    return Answer()


def _languages(extension: dict[str, Any]) -> tuple[str, ...]:
    settings = extension["settings"] if isinstance(extension["settings"], dict) else {}
    return (extension["language"], *settings.get("languages", ()))


def _change(ask: Ask, before: Handbook | None, after: dict[str, Any] | None) -> Change:
    return Change("handbooks", ask.id(), before.document if before else None, after)


def _endpoint(
    method: Literal["GET", "PUT", "DELETE"], verb: str, summary: str, handle: Any, **more: Any
) -> Endpoint:
    return Endpoint(
        method=method,
        path="/api/v1/extensions/{id}/handbook",
        name=f"{verb}_handbook",
        summary=summary,
        tag="handbooks",
        handle=handle,
        role="viewer" if method == "GET" else "operator",
        if_match=None if method == "GET" else "allowed",
        **more,
    )


ENDPOINTS: Final = (
    _endpoint("GET", "get", "Read what a receptionist knows", _get, answer=Handbook, tagged=True),
    _endpoint(
        *("PUT", "put", "Write what a receptionist knows", _put),
        body=GivenHandbook,
        answer=Handbook,
        tagged=True,
    ),
    _endpoint(
        *("DELETE", "remove", "Forget what a receptionist knows", _delete),
        status=204,
    ),
)
