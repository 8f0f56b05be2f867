"""The visit log as files for people: a spreadsheet, or a report for an auditor."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

from aiohttp import web

from supervisor.api.endpoint import Ask, Endpoint
from supervisor.api.problems import Problem
from supervisor.api.reading import missing
from supervisor.api.visits import EXPORT_PAGE, WhichVisits, export_csv
from supervisor.database.calls import VISITS
from supervisor.database.resources import Key, list_rows
from supervisor.database.visit_chain import walk_chain
from supervisor.exports.making import make_report
from supervisor.exports.report import FILTERS, Report, TooLongError, verified_of

CHUNK_BYTES: Final = 256 * 1024
MEDIA: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
OLDEST_FIRST: Final = replace(
    VISITS,
    order=(
        Key("condominium_id", "v.condominium_id", "uuid"),
        Key("position", "v.position", "bigint"),
    ),
    descending=False,
)
"""The order of the log itself."""


class ReportQuery(WhichVisits):
    """Which visits are reported, and how. A PDF is of one condominium."""

    format: Literal["csv", "xlsx", "pdf"]


async def _report(ask: Ask) -> web.StreamResponse:
    """Made in a process of its own, into a file that is gone when it was sent."""
    if ask.query.format == "csv":
        return await export_csv(ask)
    given = {name: getattr(ask.query, name) for name in ask.query.model_fields_set - {"format"}}
    with tempfile.TemporaryDirectory(prefix="ramal-export-") as folder:
        file = Path(folder) / f"visits.{ask.query.format}"
        async with ask.backend.renderings:
            report, names = await _about(ask, given)
            try:
                await make_report(ask.query.format, file, report, _rows(ask, given, names))
            except TooLongError as error:
                raise Problem(409, f"Ask for a shorter period: {error}.") from None
        return await _send(ask, file)


async def _about(ask: Ask, given: dict[str, Any]) -> tuple[Report, dict[str, str]]:
    """What stands around the entries, and the condominiums' names by their ids."""
    only = given.get("condominium_id")
    async with ask.backend.reading(ask.scope) as connection:
        places = await connection.fetch(
            "SELECT id, name, timezone FROM condominiums WHERE $1::uuid IS NULL OR id = $1", only
        )
        if only is None and ask.query.format == "pdf":
            raise Problem(409, "A PDF is of one condominium; name it: condominium_id.")
        if only is not None and not places:
            raise missing("condominium", only)
        chain = await walk_chain(connection, only, places[0]["name"]) if only else None
    report = Report(
        made_at=datetime.now(UTC).isoformat(),
        condominium=places[0]["name"] if only else None,
        timezones={str(place["id"]): place["timezone"] for place in places},
        since=given["since"].isoformat() if "since" in given else None,
        until=given["until"].isoformat() if "until" in given else None,
        filters={FILTERS[name]: str(given[name]) for name in FILTERS if name in given},
        verified=verified_of(chain) if chain else None,
    )
    return report, {str(place["id"]): place["name"] for place in places}


async def _rows(
    ask: Ask, given: dict[str, Any], names: Mapping[str, str]
) -> AsyncIterator[dict[str, Any]]:
    """Entries in the order of the log, page by page."""
    after: list[str] | None = None
    while True:
        async with ask.backend.reading(ask.scope) as connection:
            rows, after = await list_rows(
                connection, OLDEST_FIRST, given, after=after, limit=EXPORT_PAGE
            )
        for row in rows:
            place = str(row["condominium_id"])
            name = names.get(place, "")
            yield {**row, "at": row["at"].isoformat(), "condominium_id": place, "condominium": name}
        if after is None:
            return


async def _send(ask: Ask, file: Path) -> web.StreamResponse:
    response = web.StreamResponse()
    response.content_type = MEDIA[ask.query.format]
    response.content_length = (await asyncio.to_thread(file.stat)).st_size
    response.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    await response.prepare(ask.request)
    with file.open("rb") as opened:
        while chunk := await asyncio.to_thread(opened.read, CHUNK_BYTES):
            await response.write(chunk)
    await response.write_eof()
    return response


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/api/v1/visits/export",
        name="report_visits",
        summary="Export the visit log as CSV, as a spreadsheet, or as a report for an auditor",
        tag="visits",
        stream=_report,
        query=ReportQuery,
        media="text/csv",
        other_media=tuple(MEDIA.values()),
        errors=frozenset({404, 409}),
    ),
)
