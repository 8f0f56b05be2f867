"""The ARI client against servers that are not what it hopes for, over real sockets."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from conversation.flow import CallOutcome
from supervisor.ari.client import AriClient
from supervisor.ari.errors import AriDisconnectedError, AriLoginError, AriProtocolError
from supervisor.ari.events import Event
from supervisor.ari.outcome import AriAttempt

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
NEW: Event = {"type": "ChannelCreated", "channel": {"id": "a", "state": "Down"}}
RINGING: Event = {"type": "ChannelStateChange", "channel": {"id": "a", "state": "Ringing"}}


def _destroyed(cause: int) -> Event:
    return {"type": "ChannelDestroyed", "cause": cause, "channel": {"id": "a"}}


@asynccontextmanager
async def served(events: Handler) -> AsyncIterator[int]:
    """A server whose event stream is ``events``, and that accepts every event filter."""

    async def accept(request: web.Request) -> web.Response:
        return web.json_response({})

    app = web.Application()
    app.router.add_get("/ari/events", events)
    app.router.add_put("/ari/applications/{name}/eventFilter", accept)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("events", "outcome"),
    [
        ([NEW, _destroyed(17)], CallOutcome.BUSY),
        ([NEW, RINGING, _destroyed(21)], CallOutcome.REJECTED),
        ([NEW, RINGING, _destroyed(19)], CallOutcome.NO_ANSWER),
        ([NEW, _destroyed(19)], CallOutcome.UNREACHABLE),
        ([NEW, _destroyed(1)], CallOutcome.INVALID),
        ([NEW, RINGING], None),
        ([{"type": "Dial", "dialstatus": "ANSWER", "peer": {"id": "a"}}], CallOutcome.ANSWERED),
        ([{"type": "ChannelStateChange", "channel": {"state": "Up"}}], CallOutcome.ANSWERED),
        ([{"type": "ChannelDestroyed", "cause": None}], CallOutcome.UNREACHABLE),
        ([{"type": "ChannelStateChange", "channel": None}], None),
    ],
)
def test_the_cause_tells_the_outcome(events: list[Event], outcome: CallOutcome | None) -> None:
    attempt = AriAttempt()
    for event in events:
        attempt.take(event)
    assert attempt.outcome() is outcome


async def test_a_refused_password_is_told_with_its_cure() -> None:
    async def refuse(request: web.Request) -> web.Response:
        return web.json_response({"message": "Authentication required"}, status=401)

    async with served(refuse) as port:
        with pytest.raises(AriLoginError, match=r"compare \[ari\] in ramal.toml with"):
            await AriClient("127.0.0.1", port, "ramal", "guessed").try_once()


async def test_what_is_no_ari_is_told_so() -> None:
    async def plain(request: web.Request) -> web.Response:
        return web.Response(text="It works!", status=404)

    async with served(plain) as port:
        with pytest.raises(AriProtocolError, match="not ARI"):
            await AriClient("127.0.0.1", port, "ramal", "s").try_once()


async def test_a_port_where_nobody_listens_is_named(unused_tcp_port: int) -> None:
    with pytest.raises(
        AriDisconnectedError, match=f"nothing listens on 127.0.0.1:{unused_tcp_port}"
    ):
        await AriClient("127.0.0.1", unused_tcp_port, "ramal", "s").try_once()


async def test_a_stream_of_garbage_is_left_and_opened_again() -> None:
    streams = asyncio.Queue[int]()

    async def babble(request: web.Request) -> web.WebSocketResponse:
        stream = web.WebSocketResponse()
        await stream.prepare(request)
        streams.put_nowait(1)
        await stream.send_str("[not an event")
        await stream.receive()
        return stream

    async with served(babble) as port, AriClient("127.0.0.1", port, "ramal", "s").running():
        async with asyncio.timeout(5):
            await streams.get()
            await streams.get()


async def test_who_waits_for_events_is_told_that_none_will_come() -> None:
    async def one_event(request: web.Request) -> web.WebSocketResponse:
        stream = web.WebSocketResponse()
        await stream.prepare(request)
        await stream.send_json(RINGING)
        return stream

    news = asyncio.Queue[Event | None]()
    async with served(one_event) as port:
        client = AriClient("127.0.0.1", port, "ramal", "s")
        with client.watching("a", news.put_nowait):
            async with client.running(), asyncio.timeout(5):
                assert await news.get() == RINGING
                assert await news.get() is None


async def test_a_name_that_another_program_took_is_a_lost_stream() -> None:
    taken = asyncio.Queue[int]()

    async def replace(request: web.Request) -> web.WebSocketResponse:
        stream = web.WebSocketResponse()
        await stream.prepare(request)
        taken.put_nowait(1)
        await stream.send_json({"type": "ApplicationReplaced", "application": "ramal"})
        await stream.receive()
        return stream

    async with served(replace) as port, AriClient("127.0.0.1", port, "ramal", "s").running():
        async with asyncio.timeout(5):
            await taken.get()
            await taken.get()
