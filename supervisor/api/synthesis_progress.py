"""How a synthesis job gets on: server-sent events (WHATWG HTML, 9.2), until it is finished."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

from aiohttp import web

from supervisor.api.endpoint import Ask, Endpoint, Header
from supervisor.api.events import LAST, RETRY_MS
from supervisor.api.models import Given
from supervisor.api.principal import is_still_good
from supervisor.api.reading import missing
from supervisor.api.synthesis_jobs import ITEM_COLUMNS, ONE, PATH, TAG, SynthesisItem, SynthesisJob
from supervisor.database.pool import AWAY
from supervisor.database.synthesis_jobs import OPEN
from supervisor.database.synthesis_progress import Progress, changes_after
from supervisor.database.tenancy import scoped

HEARTBEAT_S: Final = 5.0
"""How soon is looked again without a notification; a comment then shows that we are here."""
GATHER_S: Final = 0.1
"""At most ten times a second: an engine may make a hundred sentences in that time."""
VERSION: Final = r"^[0-9]{1,18}$"
JOB_COLUMNS: Final = ", ".join(f"j.{name}" for name in SynthesisJob.model_fields)


class ProgressQuery(Given):
    """Nothing can be asked; where to read on is said by the header Last-Event-ID."""


class _Reader:
    """Reads on from a version, under the rights of whoever asked."""

    def __init__(self, ask: Ask, version: int) -> None:
        self._ask = ask
        self.version = version

    async def read(self) -> Progress | None:
        """What changed; ``None`` when the stream is to end."""
        ask = self._ask
        if ask.backend.ending.is_set():
            return None
        async with ask.backend.acquire() as connection:
            if not await is_still_good(connection, ask.who):
                return None
            async with scoped(connection, ask.scope, readonly=True):
                found = await changes_after(
                    connection, ask.id(), self.version, JOB_COLUMNS, ITEM_COLUMNS
                )
        if found is None:
            return None
        last = found.job or (found.items[-1] if found.items else None)
        self.version = last["version"] if last else self.version
        return found


async def follow(ask: Ask) -> web.StreamResponse:
    """Write what changes until the job is finished, the client leaves, or the server stops."""
    reader = _Reader(ask, int(ask.request.headers.get(LAST, "0")))
    async with ask.backend.synthesis.heard() as woken:
        found = await reader.read()
        if found is None:
            raise missing(ONE, ask.id())
        if not found.items and found.job is None and await _is_finished(ask):
            return web.Response(status=204)  # an EventSource comes again otherwise
        response = web.StreamResponse(headers={"X-Accel-Buffering": "no"})
        response.content_type = "text/event-stream"
        await response.prepare(ask.request)
        await response.write(f"retry: {RETRY_MS}\n\n".encode())
        with suppress(*AWAY):  # the client comes again, with the last id that it had
            await _write_on(reader, found, response, woken)
    return response


async def _write_on(
    reader: _Reader, found: Progress, response: web.StreamResponse, woken: asyncio.Event
) -> None:
    following: Progress | None = found
    while following is not None:
        if told := b"".join(_events(following)):
            await response.write(told)
        if following.job is not None and following.job["state"] not in OPEN:
            return
        if following.is_whole:
            await _pause(response, woken)
        following = await reader.read()


async def _pause(response: web.StreamResponse, woken: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(HEARTBEAT_S):
            await woken.wait()
    except TimeoutError:
        await response.write(b":\n\n")
        return
    await asyncio.sleep(GATHER_S)
    woken.clear()


def _events(found: Progress) -> Iterator[bytes]:
    """Only the last event of a version has its id: who leaves before gets the others again."""
    for number, row in enumerate(found.items):
        following = found.items[number + 1 : number + 2]
        is_last = not following or following[0]["version"] != row["version"]
        yield _event("item", SynthesisItem.model_validate(row).model_dump_json(), row, is_last)
    if found.job is not None:
        told = SynthesisJob.model_validate(found.job).model_dump_json()
        yield _event("job", told, found.job, True)


def _event(kind: str, data: str, row: Mapping[str, Any], has_id: bool) -> bytes:
    mark = f"id: {row['version']}\n" if has_id else ""
    return f"{mark}event: {kind}\ndata: {data}\n\n".encode()


async def _is_finished(ask: Ask) -> bool:
    async with ask.backend.reading(ask.scope) as connection:
        state = await connection.fetchval(
            "SELECT state FROM synthesis_jobs WHERE id = $1", ask.id()
        )
    return state not in OPEN


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path=f"{PATH}/{{id}}/events",
        name="follow_synthesis_job",
        summary="Follow a synthesis job as server-sent events `item` and `job`, until it is over",
        tag=TAG,
        stream=follow,
        query=ProgressQuery,
        media="text/event-stream",
        headers=(Header(LAST, "The id of the last event that was read", VERSION),),
        also=(204,),
    ),
)
