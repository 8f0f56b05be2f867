"""Who computes next: calls before what is made ahead, in the order in which they came."""

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """``at_once`` places. Of several, one is kept free of what nobody on the line waits for."""

    def __init__(self, at_once: int) -> None:
        self._at_once = self._free = at_once
        self._kept = 1 if at_once > 1 else 0
        self._numbers = itertools.count()
        self._waiting: list[tuple[bool, int, asyncio.Future[None]]] = []

    @property
    def taken(self) -> int:
        """Places in use."""
        return self._at_once - self._free

    @property
    def waiting(self) -> int:
        """How many have no place yet."""
        return sum(not future.done() for _, _, future in self._waiting)

    @asynccontextmanager
    async def one(self, *, in_background: bool) -> AsyncIterator[None]:
        """A place, as soon as it is this one's turn."""
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (in_background, next(self._numbers), future))
        self._give()
        try:
            await future
        except asyncio.CancelledError:
            if not future.cancelled():  # it came in the moment in which we were cancelled
                self._take_back()
            raise
        try:
            yield
        finally:
            self._take_back()

    def _take_back(self) -> None:
        self._free += 1
        self._give()

    def _give(self) -> None:
        while self._waiting:
            in_background, _, future = self._waiting[0]
            if future.done():
                heapq.heappop(self._waiting)
                continue
            if self._free <= (self._kept if in_background else 0):
                return
            heapq.heappop(self._waiting)
            self._free -= 1
            future.set_result(None)
