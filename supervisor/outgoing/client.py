"""One request to an address that a customer gave: guarded, bounded, and never redirected."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final, Literal

import aiohttp

from supervisor.outgoing.addresses import AddressGuard, ForbiddenAddressError

REQUEST_LIMIT_S: Final = 10.0
CONNECT_LIMIT_S: Final = 5.0
KEPT_BYTES: Final = 4096
"""Of an answer's body; what comes behind is not read."""
AGENT: Final = "Ramal"
_SECONDS: Final = re.compile(r"[0-9]{1,9}")

Fault = Literal["forbidden", "unreachable", "timeout", "broken"]


class OutgoingError(Exception):
    """No answer came. ``fault`` says which kind, the message in plain words why."""

    def __init__(self, fault: Fault, message: str) -> None:
        super().__init__(message)
        self.fault: Fault = fault


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered; ``body`` is its beginning, at most :data:`KEPT_BYTES`."""

    status: int
    body: bytes
    took_ms: float
    """From the request's first step to the last byte that was read."""
    retry_after_s: int | None = None
    """What the answer asks to wait, if it says so in seconds."""

    @property
    def is_success(self) -> bool:
        """A redirection is none: it is not followed."""
        return 200 <= self.status < 300


class Outgoing:
    """Sends requests; made by :func:`outgoing`."""

    def __init__(self, session: aiohttp.ClientSession, guard: AddressGuard) -> None:
        self._session = session
        self._guard = guard

    async def send(
        self,
        method: str,
        url: str,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        limit_s: float = REQUEST_LIMIT_S,
    ) -> Reply:
        """Send a request and read its answer within ``limit_s``; raises :class:`OutgoingError`."""
        if (objection := self._guard.objection(url)) is not None:
            raise OutgoingError("forbidden", f"The URL is refused: {objection}.")
        began = time.monotonic()
        try:
            async with asyncio.timeout(limit_s):
                reply = await self._exchange(method, url, body, headers or {})
        except TimeoutError:
            raise OutgoingError("timeout", f"No answer came within {limit_s:g} s.") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _told(error) from error
        return replace(reply, took_ms=(time.monotonic() - began) * 1000)

    async def _exchange(
        self, method: str, url: str, body: bytes, headers: Mapping[str, str]
    ) -> Reply:
        async with self._session.request(
            method, url, data=body or None, headers=headers, allow_redirects=False
        ) as response:
            asked = response.headers.get("Retry-After", "")
            wait_s = int(asked) if _SECONDS.fullmatch(asked) else None
            return Reply(response.status, await _beginning(response), 0.0, wait_s)


async def _beginning(response: aiohttp.ClientResponse) -> bytes:
    """Of the body; where there is more, the connection is closed."""
    kept = bytearray()
    while len(kept) < KEPT_BYTES:
        piece = await response.content.read(KEPT_BYTES - len(kept))
        if not piece:
            return bytes(kept)
        kept += piece
    response.close()
    return bytes(kept)


@asynccontextmanager
async def outgoing(guard: AddressGuard) -> AsyncIterator[Outgoing]:
    """A client whose every connection ``guard`` lets pass.

    No proxy of the environment is used (it would look names up itself), no cookie is kept, and no
    answer is decompressed. How many requests run at once is the caller's to bound.
    """
    connector = aiohttp.TCPConnector(limit=0, socket_factory=guard.socket_for)
    async with aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_LIMIT_S),
        headers={"User-Agent": AGENT, "Accept-Encoding": "identity"},
    ) as session:
        yield Outgoing(session, guard)


def _told(error: Exception) -> OutgoingError:
    """The error in plain words, without the addresses behind the name."""
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    match cause:
        case ForbiddenAddressError():
            return OutgoingError("forbidden", f"The URL is refused: {cause}.")
        case _ if isinstance(error, aiohttp.ClientConnectorDNSError):
            return OutgoingError("unreachable", "The host's name is not known.")
        case _ if isinstance(error, aiohttp.ClientSSLError):
            return OutgoingError("unreachable", "The host's certificate is not accepted.")
        case _ if isinstance(error, aiohttp.ClientConnectorError):
            return OutgoingError("unreachable", "The host takes no connection.")
        case aiohttp.ServerDisconnectedError() | OSError():
            return OutgoingError("broken", "The connection ended before an answer came.")
    return OutgoingError("broken", "What was answered is no HTTP.")
