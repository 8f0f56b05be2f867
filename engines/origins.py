"""Several servers for the same work: which one is asked first, and whom to ask next."""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Final

import aiohttp

from engines.address import Address

AVOIDED_S: Final = 10.0
"""A server that failed is asked last for so long; twice as long each time that it fails again."""
MOST_AVOIDED_S: Final = 160.0
CONNECT_LIMIT_S: Final = 0.5
PROBE_LIMIT_S: Final = 2.0
READY: Final = "readyz"
"""Where an engines process says whether it is well."""


class Origin:
    """One server and our connections to it.

    ``probe`` is a path that it answers with 200 while it is well. A server that has one is asked
    there, beside the calls, before calls go to it first again.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        connector: aiohttp.BaseConnector,
        headers: Mapping[str, str],
        probe: str | None = None,
    ) -> None:
        self.name = name
        self.failures = 0
        """Requests that it did not answer, or not to their end."""
        self._probe = probe
        self._probing: asyncio.Task[None] | None = None
        self._avoided_until: float | None = None
        self._avoided_s = AVOIDED_S
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_LIMIT_S)
        self.session = aiohttp.ClientSession(
            base_url=base_url, connector=connector, headers=headers, timeout=timeout
        )

    def failed(self) -> None:
        """Ask others first for a while."""
        self.failures += 1
        if self._avoided_until is None or self._avoided_until <= time.monotonic():
            self._avoid()  # those that were under way all fail together: once is enough

    def worked(self) -> None:
        """It did what it was asked."""
        self._avoided_s = AVOIDED_S

    @property
    def rank(self) -> float:
        """0 for one that may be asked first; of the others the smaller ones before."""
        if self._avoided_until is None:
            return 0.0
        if self._avoided_until > time.monotonic():
            return self._avoided_until
        if self._probe is None:
            self._avoided_until = None
            return 0.0
        if self._probing is None or self._probing.done():
            self._probing = asyncio.create_task(self._try(self._probe), name=f"try {self.name}")
        return self._avoided_until

    async def close(self) -> None:
        """End all connections."""
        if self._probing is not None:
            self._probing.cancel()
            await asyncio.gather(self._probing, return_exceptions=True)
        await self.session.close()

    def _avoid(self) -> None:
        self._avoided_until = time.monotonic() + self._avoided_s
        self._avoided_s = min(self._avoided_s * 2, MOST_AVOIDED_S)

    async def _try(self, path: str) -> None:
        try:
            async with asyncio.timeout(PROBE_LIMIT_S), self.session.get(path) as answer:
                is_well = answer.status == HTTPStatus.OK
        except (aiohttp.ClientError, OSError, TimeoutError):
            is_well = False
        if is_well:
            self._avoided_until = None
        else:
            self._avoid()


class Origins:
    """Servers in the order in which they are asked: those that failed lately come last.

    Connections are opened when they are needed and kept. Make it on the event loop.
    """

    def __init__(self, origins: Sequence[Origin]) -> None:
        if not origins:
            raise ValueError("there is no address")
        self._origins = tuple(origins)

    @classmethod
    def of_engines(cls, addresses: Sequence[str], token: str | None) -> "Origins":
        """Of ``unix:`` and ``http:`` addresses. Raises ``ValueError``."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        parsed = [Address.parse(each) for each in addresses]
        return cls(
            [Origin(str(each), each.base_url, _connector(each), headers, READY) for each in parsed]
        )

    @classmethod
    def of_urls(cls, base_urls: Sequence[str], key: str | None) -> "Origins":
        """Of servers that speak OpenAI's API, such as ``https://api.openai.com/v1``."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        urls = [each.rstrip("/") + "/" for each in base_urls]
        return cls([Origin(url, url, aiohttp.TCPConnector(limit=0), headers) for url in urls])

    def shares(
        self, patience_s: float, first: Origin | None = None
    ) -> Iterator[tuple[Origin, float]]:
        """``first``, to whom we speak already, and then the others in order, each with its share of
        the time that is left when it is asked: one that hangs leaves some to the next. Ends when
        the time does."""
        deadline = time.monotonic() + patience_s
        order = sorted(self.in_order(), key=lambda each: each is not first)
        for number, origin in enumerate(order):
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                return
            yield origin, left_s / (len(order) - number)

    def in_order(self) -> list[Origin]:
        """All of them, the best first."""
        return sorted(self._origins, key=lambda each: each.rank)

    async def close(self) -> None:
        """End all connections."""
        for each in self._origins:
            await each.close()


def _connector(address: Address) -> aiohttp.BaseConnector:
    if address.path is not None:
        return aiohttp.UnixConnector(address.path, limit=0)
    return aiohttp.TCPConnector(limit=0)


async def reason_of(answer: aiohttp.ClientResponse) -> str:
    """What a server says of a request that it does not answer as we wish."""
    try:
        body = await answer.json(content_type=None)
        said = body["error"]["message"]
    except (aiohttp.ClientError, ValueError, KeyError, TypeError):
        said = answer.reason or "no reason given"
    return f"{answer.status}: {said}"
