"""When a visitor is expected: from one moment to another, on some days, at some hours."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Window:
    """``weekdays`` are 1 (Monday) to 7, all where there are none; hours are those of the place's
    clock, whatever summer time does to it. Hours that end before they begin go past midnight, and
    then belong to the day on which they begin."""

    starts_at: datetime
    ends_at: datetime
    weekdays: tuple[int, ...] = ()
    from_time: time | None = None
    until_time: time | None = None

    def is_open(self, now: datetime, zone: ZoneInfo) -> bool:
        """Whether ``now``, which knows its zone, is in it; its ends belong to what follows."""
        if not self.starts_at <= now < self.ends_at:
            return False
        here = now.astimezone(zone)
        if self.from_time is None or self.until_time is None:
            return self._has_day(here)
        if self.from_time < self.until_time:
            return self._has_day(here) and self.from_time <= here.time() < self.until_time
        yesterday = here - timedelta(days=1)
        return (here.time() >= self.from_time and self._has_day(here)) or (
            here.time() < self.until_time and self._has_day(yesterday)
        )

    def _has_day(self, here: datetime) -> bool:
        return not self.weekdays or here.isoweekday() in self.weekdays
