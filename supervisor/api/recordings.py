"""Recordings of calls: played, deleted, and live calls listened to; every access is audited."""

import asyncio
import socket
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal

from aiohttp import hdrs, web
from aiohttp.abc import AbstractStreamWriter
from multidict import CIMultiDict
from pydantic import Field

from supervisor.api.endpoint import Answer, Ask, Change, Endpoint, Header
from supervisor.api.gate import AUDITED, access_of
from supervisor.api.models import Given, absent
from supervisor.api.problems import Problem
from supervisor.api.reading import missing
from supervisor.database.audit import write_accesses
from supervisor.database.calls import CALLS
from supervisor.database.recordings import delete_parts, parts_of
from supervisor.database.resources import find_row
from supervisor.database.tenancy import scoped
from supervisor.recordings.live import BLOCK_SAMPLES, LISTEN_HZ, SOCKET_BYTES
from supervisor.recordings.part_file import FRAME_BYTES, wav_header
from supervisor.recordings.rendering import MEDIA, Format, KeptPart, rendered

Party = Literal["visitor", "resident"]
SOON_S: Final = 5
"""When a recording that is being finished may be asked for again."""
BLOCK_S: Final = BLOCK_SAMPLES / LISTEN_HZ
PATIENCE_S: Final = 3 * BLOCK_S
"""Without a block for so long there is nobody to be heard: silence is sent."""
CLIENT_LIMIT_S: Final = 10.0
"""A client that takes nothing for so long is gone."""
ENDLESS_BYTES: Final = 0xFFFFFFFF - 44
"""What the header of a WAV file says that goes on."""
RANGE: Final = Header(hdrs.RANGE, "Some of the bytes, as RFC 9110 has it", r"^[!-~]([ -~]*[!-~])?$")


class RecordingQuery(Given):
    """Which of a call's recordings, and how."""

    party: Party = Field(default="visitor", description="Whose leg")
    format: Format = Field(default="flac", description="flac is what is kept; wav is as exact")


class ListenQuery(Given):
    """Whom to listen to."""

    party: Party = Field(default="visitor", description="Whose leg")


class DeletionQuery(Given):
    """Which of a call's recordings."""

    party: Party = Field(default_factory=absent, description="Whose leg; both if left out")


async def _play(ask: Ask) -> web.StreamResponse:
    parts = await _kept(ask)
    await _account(ask)
    path = partial(
        rendered,
        ask.backend.calls.recordings,
        ask.id(),
        ask.query.party,
        [KeptPart(part["file"], part["started_at"], part["sha256"]) for part in parts],
        ask.query.format,
    )
    async with ask.backend.renderings:
        try:
            file = await asyncio.to_thread(path)
        except FileNotFoundError:
            machines = " and ".join(sorted({part["machine"] for part in parts}))
            raise Problem(409, f"The recording is kept by {machines}; ask there.") from None
    name = f"{ask.id()}-{ask.query.party}.{ask.query.format}"
    headers = {
        hdrs.CONTENT_TYPE: MEDIA[ask.query.format],
        hdrs.CONTENT_DISPOSITION: f'inline; filename="{name}"',
        hdrs.CACHE_CONTROL: "private, no-cache",
    }
    return _Download(file, headers=headers)


