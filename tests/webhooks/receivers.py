"""Receivers of webhooks: real HTTP servers that are quick, slow, broken or gone."""

import asyncio
import ipaddress
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from supervisor.alarms import Alarms
from supervisor.metrics import Metrics
from supervisor.outgoing.addresses import Network
from supervisor.settings import OutgoingSettings, Settings, WebhookSettings
from supervisor.webhooks.courier import delivering

LOOPBACK: tuple[Network, ...] = (ipaddress.ip_network("127.0.0.0/8"),)
TO_LOOPBACK = OutgoingSettings(allow_networks=LOOPBACK, allow_http=True)
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Received:
    """A request as it came."""

    headers: dict[str, str]
    body: bytes

    @property
    def message(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.body)
        return told

    @property
    def type(self) -> str:
        return str(self.message["type"])


@dataclass
class Receiver:
    """Keeps what comes; ``answer`` may be changed at any time."""

    url: str = ""
    came: list[Received] = field(default_factory=list)
    answer: Answer | None = None
    status: int = 200
    now: int = 0
    """Requests that are being answered."""
    most: int = 0
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.StreamResponse:
        self.came.append(Received(dict(request.headers), await request.read()))
        self._news.set()
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            if self.answer is not None:
                return await self.answer(request)
            return web.Response(status=self.status, text="thanks")
        finally:
            self.now -= 1

    async def until(self, count: int, limit_s: float = 30.0) -> list[Received]:
        """Wait for so many requests, and return all that came."""
        async with asyncio.timeout(limit_s):
            while len(self.came) < count:
                self._news.clear()
                await self._news.wait()
        return self.came


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver on a free port."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_route("*", "/hook", receiver.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield receiver
    finally:
        await runner.cleanup()


@asynccontextmanager
async def a_courier(
    url: str,
    *,
    webhooks: WebhookSettings | None = None,
    outgoing: OutgoingSettings = TO_LOOPBACK,
    alarms: Alarms | None = None,
) -> AsyncIterator[Metrics]:
    """What delivers in the supervisor, alone."""
    metrics = Metrics()
    settings = Settings(outgoing=outgoing, webhooks=webhooks or WebhookSettings())
    async with delivering(settings, url, alarms or Alarms(metrics), metrics):
        yield metrics
