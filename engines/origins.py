"""Several servers for the same work: which one is asked first, and whom to ask next."""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import aiohttp

from engines.address import Address

AVOIDED_S: Final = 10.0
"""A server that failed is asked last for so long."""
CONNECT_LIMIT_S: Final = 0.5


class Origin:
    """One server and our connections to it."""

    def __init__(
        self, name: str, base_url: str, connector: aiohttp.BaseConnector, headers: Mapping[str, str]
    ) -> None:
        self.name = name
        self.avoided_until = 0.0
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_LIMIT_S)
        self.session = aiohttp.ClientSession(
            base_url=base_url, connector=connector, headers=headers, timeout=timeout
        )

    def failed(self) -> None:
        """Ask others first for a while."""
        self.avoided_until = time.monotonic() + AVOIDED_S


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
        return cls([Origin(str(each), each.base_url, _connector(each), headers) for each in parsed])

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
        now = time.monotonic()
        return sorted(self._origins, key=lambda each: max(0.0, each.avoided_until - now))

    async def close(self) -> None:
        """End all connections."""
        for each in self._origins:
            await each.session.close()


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
