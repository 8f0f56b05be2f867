"""Events of calls as they happen: server-sent events (WHATWG HTML, 9.2), without a gap."""

import asyncio
import json
import time
from contextlib import suppress
from typing import Annotated, Any, Final
from uuid import UUID

from aiohttp import web
from pydantic import Field

from supervisor.api.endpoint import Ask, Endpoint, Header
from supervisor.api.models import Given, Search, absent
from supervisor.api.principal import is_still_good
from supervisor.database.changes import fingerprints
from supervisor.database.event_stream import PLACE, Place, end_of_events, events_after
from supervisor.database.pool import AWAY, Connection
from supervisor.database.tenancy import scoped

BATCH: Final = 200
POLL_S: Final = 5.0
"""How soon is looked again without a notification; a comment then shows that we are here."""
GATHER_S: Final = 0.02
"""After a notification: what is written at the same moment is read at once."""
SOON_S: Final = 0.2
LOOKS: Final = 10
RETRY_MS: Final = 2000
"""When a client that lost its connection comes again."""
CHANGES_S: Final = 2.0
"""How often it is looked whether extensions and alerts changed, for those who ask for that."""
LAST: Final = "Last-Event-ID"


class EventQuery(Given):
    """Which events."""

    kind: Search = Field(default_factory=absent, description="Such as turn, visit, call.ended")
    call_id: UUID = Field(default_factory=absent)
    after: Annotated[str, Field(pattern=PLACE)] = Field(
        default_factory=absent,
        description="The id of the last event that was read; 0-0 for all from the beginning. "
        "The header Last-Event-ID wins; without both the stream begins now",
    )
    changes: bool = Field(
        default=False,
        description="Also tell when the state of extensions, or an alert, has changed: events "
        "`changed`, which have no id, with `what` in their data. The first ones come at once",
    )


class Watch:
    """Notices when what is no event of a call has changed: extensions, alerts."""

    def __init__(self) -> None:
        self._seen: dict[str, str] = {}
        self._next = 0.0

    async def look(self, connection: Connection) -> list[str]:
        """What has changed since the last look; all of it at the first one."""
        now = time.monotonic()
        if now < self._next:
            return []
        self._next = now + CHANGES_S
        found = await fingerprints(connection)
        changed = [name for name, seen in found.items() if self._seen.get(name) != seen]
        self._seen = found
        return changed


class _Reader:
    """Reads on from a place, under the rights of the key that asked."""

    def __init__(self, ask: Ask, place: Place) -> None:
        self.place = place
        self._backend = ask.backend
        self._who = ask.who
        self._scope = ask.scope
        self._watch = Watch() if ask.query.changes else None
        self.pause_s = CHANGES_S if ask.query.changes else POLL_S
        names = ask.query.model_fields_set - {"after", "changes"}
        self._given = {name: getattr(ask.query, name) for name in names}

    async def read(self) -> list[bytes] | None:
        """Events that are new, ready to be sent; ``None`` when the stream is to end."""
        if self._backend.ending.is_set():
            return None
        async with self._backend.acquire() as connection:
            if not await is_still_good(connection, self._who):
                return None
            async with scoped(connection, self._scope, readonly=True):
                rows, self.place = await events_after(connection, self.place, self._given, BATCH)
                changed = await self._watch.look(connection) if self._watch else []
        return [*(_event(*each) for each in rows), *map(_changed, changed)]


async def follow(ask: Ask) -> web.StreamResponse:
    """Write events until the client leaves, the key is no longer good, or the server stops."""
    async with ask.backend.events.heard() as woken:
        reader = _Reader(ask, await _beginning(ask))
        response = web.StreamResponse(headers={"X-Accel-Buffering": "no"})
        response.content_type = "text/event-stream"
        await response.prepare(ask.request)
        await response.write(f"retry: {RETRY_MS}\nid: {reader.place}\n\n".encode())
        with suppress(*AWAY):  # the client comes again, with the last id that it had
            await _write_for_ever(reader, response, woken)
    return response


async def _write_for_ever(
    reader: _Reader, response: web.StreamResponse, woken: asyncio.Event
) -> None:
    """A notification may come before what it tells of can be read, as another transaction still
    runs: after each one it is looked several times."""
    looks = 0
    while (batch := await reader.read()) is not None:
        if batch:
            await response.write(b"".join(batch))
        if len(batch) >= BATCH:
            continue
        if await _set_within(woken, SOON_S if looks else reader.pause_s):
            woken.clear()
            looks = LOOKS
            await asyncio.sleep(GATHER_S)
        elif looks:
            looks -= 1
        else:
            await response.write(f":\nid: {reader.place}\n\n".encode())


async def _set_within(event: asyncio.Event, limit_s: float) -> bool:
    try:
        async with asyncio.timeout(limit_s):
            return await event.wait()
    except TimeoutError:
        return False


async def _beginning(ask: Ask) -> Place:
    given = ask.request.headers.get(LAST) or ask.query.after
    if not given:
        async with ask.backend.acquire() as connection:
            return await end_of_events(connection)
    return Place.parse(given)


def _event(place: Place, row: dict[str, Any]) -> bytes:
    data = {
        "call_id": str(row["call_id"]),
        "sequence": row["sequence"],
        "at": row["at"].isoformat(),
        "kind": row["kind"],
        "data": row["data"],
    }
    kind = " ".join(row["kind"].split())
    return f"id: {place}\nevent: {kind}\ndata: {json.dumps(data)}\n\n".encode()


def _changed(what: str) -> bytes:
    return f"event: changed\ndata: {json.dumps({'what': what})}\n\n".encode()


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/api/v1/events",
        name="follow_events",
        summary="Follow what happens in calls, as server-sent events",
        tag="events",
        stream=follow,
        query=EventQuery,
        media="text/event-stream",
        headers=(
            Header(
                LAST,
                "The id of the last event that was read: nothing is missed or doubled",
                PLACE,
            ),
        ),
    ),
)
