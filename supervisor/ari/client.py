"""A client of ARI that stays connected: requests over HTTP, events over one WebSocket.

One task owns the WebSocket and opens it again with backoff when Asterisk goes away. Its name as an
application is its own, so that workers and machines do not take each other's events away; nothing
of a call depends on that application, so calls go on in the dialplan whatever becomes of us.
"""

import asyncio
import base64
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, Self

import aiohttp
import structlog

from supervisor.ari.errors import (
    AriDisconnectedError,
    AriError,
    AriLoginError,
    AriProtocolError,
    AriRefusedError,
)
from supervisor.ari.events import REPLACED, WANTED, Event, channel_of, parse, text_of
from supervisor.asterisk_client import AsteriskClient
from supervisor.metrics import Metrics

REQUEST_LIMIT_S: Final = 5.0
"""Asterisk answers a request within milliseconds."""
PING_EVERY_S: Final = 15.0
MAX_EVENT_BYTES: Final = 1 << 20
NOT_ARI: Final = "what answers there is not ARI (see http.conf and ari.conf)"

_log = structlog.get_logger(__name__)


class AriClient(AsteriskClient[Event]):
    """Use it through :meth:`running`.

    What can be watched is a channel's id, or the name of a ``UserEvent`` of the dialplan.
    """

    def __init__(
        self, host: str, port: int, user: str, password: str, metrics: Metrics | None = None
    ) -> None:
        self._place = f"{host}:{port}"
        self._base = f"http://{self._place}/ari"
        login = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {login}"}
        reconnects = (metrics or Metrics()).ari_reconnects
        super().__init__("ari", (AriError, OSError, aiohttp.ClientError), reconnects)
        self._application = f"ramal-{secrets.token_hex(6)}"
        self._http: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Connect in the background and stay connected during the block."""
        async with self._open_http(), super().running():
            yield self

    @property
    def application(self) -> str:
        """Our name as an ARI application."""
        return self._application

    async def try_once(self) -> None:
        """Connect, log in and leave: a test of the settings. Raises :class:`AriError`."""
        async with self._open_http():
            await self._session(serve=False)

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        """Make a request (``path`` begins with ``/``) and return the answer's JSON.

        Raises :class:`AriRefusedError`, :class:`AriLoginError`, :class:`AriDisconnectedError`.
        """
        if self._http is None:
            raise AriDisconnectedError("there is no connection to Asterisk")
        try:
            async with self._http.request(
                method, self._base + path, params=query, json=body
            ) as response:
                if response.status >= 300:
                    raise _refusal(response.status, await response.text())
                if response.status == 204:
                    return None
                return await response.json()
        except (TimeoutError, aiohttp.ClientError, ValueError) as error:
            raise self._trouble(error) from error

    # ------------------------------------------------------------------ the event stream

    @asynccontextmanager
    async def _open_http(self) -> AsyncIterator[None]:
        limit = aiohttp.ClientTimeout(total=REQUEST_LIMIT_S)
        async with aiohttp.ClientSession(headers=self._headers, timeout=limit) as http:
            self._http = http
            try:
                yield
            finally:
                self._http = None

    async def _serve(self) -> None:
        await self._session(serve=True)

    async def _session(self, *, serve: bool) -> None:
        """From connecting to the stream's end, which is an error if we are to serve."""
        stream = await self._open_stream()
        try:
            wanted = {"allowed": [{"type": name} for name in WANTED]}
            path = f"/applications/{self._application}/eventFilter"
            await self.request("PUT", path, body=wanted)
            if serve:
                self._came()
                _log.info("ari.connected", place=self._place)
                await self._read(stream)
        finally:
            await stream.close()

    async def _open_stream(self) -> aiohttp.ClientWebSocketResponse:
        assert self._http is not None
        try:
            async with asyncio.timeout(REQUEST_LIMIT_S):
                return await self._http.ws_connect(
                    f"{self._base}/events",
                    params={"app": self._application, "subscribeAll": "true"},
                    heartbeat=PING_EVERY_S,
                    max_msg_size=MAX_EVENT_BYTES,
                    timeout=aiohttp.ClientWSTimeout(ws_close=1.0),
                )
        except aiohttp.WSServerHandshakeError as error:
            raise _refusal(error.status, "") from error
        except (TimeoutError, aiohttp.ClientError) as error:
            raise self._trouble(error) from error

    async def _read(self, stream: aiohttp.ClientWebSocketResponse) -> None:
        async for message in stream:
            if message.type is not aiohttp.WSMsgType.TEXT:
                break
            self._take(parse(message.data))
        raise AriDisconnectedError("Asterisk closed the event stream")

    def _take(self, event: Event) -> None:
        if event.get("type") == REPLACED:
            raise AriDisconnectedError("another program took our place as an ARI application")
        self._tell({text_of(channel_of(event), "id"), text_of(event, "eventname")} - {""}, event)

    def _trouble(self, error: Exception) -> AriError:
        if isinstance(error, TimeoutError):
            return AriDisconnectedError(f"{self._place} does not answer")
        if isinstance(error, aiohttp.ClientConnectorError):
            return AriDisconnectedError(f"nothing listens on {self._place}")
        if isinstance(error, (aiohttp.ContentTypeError, ValueError)):
            return AriProtocolError(NOT_ARI)
        return AriDisconnectedError(f"the connection to {self._place} broke: {error}")


def _refusal(status: int, text: str) -> AriError:
    if status in {401, 403}:
        return AriLoginError(
            "Asterisk refuses the ARI user or password, or lets it only read; compare [ari] in "
            "ramal.toml with ari.conf, then: asterisk -rx 'module reload res_ari.so'"
        )
    try:
        told = parse(text)
    except AriProtocolError:
        told = {}
    words = text_of(told, "message") or text_of(told, "error")
    if not words and status == 404:
        return AriProtocolError(NOT_ARI)
    return AriRefusedError(status, f"Asterisk refuses it with {status} {words}".rstrip())