class _Download(web.FileResponse):
    """A file, with ranges and conditions; aiohttp knows If-Range with a date only."""

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Send all of a file that is not the one that the client has a part of."""
        given = request.headers.get(hdrs.IF_RANGE, "")
        if given.endswith('"'):
            stat = await asyncio.to_thread(Path(self._path).stat)
            if given != f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"':
                whole = CIMultiDict(request.headers)
                whole.popall(hdrs.RANGE, None)
                request = request.clone(headers=whole)
        return await super().prepare(request)


async def _kept(ask: Ask) -> list[dict[str, Any]]:
    """The parts that were asked for. Raises ``Problem`` where there is nothing whole."""
    async with ask.backend.reading(ask.scope) as connection:
        if await find_row(connection, CALLS, ask.id()) is None:
            raise missing("call", ask.id())
        parts = await parts_of(connection, ask.id())
    wanted = [part for part in parts if part["party"] == ask.query.party]
    there = [part for part in wanted if part["deleted_at"] is None]
    if not there:
        why = "was deleted" if wanted else "does not exist"
        raise Problem(404, f"The recording of the {ask.query.party} in call {ask.id()} {why}.")
    if any(part["kept_at"] is None for part in there):
        detail = "The recording is not finished; ask again once the call is over."
        raise Problem(409, detail, headers={hdrs.RETRY_AFTER: str(SOON_S)})
    return there


async def _account(ask: Ask) -> None:
    """Write down who gets it before they do: without the entry nobody gets anything."""
    access = access_of(ask.request, 200, Change("recordings", ask.id(), None, None))
    async with ask.backend.acquire() as connection, scoped(connection, ask.scope):
        await write_accesses(connection, [access])
    ask.request[AUDITED] = True


async def _delete(ask: Ask) -> Answer:
    if await find_row(ask.connection, CALLS, ask.id()) is None:
        raise missing("call", ask.id())
    parts = [
        part
        for part in await parts_of(ask.connection, ask.id())
        if part["deleted_at"] is None and part["party"] == (ask.query.party or part["party"])
    ]
    if not parts:
        raise Problem(404, f"There is no recording of call {ask.id()}.")
    if any(part["kept_at"] is None for part in parts):
        raise Problem(409, "The recording is not finished; delete it once the call is over.")
    await delete_parts(ask.connection, [part["name"] for part in parts])
    for part in parts:
        before = {name: part[name] for name in ("name", "sha256", "duration_ms")}
        ask.changes.append(Change("recordings", ask.id(), before, None))
    return Answer()


# ------------------------------------------------------------------ listening


async def _listen(ask: Ask) -> web.StreamResponse:
    async with ask.backend.reading(ask.scope) as connection:
        row = await find_row(connection, CALLS, ask.id())
    if row is None:
        raise missing("call", ask.id())
    if row["ended_at"] is not None:
        raise Problem(409, f"The call {ask.id()} is over.")
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours:
        with theirs:
            theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BYTES)
            listening = await ask.backend.calls.listen(ask.id(), ask.query.party, theirs)
        if listening is None:
            raise Problem(409, f"The call {ask.id()} does not go on here.")
        if listening.reason is not None:
            raise Problem(409, f"This cannot be done: {listening.reason}.")
        await _account(ask)
        ours.setblocking(False)
        return await _pass_on(ask, ours)


async def _pass_on(ask: Ask, source: socket.socket) -> web.StreamResponse:
    """Write what comes until the call ends, its worker dies, the client leaves or we stop."""
    response = web.StreamResponse(headers={"X-Accel-Buffering": "no"})
    response.content_type = "audio/wav"
    await response.prepare(ask.request)
    await response.write(wav_header(LISTEN_HZ, ENDLESS_BYTES))
    while not ask.backend.ending.is_set():
        block = await _next_block(source)
        if not block:
            break
        try:
            async with asyncio.timeout(CLIENT_LIMIT_S):
                await response.write(block)
        except TimeoutError:
            break
    return response


async def _next_block(source: socket.socket) -> bytes:
    """The next 100 ms; silence while the party has no connection; nothing at the end."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await loop.sock_recv(source, 64 * 1024)
    except TimeoutError:
        return bytes(round(PATIENCE_S * LISTEN_HZ) * FRAME_BYTES)
    except OSError:
        return b""


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/api/v1/calls/{id}/recording",
        name="get_recording",
        summary="Play or download a call's recording: left is the party, right what it hears",
        tag="calls",
        stream=_play,
        accounts=True,
        role="operator",
        query=RecordingQuery,
        media=MEDIA["flac"],
        other_media=tuple(each for name, each in MEDIA.items() if name != "flac"),
        headers=(RANGE,),
        also=(206, 304),
        errors=frozenset({404, 409, 416}),
    ),
    Endpoint(
        method="DELETE",
        path="/api/v1/calls/{id}/recording",
        name="remove_recording",
        summary="Delete a call's recordings",
        tag="calls",
        handle=_delete,
        role="admin",
        query=DeletionQuery,
        status=204,
        errors=frozenset({404, 409}),
    ),
    Endpoint(
        method="GET",
        path="/api/v1/calls/{id}/listen",
        name="listen_to_call",
        summary="Listen to a call that goes on, as WAV: left is the party, right what it hears",
        tag="calls",
        stream=_listen,
        accounts=True,
        role="operator",
        query=ListenQuery,
        media="audio/wav",
        errors=frozenset({404, 409}),
    ),
)
