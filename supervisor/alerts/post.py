"""Hands alarms on to people and webhooks, each once, and not too many at a time."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

import asyncpg
import structlog

from supervisor.alarms import Alarm, Alarms
from supervisor.alerts.messenger import Messenger, messenger_of
from supervisor.alerts.table import note
from supervisor.database.pool import AWAY, DatabaseError, Pool, end_if_cancelled, pooled
from supervisor.settings import AlertSettings

MOST_WAITING: Final = 500
"""Alarms that wait for the database or for people; one more is in log and figures alone."""
RETRY_AFTER_S: Final = 5.0
"""For alarms that the database did not take."""
NOTE_LIMIT_S: Final = 3.0
FAREWELL_S: Final = 5.0
HOUR_S: Final = 3600.0

_log = structlog.get_logger(__name__)


class AlertPost:
    """Takes alarms at any time; :meth:`run` hands them on.

    Without the database it is decided here what is news, so that people hear of that too; the table
    and the webhooks get it later.
    """

    def __init__(
        self,
        pool: Pool,
        messenger: Messenger,
        most_per_hour: int,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pool = pool
        self._messenger = messenger
        self._most_per_hour = most_per_hour
        self._clock = clock
        self._waiting: asyncio.Queue[Alarm] = asyncio.Queue(MOST_WAITING)
        self._later: deque[Alarm] = deque(maxlen=MOST_WAITING)
        self._told_alone: set[tuple[str, str]] = set()
        self._told_at_s: deque[float] = deque()
        self._untold = 0

    def take(self, alarm: Alarm) -> None:
        """A listener of :class:`~supervisor.alarms.Alarms`; never blocks."""
        if self._waiting.full():
            _log.warning("alert.dropped", kind=alarm.kind, subject=alarm.subject)
        else:
            self._waiting.put_nowait(alarm)

    async def handled(self) -> None:
        """Return once everything that was taken is handed on, as far as that is possible now."""
        await self._waiting.join()

    async def run(self) -> None:
        """Hand on what comes, until cancelled."""
        while True:
            try:
                async with asyncio.timeout(RETRY_AFTER_S if self._later else None):
                    alarm = await self._waiting.get()
            except TimeoutError:
                await self._catch_up()
                continue
            try:
                await self._hand_on(alarm)
            except Exception:  # one alarm's trouble must not silence all others
                _log.exception("alert.failed", kind=alarm.kind)
            finally:
                self._waiting.task_done()

    async def _hand_on(self, alarm: Alarm) -> None:
        await self._catch_up()
        is_news = None if self._later else await self._note(alarm)
        if is_news is None:
            self._later.append(alarm)
            is_news = self._is_news_alone(alarm)
        if is_news:
            await self._tell(alarm)

    async def _catch_up(self) -> None:
        """Note what the database did not take; people were told already."""
        while self._later and await self._note(self._later[0]) is not None:
            self._later.popleft()
        if not self._later:
            self._told_alone.clear()

    async def _note(self, alarm: Alarm) -> bool | None:
        """Whether it is news; ``None`` where the database cannot say."""
        try:
            async with asyncio.timeout(NOTE_LIMIT_S), self._pool.acquire() as connection:
                return await note(connection, alarm)
        except (DatabaseError, *AWAY) as error:
            end_if_cancelled()
            _log.warning("alert.waits", kind=alarm.kind, error=str(error) or "timeout")
            return None
        except asyncpg.PostgresError as error:  # it would say so every time
            _log.error("alert.refused", kind=alarm.kind, error=str(error))
            return self._is_news_alone(alarm)

    def _is_news_alone(self, alarm: Alarm) -> bool:
        key = alarm.kind, alarm.subject
        if alarm.over:
            self._told_alone.discard(key)
            return True
        is_news = key not in self._told_alone
        self._told_alone.add(key)
        return is_news

    async def _tell(self, alarm: Alarm) -> None:
        now = self._clock()
        while self._told_at_s and self._told_at_s[0] <= now - HOUR_S:
            self._told_at_s.popleft()
        if len(self._told_at_s) >= self._most_per_hour:
            self._untold += 1
            return
        self._told_at_s.append(now)
        untold, self._untold = self._untold, 0
        await self._messenger.tell(*wording(alarm, untold))


def wording(alarm: Alarm, untold: int = 0) -> tuple[str, str]:
    """Title and text of a message; ``untold`` others were kept back before it."""
    about = f" ({alarm.subject})" if alarm.subject else ""
    title = f"Ramal: {'resolved: ' if alarm.over else ''}{alarm.kind}{about}"
    more = f"\n\n{untold} alerts before this one were not sent; see /api/v1/alerts." * bool(untold)
    return title, f"{alarm.text}\n\n{alarm.at:%Y-%m-%d %H:%M:%S} UTC{more}"


@asynccontextmanager
async def alerting(settings: AlertSettings, url: str, alarms: Alarms) -> AsyncIterator[None]:
    """Hand alarms on during the block. Raises ``OperatorError`` for addresses that are none."""
    messenger = messenger_of(settings)
    async with pooled(url, size=1, at_once=False) as pool:
        post = AlertPost(pool, messenger, settings.most_per_hour)
        running = asyncio.create_task(post.run(), name="alerts")
        try:
            with alarms.heard_by(post.take):
                yield
        finally:
            joining = asyncio.create_task(post.handled())
            await asyncio.wait(
                {joining, running}, timeout=FAREWELL_S, return_when=asyncio.FIRST_COMPLETED
            )
            for task in (joining, running):
                task.cancel()
            await asyncio.gather(joining, running, return_exceptions=True)
