"""What synthesis jobs made: one file, or all of them as a ZIP archive."""

import asyncio
import hashlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import structlog
from aiohttp import hdrs, web

from supervisor.api.endpoint import Ask, Endpoint
from supervisor.api.problems import Problem
from supervisor.api.reading import missing
from supervisor.api.recordings import RANGE
from supervisor.api.synthesis_jobs import ONE, PATH, TAG
from supervisor.synthesis.formats import FILES
from supervisor.synthesis.zipping import DamagedResultError, Result, file_name, zipped

CLIENT_LIMIT_S: Final = 30.0
"""A client that takes nothing for so long is gone."""
ZIP: Final = "application/zip"
_log = structlog.get_logger(__name__)


async def _audio(ask: Ask) -> web.StreamResponse:
    async with ask.backend.reading(ask.scope) as connection:
        row = await connection.fetchrow(
            """SELECT item.*, format FROM synthesis_items AS item
               JOIN synthesis_jobs AS job ON job.id = job_id
               WHERE job_id = $1 AND item.id = $2""",
            ask.id(),
            ask.id("item_id"),
        )
    if row is None:
        raise missing("item", ask.id("item_id"))
    if row["file"] is None:
        raise Problem(409, f"This item has no result; it is {row['state']}.")
    path = ask.backend.calls.synthesis.folder.file(ask.id(), row["file"])
    async with ask.backend.renderings:
        await asyncio.to_thread(_check, path, row)
    name = file_name(row["number"], row["name"], path.suffix)
    headers = {
        hdrs.CONTENT_TYPE: FILES[row["format"]].media,
        hdrs.CONTENT_DISPOSITION: f"attachment; filename*=UTF-8''{quote(name)}",
        hdrs.CACHE_CONTROL: "private, no-cache",
        "X-Content-SHA256": row["sha256"].hex(),
    }
    return web.FileResponse(path, headers=headers)


def _check(path: Path, row: Any) -> None:
    """Raises ``Problem`` where the file is elsewhere, or not what was written."""
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").digest()
    except FileNotFoundError:
        raise Problem(409, f"The result is kept by {row['machine']}; ask there.") from None
    if found != row["sha256"]:
        _log.error("synthesis.damaged", file=str(path))
        raise Problem(409, "The result's file was damaged on the disk; send the job again.")


async def _zip(ask: Ask) -> web.StreamResponse:
    results = await _results(ask)
    for result in results:
        if result.path is not None and not await asyncio.to_thread(result.path.is_file):
            raise Problem(
                409, f"The result of item {result.number} is kept by another machine; ask there."
            )
    response = web.StreamResponse(
        headers={
            hdrs.CONTENT_TYPE: ZIP,
            hdrs.CONTENT_DISPOSITION: f'attachment; filename="{ask.id()}.zip"',
        }
    )
    await response.prepare(ask.request)
    try:
        await _send(response, zipped(results))
    except (OSError, DamagedResultError, TimeoutError) as error:
        _log.warning("synthesis.zip_broke_off", job_id=str(ask.id()), error=str(error))
        if ask.request.transport is not None:
            ask.request.transport.abort()
        return response
    with suppress(ConnectionResetError):
        await response.write_eof()
    return response


async def _send(response: web.StreamResponse, archive: Iterator[bytes]) -> None:
    while (block := await asyncio.to_thread(next, archive, None)) is not None:
        async with asyncio.timeout(CLIENT_LIMIT_S):
            await response.write(block)


async def _results(ask: Ask) -> list[Result]:
    """Every item of a job. Raises ``Problem`` where none has a file."""
    async with ask.backend.reading(ask.scope) as connection:
        state = await connection.fetchval(
            "SELECT state FROM synthesis_jobs WHERE id = $1", ask.id()
        )
        if state is None:
            raise missing(ONE, ask.id())
        rows = await connection.fetch(
            """SELECT number, name, state, file, sha256, duration_ms, error, finished_at
               FROM synthesis_items WHERE job_id = $1 ORDER BY number""",
            ask.id(),
        )
    if not any(row["file"] for row in rows):
        raise Problem(409, f"There is nothing to download; the job is {state}.")
    folder = ask.backend.calls.synthesis.folder
    return [
        Result(
            row["number"],
            row["name"],
            row["state"],
            folder.file(ask.id(), row["file"]) if row["file"] else None,
            row["sha256"],
            row["duration_ms"],
            row["error"],
            row["finished_at"],
        )
        for row in rows
    ]


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path=f"{PATH}/{{id}}/items/{{item_id}}/audio",
        name="get_synthesis_audio",
        summary="Download an item's result",
        tag=TAG,
        stream=_audio,
        media="audio/wav",
        other_media=tuple(sorted({each.media for each in FILES.values()} - {"audio/wav"})),
        headers=(RANGE,),
        also=(206, 304),
        errors=frozenset({409, 416}),
    ),
    Endpoint(
        method="GET",
        path=f"{PATH}/{{id}}/zip",
        name="get_synthesis_zip",
        summary="Download what is there of a job's results as a ZIP archive, with an index.csv",
        tag=TAG,
        stream=_zip,
        media=ZIP,
        errors=frozenset({409}),
    ),
)
