"""The visit log: searched by page, and whole as CSV."""

import csv
import io
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel, Field

from supervisor.api.endpoint import Ask, Endpoint
from supervisor.api.models import Given, Instant, Search, absent
from supervisor.api.pages import Paging
from supervisor.api.reading import listing, reading
from supervisor.database.calls import VISITS
from supervisor.database.resources import list_rows

COLUMNS: Final = ("at", "condominium_id", "position", "call_id", "outcome")
DATA_COLUMNS: Final = (
    "visitor",
    "company",
    "intent",
    "block",
    "apartment",
    "resident",
    "authorisation",
)
HASHES: Final = ("prev_hash", "hash", "record")
EXPORT_PAGE: Final = 500
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is a formula to a spreadsheet (OWASP, CSV injection)."""


class Visit(BaseModel):
    """An entry of the visit log. ``hash`` is the SHA-256 of ``record``, which holds the hash of
    the condominium's entry before it."""

    id: UUID
    condominium_id: UUID
    position: int = Field(description="Counts from 1 in each condominium")
    call_id: UUID
    at: datetime
    outcome: str
    data: dict[str, Any]
    record: str
    prev_hash: str
    hash: str


class WhichVisits(Given):
    """What visits are chosen by."""

    condominium_id: UUID = Field(default_factory=absent)
    call_id: UUID = Field(default_factory=absent)
    outcome: Search = Field(default_factory=absent)
    apartment: Search = Field(default_factory=absent)
    block: Search = Field(default_factory=absent)
    visitor: Search = Field(default_factory=absent, description="Part of the name")
    search: Search = Field(default_factory=absent, description="Anywhere in the entry")
    since: Instant = Field(default_factory=absent)
    until: Instant = Field(default_factory=absent)


class VisitQuery(WhichVisits, Paging):
    """Which visits."""


class ExportQuery(WhichVisits):
    """Which visits are exported."""


async def export_csv(ask: Ask) -> web.StreamResponse:
    """Page by page: neither the log's length nor a slow client holds a connection."""
    chosen = ask.query.model_fields_set & WhichVisits.model_fields.keys()
    given = {name: getattr(ask.query, name) for name in chosen}
    response = web.StreamResponse()
    response.content_type, response.charset = "text/csv", "utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="visits.csv"'
    after: list[str] | None = None
    head = [(*COLUMNS, *DATA_COLUMNS, *HASHES)]
    while True:
        async with ask.backend.reading(ask.scope) as connection:
            rows, after = await list_rows(connection, VISITS, given, after=after, limit=EXPORT_PAGE)
        if not response.prepared:
            await response.prepare(ask.request)
        await response.write(_lines([*head, *map(_cells, rows)]))
        head = []
        if after is None:
            await response.write_eof()
            return response


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    data = row["data"]
    cells = [
        row["at"].isoformat(),
        *(str(row[name]) for name in COLUMNS[1:]),
        *("" if data.get(name) is None else str(data[name]) for name in DATA_COLUMNS),
        *(row[name] for name in HASHES),
    ]
    return tuple(f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells)


def _lines(rows: list[tuple[str, ...]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


ENDPOINTS: Final = (
    listing("visits", VISITS, Visit, VisitQuery, summary="Search the visit log, the newest first"),
    Endpoint(
        method="GET",
        path="/api/v1/visits.csv",
        name="export_visits",
        summary="Export the visit log as CSV, the newest first",
        tag="visits",
        stream=export_csv,
        query=ExportQuery,
        media="text/csv",
    ),
    reading("visit", "visits", VISITS, Visit, summary="Read an entry of the visit log"),
)
