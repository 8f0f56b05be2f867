"""What clients of Asterisk have in common that stay connected, whatever interface they speak."""

import asyncio
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final, Generic, Self, TypeAlias, TypeVar

import structlog
from prometheus_client import Counter

FIRST_RETRY_S: Final = 0.2
LAST_RETRY_S: Final = 10.0

Told = TypeVar("Told")
"""What Asterisk sends: an event in the interface's own form."""

EventHandler: TypeAlias = Callable[[Told | None], None]
"""Called on the event loop with each event, and with ``None`` when the connection is lost."""

_log = structlog.get_logger(__name__)


class AsteriskClient(ABC, Generic[Told]):
    """One task owns the connection, and tries again with backoff when Asterisk goes away.

    ``name`` is that of the interface in the log, ``troubles`` are the exceptions that end a
    session and are got over, ``reconnects`` counts the connections that were lost.
    """

    def __init__(
        self, name: str, troubles: tuple[type[Exception], ...], reconnects: Counter
    ) -> None:
        self._name = name
        self._troubles = troubles
        self._reconnects = reconnects
        self._watchers: defaultdict[str, list[EventHandler[Told]]] = defaultdict(list)
        self._connected = asyncio.Event()
        self._away = asyncio.Event()
        self._away.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Connect in the background and stay connected during the block."""
        task = asyncio.create_task(self._stay_connected(), name=self._name)
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    @property
    def is_connected(self) -> bool:
        """Whether we are logged in, and events come, now."""
        return self._connected.is_set()

    async def connected(self) -> None:
        """Wait until there is a connection; give it a time-out of your own."""
        await self._connected.wait()

    async def away(self) -> None:
        """Wait until there is no connection."""
        await self._away.wait()

    @contextmanager
    def watching(self, key: str, handler: EventHandler[Told]) -> Iterator[None]:
        """Hand ``handler`` every event about ``key``; the driver says what can be one."""
        self._watchers[key].append(handler)
        try:
            yield
        finally:
            handlers = self._watchers[key]
            handlers.remove(handler)
            if not handlers:
                del self._watchers[key]

    # ------------------------------------------------------------------ for drivers

    @abstractmethod
    async def _serve(self) -> None:
        """From connecting to the connection's end, which is one of the troubles."""

    def _why(self, error: Exception) -> str:
        """A trouble in words, for the log."""
        return str(error)

    def _came(self) -> None:
        """The connection is good from now on."""
        self._connected.set()
        self._away.clear()

    def _tell(self, keys: Iterable[str], event: Told) -> None:
        for key in keys:
            for handler in tuple(self._watchers.get(key, ())):
                handler(event)

    def _lose(self) -> None:
        """Tell everybody who waits that nothing will come."""
        self._connected.clear()
        self._away.set()
        for handlers in tuple(self._watchers.values()):
            for handler in tuple(handlers):
                handler(None)

    async def _stay_connected(self) -> None:
        retry_s = FIRST_RETRY_S
        while True:
            try:
                await self._serve()
            except self._troubles as error:
                if self.is_connected:
                    retry_s = FIRST_RETRY_S
                    self._reconnects.inc()
                _log.warning(f"{self._name}.away", error=self._why(error), retry_s=retry_s)
            finally:
                self._lose()
            await asyncio.sleep(retry_s)
            retry_s = min(retry_s * 2, LAST_RETRY_S)
