"""Requests to servers that are slow, break off, redirect, talk too much, or are not to be met."""

import asyncio
import ipaddress
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from aiohttp import web

from supervisor.outgoing.addresses import AddressGuard
from supervisor.outgoing.client import KEPT_BYTES, OutgoingError, outgoing

LOOPBACK = AddressGuard([ipaddress.ip_network("127.0.0.0/8")], allow_http=True)
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def raw_server(answer: Handler) -> AsyncIterator[int]:
    """A server that speaks whatever ``answer`` writes; gives its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await answer(reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def says(text: bytes) -> AbstractAsyncContextManager[int]:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(text)
        await writer.drain()

    return raw_server(answer)


async def test_an_answer_comes_with_its_status_and_its_beginning() -> None:
    async def big(request: web.Request) -> web.Response:
        assert await request.read() == b"question"
        assert request.headers["X-Test"] == "1"
        return web.Response(status=201, body=b"x" * 3_000_000)

    app = web.Application()
    app.router.add_post("/hook", big)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    async with outgoing(LOOPBACK) as client:
        reply = await client.send("POST", url, body=b"question", headers={"X-Test": "1"})
    await runner.cleanup()
    assert (reply.status, reply.is_success) == (201, True)
    assert reply.body == b"x" * KEPT_BYTES
    assert reply.took_ms > 0


async def test_a_redirection_is_told_and_not_followed() -> None:
    async with (
        says(
            b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
        ) as port,
        outgoing(LOOPBACK) as client,
    ):
        reply = await client.send("POST", f"http://127.0.0.1:{port}/")
    assert (reply.status, reply.is_success) == (302, False)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (b"", "broken"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", "broken"),
        (b"hello\r\n\r\n", "broken"),
        (b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 100_000 + b"\r\n\r\n", "broken"),
    ],
)
async def test_a_server_that_breaks_off_or_speaks_no_http_is_broken(
    text: bytes, fault: str
) -> None:
    async with says(text) as port, outgoing(LOOPBACK) as client:
        with pytest.raises(OutgoingError) as caught:
            await client.send("POST", f"http://127.0.0.1:{port}/")
    assert caught.value.fault == fault


async def test_an_answer_byte_by_byte_ends_at_the_limit() -> None:
    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x")
            await asyncio.sleep(0.02)

    began = time.monotonic()
    async with raw_server(drip) as port, outgoing(LOOPBACK) as client:
        with pytest.raises(OutgoingError) as caught:
            await client.send("POST", f"http://127.0.0.1:{port}/", limit_s=0.3)
    assert caught.value.fault == "timeout"
    assert time.monotonic() - began < 5


async def test_a_closed_port_is_unreachable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        async with outgoing(LOOPBACK) as client:
            with pytest.raises(OutgoingError) as caught:
                await client.send("POST", f"http://127.0.0.1:{taken.getsockname()[1]}/")
    assert caught.value.fault == "unreachable"


@pytest.mark.parametrize("host", ["gate.example", "127.0.0.1", "2130706433", "127.1", "0x7f.0.0.1"])
async def test_no_form_or_name_of_a_private_address_is_connected_to(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The names resolve as an attacker's server would have them: to this machine."""
    connections = 0

    async def count(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1

    server = await asyncio.start_server(count, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    async def lookup(*_: object, **__: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", lookup)
    async with server, outgoing(AddressGuard(allow_http=True)) as client:
        with pytest.raises(OutgoingError) as caught:
            await client.send("POST", f"http://{host}:{port}/")
        assert caught.value.fault in {"forbidden", "broken"}
        assert "127.0.0.1" not in str(caught.value)
    assert connections == 0
