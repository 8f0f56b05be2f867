"""Work that goes on through outages: tried again, later each time, and complained of once."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from supervisor.database.complaint import Complaint
from supervisor.database.pool import TROUBLE, DatabaseError, end_if_cancelled

FIRST_RETRY_S: Final = 0.5
LAST_RETRY_S: Final = 10.0

Work = Callable[[], Awaitable[None]]


class Perseverance:
    """Keeps at the work of one queue. ``log`` gets ``NAME.waits`` while the database is away, and
    ``NAME.failed`` for whatever else goes wrong."""

    def __init__(self, log: Any, name: str) -> None:
        self._log = log
        self._name = name
        self._complaint = Complaint(log.warning, f"{name}.waits")
        self._stops = asyncio.Event()

    def stop(self) -> None:
        """Begin nothing again; :meth:`keep_at` returns when what is under way is done."""
        self._stops.set()

    async def keep_at(self, work: Work) -> None:
        """Do ``work`` again whenever it ends or fails, until :meth:`stop`."""
        retry_s = FIRST_RETRY_S
        while not self._stops.is_set():
            began = time.monotonic()
            try:
                await work()
            except Exception as error:  # whatever it is, work must go on, and somebody know
                end_if_cancelled()
                self._say(error)
                retry_s = FIRST_RETRY_S if time.monotonic() - began > LAST_RETRY_S else retry_s * 2
                retry_s = min(retry_s, LAST_RETRY_S)
                await wait_for(self._stops, retry_s)

    async def attempt(self, work: Work) -> None:
        """Do ``work`` once. The database or the disk may be away: there is a next time."""
        try:
            await work()
            self._complaint.over()
        except (DatabaseError, *TROUBLE) as error:
            end_if_cancelled()
            self._say(error)

    def _say(self, error: Exception) -> None:
        if isinstance(error, (DatabaseError, *TROUBLE)):
            self._complaint.about(error)
        else:
            self._log.error(f"{self._name}.failed", exc_info=error)


async def wait_for(event: asyncio.Event, limit_s: float) -> None:
    """Until ``event`` is set, but no longer than that."""
    try:
        async with asyncio.timeout(limit_s):
            await event.wait()
    except TimeoutError:
        return
