"""A session's joined talk: opened, limited in time, written down, and over when a leg is."""

import asyncio
import time
from collections.abc import Callable

from conversation.bridge import Bridge
from conversation.flow import Event, Parted
from conversation.leg import Leg
from conversation.owned_tasks import OwnedTasks
from conversation.patience import Patience
from conversation.record import CallRecord


class Joining:
    """Joins two parties of a call; at most one talk at a time."""

    def __init__(
        self,
        record: CallRecord,
        patience: Patience,
        tasks: OwnedTasks,
        post: Callable[[Event | None], None],
    ) -> None:
        self._record = record
        self._patience = patience
        self._tasks = tasks
        self._post = post
        self._talk: asyncio.Task[None] | None = None
        self._why = ""

    def join(self, one: Leg, other: Leg, limit_s: float) -> None:
        """Let both talk for at most ``limit_s`` seconds, as soon as we have said everything."""
        self.part("joined anew")
        self._talk = self._tasks.start(self._be_joined(Bridge(one, other), limit_s))

    def part(self, why: str) -> None:
        """End the talk, if there is one; ``why`` is for the journal."""
        if self._talk is not None:
            self._why = why
            self._talk.cancel()
            self._talk = None

    async def _be_joined(self, bridge: Bridge, limit_s: float) -> None:
        try:
            await bridge.open()
            self._patience.others_talk()
            self._record.write("joined", {"limit_s": limit_s})
            await self._talking(limit_s)
        finally:
            await bridge.close()
            self._patience.others_part()
        self._talk = None
        self._post(Parted())

    async def _talking(self, limit_s: float) -> None:
        began, self._why = time.monotonic(), "time_limit"
        try:
            await asyncio.sleep(limit_s)
        finally:
            talked_s = round(time.monotonic() - began, 1)
            self._record.write("parted", {"reason": self._why, "talked_s": talked_s})
