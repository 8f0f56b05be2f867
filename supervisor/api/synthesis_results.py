"""What synthesis jobs made: one file, or all of them as a ZIP archive, from any machine."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

import structlog
from aiohttp import hdrs, web

from supervisor.api.endpoint import Ask, Endpoint
from supervisor.api.problems import Problem
from supervisor.api.ranges import part_of
from supervisor.api.reading import missing
from supervisor.api.recordings import RANGE
from supervisor.api.synthesis_jobs import ONE, PATH, TAG
from supervisor.database.pool import TROUBLE, end_if_cancelled
from supervisor.database.synthesis_audio import PART_BYTES, audio_part
from supervisor.synthesis.formats import FILES
from supervisor.synthesis.zipping import Result, file_name, zipped

CLIENT_LIMIT_S: Final = 30.0
"""A client that takes nothing for so long is gone."""
ZIP: Final = "application/zip"
_log = structlog.get_logger(__name__)


class _GoneError(Exception):
    """A result was deleted while it was sent."""


async def _audio(ask: Ask) -> web.StreamResponse:
    async with ask.backend.reading(ask.scope) as connection:
        row = await connection.fetchrow(
            """SELECT item.*, format,
                   EXISTS (SELECT FROM synthesis_audio WHERE item_id = item.id) AS is_there
               FROM synthesis_items AS item
               JOIN synthesis_jobs AS job ON job.id = job_id
               WHERE job_id = $1 AND item.id = $2""",
            ask.id(),
            ask.id("item_id"),
        )
    if row is None:
        raise missing("item", ask.id("item_id"))
    if row["state"] != "done":
        raise Problem(409, f"This item has no result; it is {row['state']}.")
    if not row["is_there"]:
        raise Problem(409, "The result was deleted a moment ago; see the item's state.")
    headers = _headers(row)
    if headers[hdrs.ETAG] in ask.request.headers.get(hdrs.IF_NONE_MATCH, "").split(", "):
        return web.Response(status=304, headers=headers)
    asked = part_of(ask.request, row["size_bytes"], headers[hdrs.ETAG])
    response = web.StreamResponse(status=asked.status, headers=headers | asked.headers)
    response.content_length = asked.stop - asked.start
    return await _sent(ask, response, _file(ask, row["id"], asked.start, asked.stop))


def _headers(row: Mapping[str, Any]) -> dict[str, str]:
    form = FILES[row["format"]]
    name = file_name(row["number"], row["name"], f".{form.suffix}")
    return {
        hdrs.CONTENT_TYPE: form.media,
        hdrs.CONTENT_DISPOSITION: f"attachment; filename*=UTF-8''{quote(name)}",
        hdrs.CACHE_CONTROL: "private, no-cache",
        hdrs.ETAG: f'"{row["sha256"].hex()}"',
        "X-Content-SHA256": row["sha256"].hex(),
    }


async def _file(ask: Ask, item_id: UUID, start: int, stop: int) -> AsyncGenerator[bytes, None]:
    """Bytes of an item's file, each part read by itself: a slow client holds no connection."""
    for number in range(start // PART_BYTES, -(-stop // PART_BYTES)):
        async with ask.backend.reading(ask.scope) as connection:
            part = await audio_part(connection, item_id, number)
        if part is None:
            raise _GoneError("it was deleted meanwhile")
        offset = number * PART_BYTES
        yield part[max(0, start - offset) : stop - offset]


async def _zip(ask: Ask) -> web.StreamResponse:
    async with ask.backend.reading(ask.scope) as connection:
        job = await connection.fetchrow(
            "SELECT state, format FROM synthesis_jobs WHERE id = $1", ask.id()
        )
        if job is None:
            raise missing(ONE, ask.id())
        rows = await connection.fetch(
            """SELECT id, number, name, state, sha256, size_bytes, duration_ms, error,
                   finished_at AS at FROM synthesis_items WHERE job_id = $1 ORDER BY number""",
            ask.id(),
        )
    if not any(row["state"] == "done" for row in rows):
        raise Problem(409, f"There is nothing to download; the job is {job['state']}.")
    suffix = f".{FILES[job['format']].suffix}"
    results = [Result(**row, suffix=suffix) for row in rows]
    response = web.StreamResponse(
        headers={
            hdrs.CONTENT_TYPE: ZIP,
            hdrs.CONTENT_DISPOSITION: f'attachment; filename="{ask.id()}.zip"',
        }
    )
    archive = zipped(results, lambda result: _file(ask, result.id, 0, result.size_bytes or 0))
    return await _sent(ask, response, archive)


async def _sent(
    ask: Ask, response: web.StreamResponse, blocks: AsyncGenerator[bytes, None]
) -> web.StreamResponse:
    """Send it all, or break the connection off, so that nobody takes a part for the whole."""
    await response.prepare(ask.request)
    try:
        async with aclosing(blocks):
            async for block in blocks:
                async with asyncio.timeout(CLIENT_LIMIT_S):
                    await response.write(block)
    except (_GoneError, Problem, *TROUBLE) as error:
        end_if_cancelled()
        _log.warning("synthesis.broke_off", job_id=str(ask.id()), error=str(error) or "timeout")
        if ask.request.transport is not None:
            ask.request.transport.abort()
        return response
    with suppress(ConnectionResetError):
        await response.write_eof()
    return response


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
