"""From Serve's ASGI to the engines' own server on a Unix socket in the same process.

So a cluster answers with the very routes of an engines process: there is no second set of them.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, Final
from urllib.parse import quote

import aiohttp
from aiohttp import WSMsgType
from multidict import CIMultiDict

from engines.openai_routes import LARGEST_FILE_BYTES
from engines.recognition import LARGEST_MESSAGE_BYTES

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_OWN_TO_A_CONNECTION: Final = frozenset(
    {"connection", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
)
_OWN_TO_A_REQUEST: Final = _OWN_TO_A_CONNECTION | {"content-length"}


class Relay:
    """An ASGI application. A client that leaves ends the request behind; one that breaks off
    behind is broken off here, too, so that nobody takes half a sentence for a whole one."""

    def __init__(self, path: str) -> None:
        """``path`` of the Unix socket."""
        self._path = path
        self._session: aiohttp.ClientSession | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """One connection, as the ASGI specification has it."""
        kinds = {"http": self._http, "websocket": self._websocket, "lifespan": self._lifespan}
        await kinds[scope["type"]](scope, receive, send)

    async def _lifespan(self, _: Message, receive: Receive, send: Send) -> None:
        await receive()
        connector = aiohttp.UnixConnector(self._path, limit=0)
        async with aiohttp.ClientSession(
            "http://engines",
            connector=connector,
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None),
        ) as self._session:
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

    async def _http(self, scope: Message, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        if body is None:
            await _refuse(send, 413, f"a request has {LARGEST_FILE_BYTES} bytes at most")
            return
        async with self._open.request(
            scope["method"], _target(scope), data=body or None, headers=_headers(scope["headers"])
        ) as answer:
            headers = [
                (name.lower().encode(), value.encode("latin-1"))
                for name, value in answer.headers.items()
                if name.lower() not in _OWN_TO_A_CONNECTION
            ]
            start = {"type": "http.response.start", "status": answer.status, "headers": headers}
            await send(start)
            while piece := await answer.content.readany():
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _websocket(self, scope: Message, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        try:
            socket = await self._open.ws_connect(
                _target(scope),
                headers=_headers(scope["headers"], without="sec-websocket-"),
                max_msg_size=LARGEST_MESSAGE_BYTES,
            )
        except aiohttp.WSServerHandshakeError as error:
            # an accepted connection can still say why, which a refused one cannot through Serve
            reason = f"the engines answered {error.status} {error.message}"
            told = json.dumps({"type": "failed", "id": None, "reason": reason})
            await send({"type": "websocket.send", "text": told})
            await send({"type": "websocket.close", "code": 1008})
            return
        async with socket:
            answering = asyncio.ensure_future(_to_client(socket, send))
            await _first_of(_to_engines(receive, socket), answering)
        if not answering.cancelled():  # the engines ended it: nothing may be sent to one who left
            await send({"type": "websocket.close", "code": 1000})

    @property
    def _open(self) -> aiohttp.ClientSession:
        assert self._session is not None, "the application was not started"
        return self._session


async def _to_engines(receive: Receive, socket: "aiohttp.ClientWebSocketResponse[bool]") -> None:
    while (message := await receive())["type"] == "websocket.receive":
        if (text := message.get("text")) is not None:
            await socket.send_str(text)
        elif message.get("bytes") is not None:
            await socket.send_bytes(message["bytes"])


async def _to_client(socket: "aiohttp.ClientWebSocketResponse[bool]", send: Send) -> None:
    async for message in socket:
        if message.type is WSMsgType.TEXT:
            await send({"type": "websocket.send", "text": message.data})


async def _first_of(*ways: Awaitable[None]) -> None:
    """Until one way ends; the other is ended with it."""
    tasks = [asyncio.ensure_future(way) for way in ways]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _body(receive: Receive) -> bytes | None:
    """All of it, or None where it is too large."""
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionResetError("the client left")
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > LARGEST_FILE_BYTES + (1 << 20):
            return None
    return bytes(body)


async def _refuse(send: Send, status: int, reason: str) -> None:
    headers = [(b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": reason.encode(), "more_body": False})


def _target(scope: Message) -> str:
    path = quote(scope["path"], safe="/%:@!$&'()*+,;=~-._")
    query = scope.get("query_string", b"").decode("latin-1")
    return f"{path}?{query}" if query else path


def _headers(headers: Iterable[tuple[bytes, bytes]], without: str = "\0") -> CIMultiDict[str]:
    told: CIMultiDict[str] = CIMultiDict()
    for raw, value in headers:
        name = raw.decode("latin-1").lower()
        if name not in _OWN_TO_A_REQUEST and not name.startswith(without):
            told.add(name, value.decode("latin-1"))
    return told
