"""The database as seen from the supervisor: there, or away since when and why, told once."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import structlog

from supervisor.alarms import Alarms
from supervisor.database.pool import (
    TROUBLE,
    DatabaseError,
    HopelessDatabaseError,
    end_if_cancelled,
)

FIRST_RETRY_S: Final = 0.2
LAST_RETRY_S: Final = 5.0
ALARM_AFTER_S: Final = 10.0
"""A server that is restarted is back by then."""
AWAY: Final = "database.away"
REASON: Final = "the database cannot be used (the log says why)"

Result = TypeVar("Result")

_log = structlog.get_logger(__name__)


class Outage:
    """Whether the database is away. Each change is logged once, and alarmed if it lasts."""

    def __init__(self, alarms: Alarms, *, alarm_after_s: float = ALARM_AFTER_S) -> None:
        self._alarms = alarms
        self._alarm_after_s = alarm_after_s
        self._why: str | None = None
        self._since_s = 0.0

    @property
    def reason(self) -> str | None:
        """For those who ask whether we are ready, who may be anybody; ``None`` if all is well."""
        return None if self._why is None else REASON

    def away(self, error: Exception, next_try_s: float) -> None:
        """Something could not be done; it is tried again in ``next_try_s`` seconds."""
        now, why = time.monotonic(), str(error) or "It does not answer in time."
        if self._why is None:
            self._since_s = now
        if why != self._why:
            self._why = why
            _log.warning("database.waited_for", reason=why, next_try_s=next_try_s)
        if now - self._since_s >= self._alarm_after_s:
            away_s = round(now - self._since_s)
            self._alarms.raise_alarm(
                AWAY, f"The database has been away for {away_s} s: {why}", away_s=away_s
            )

    def back(self) -> None:
        """It does what we ask."""
        if self._why is None:
            return
        self._why = None
        away_s = round(time.monotonic() - self._since_s, 1)
        _log.info("database.back", away_s=away_s)
        self._alarms.end_alarm(AWAY, f"The database is back after {away_s:g} s.", away_s=away_s)


async def persist(work: Callable[[], Awaitable[Result]], outage: Outage) -> Result:
    """Do something with the database, again and again until it lets us.

    Raises ``HopelessDatabaseError`` for what no waiting mends.
    """
    retry_s = FIRST_RETRY_S
    while True:
        try:
            result = await work()
        except HopelessDatabaseError:
            raise
        except (DatabaseError, *TROUBLE) as error:
            end_if_cancelled()
            outage.away(error, retry_s)
        else:
            outage.back()
            return result
        await asyncio.sleep(retry_s)
        retry_s = min(retry_s * 2, LAST_RETRY_S)
