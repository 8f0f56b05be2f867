"""A way for ``openai``'s client to reach nothing but addresses that the guard lets pass.

The check is made where the connection is: on the very address, so that no name can lead elsewhere
between check and use.
"""

import asyncio
import socket
from collections.abc import Iterable
from typing import Any

import httpcore2
import httpx2

from supervisor.outgoing.addresses import AddressGuard


class _GuardedBackend(httpcore2.AsyncNetworkBackend):
    """Connects to allowed addresses; the name is still what the certificate is checked for."""

    def __init__(self, guard: AddressGuard) -> None:
        self._guard = guard
        self._inner = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to the first address of a name that is allowed and answers."""
        try:
            async with asyncio.timeout(timeout):
                found = await asyncio.get_running_loop().getaddrinfo(
                    host, port, type=socket.SOCK_STREAM
                )
        except TimeoutError as late:
            raise httpcore2.ConnectTimeout(str(late)) from late
        except OSError as unknown:
            raise httpcore2.ConnectError("the host's name is not known") from unknown
        allowed = [info[4][0] for info in found if self._guard.allows(str(info[4][0]))]
        if not allowed:
            raise httpcore2.ConnectError("the address is not a public one")
        return await self._inner.connect_tcp(
            str(allowed[0]), port, timeout, local_address, socket_options
        )

    async def sleep(self, seconds: float) -> None:
        """Between attempts to connect."""
        await self._inner.sleep(seconds)


class _GuardedTransport(httpx2.AsyncHTTPTransport):
    """httpx's own transport, on a pool whose every connection is looked at."""

    def __init__(self, guard: AddressGuard, limits: httpx2.Limits) -> None:
        super().__init__(limits=limits, trust_env=False)
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=httpx2.create_ssl_context(trust_env=False),
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=_GuardedBackend(guard),
        )


def guarded_transport(guard: AddressGuard, limits: httpx2.Limits) -> httpx2.AsyncBaseTransport:
    """A transport for one client, which closes it."""
    return _GuardedTransport(guard, limits)
