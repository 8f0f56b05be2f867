"""Errors as ``application/problem+json`` (RFC 9457), whatever went wrong."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import asyncpg
from aiohttp import web
from pydantic import BaseModel, Field, ValidationError

from supervisor.access.signing import SigningKeyError
from supervisor.database.pool import AWAY

MEDIA: Final = "application/problem+json"
RETRY_AFTER_S: Final = 5
"""For clients, while the database is away."""
AWAY_DETAIL: Final = "the database does not answer"

UNIQUE: Final = {
    "tenants_name_key": "name",
    "condominiums_tenant_id_name_key": "name",
    "units_condominium_id_block_number_key": "block and number",
    "residents_unit_id_position_key": "position",
    "extensions_number_key": "number",
    "doors_condominium_id_name_key": "name",
    "doors_default": "mark of the default",
    "users_username_key": "user name",
    "voices_name": "name",
}
"""What must be unique, by the schema's constraints: under row-level security PostgreSQL tells
nothing but their names."""


class Fault(BaseModel):
    """One thing that is wrong with what was sent."""

    where: str = Field(description="body, query or path, and the field: `body.name`")
    detail: str


class ProblemDocument(BaseModel):
    """What every error looks like."""

    type: str = Field(
        description="`about:blank` where the status says all of what kind of problem it is"
    )
    title: str
    status: int
    detail: str = Field(description="What is wrong, and what to do, in one sentence")
    request_id: str = Field(description="As in the header X-Request-ID and in the server's log")
    errors: list[Fault] = Field(default_factory=list, description="With status 422: every fault")


class Problem(Exception):
    """Ends a request with a status of 400 or more; the message is for the client."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
        kind: str = "about:blank",
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.faults = tuple(faults)
        self.headers = dict(headers or {})
        self.kind = kind

    def response(self, request_id: str) -> web.Response:
        """The answer to send."""
        document = {
            "type": self.kind,
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "request_id": request_id,
            "errors": [fault.model_dump() for fault in self.faults],
        }
        body = json.dumps(document, ensure_ascii=False).encode()
        return web.Response(status=self.status, body=body, content_type=MEDIA, headers=self.headers)


def problem_of(error: Exception) -> Problem | None:  # noqa: PLR0911
    """The problem that an exception stands for; ``None`` for a defect of ours."""
    match error:
        case Problem():
            return error
        case web.HTTPException() if error.status >= HTTPStatus.BAD_REQUEST:
            return _of_http(error)
        case asyncpg.UniqueViolationError():
            what = UNIQUE.get(str(error.constraint_name), "key")
            return Problem(409, f"There is one already with this {what}.")
        case asyncpg.ForeignKeyViolationError():
            return _of_reference(error)
        case asyncpg.RestrictViolationError() | asyncpg.SerializationError():
            return Problem(409, "Somebody else changed this at the same moment; try again.")
        case asyncpg.CheckViolationError():
            return Problem(422, f"This breaks the rule {error.constraint_name}.")
        case asyncpg.InsufficientPrivilegeError():
            return _nowhere()  # a row-level rule: what is another tenant's is not there
        case SigningKeyError():
            return Problem(503, "Logins cannot be checked now; the server's log says why.")
        case _ if isinstance(error, AWAY):
            headers = {"Retry-After": str(RETRY_AFTER_S)}
            return Problem(503, f"Try again: {AWAY_DETAIL}.", headers=headers)
    return None


def invalid(place: str, error: ValidationError) -> Problem:
    """The problem for what ``place`` (body, query) held; a body that is no JSON is a 400."""
    faults = [
        Fault(where=".".join([place, *map(str, each["loc"])]), detail=each["msg"])
        for each in error.errors(include_url=False, include_input=False, include_context=False)
    ]
    if error.errors(include_context=False)[0]["type"] == "json_invalid":
        return Problem(400, "The body is not JSON.", faults=faults)
    first = faults[0]
    return Problem(422, f"{first.where}: {first.detail}.", faults=faults)


def wrong(where: str, detail: str, status: int = 422) -> Problem:
    """The problem of one field that has the right form and is wrong all the same."""
    return Problem(status, f"{where}: {detail}.", faults=[Fault(where=where, detail=detail)])


def _of_http(error: web.HTTPException) -> Problem:
    headers = {name: error.headers[name] for name in ("Allow",) if name in error.headers}
    details = {
        404: "There is nothing here; see /docs for what there is.",
        405: f"This cannot be done here; what can is {headers.get('Allow')}.",
        413: "The body is too large.",
    }
    detail = details.get(error.status, error.reason or "The request cannot be understood.")
    return Problem(error.status, detail, headers=headers)


def _of_reference(error: Any) -> Problem:
    """The database names the table and column of a reference that leads nowhere."""
    detail = str(error.detail or "")
    if "still referenced" in detail:
        table = detail.rpartition('"')[0].rpartition('"')[2]
        return Problem(409, f"It is still needed by {table or 'others'}; remove these first.")
    return _nowhere()


def _nowhere() -> Problem:
    """The same for what does not exist and for what is another tenant's: nobody learns which."""
    return Problem(409, "This refers to something that is not there.")
