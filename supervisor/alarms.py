"""Alarms: what somebody should look at soon, as facts that can be counted, logged and sent on.

Whoever notices something raises it on the :class:`Alarms` of its process. Those of workers travel
to the supervisor's, where whoever sends alerts listens for all of them::

    with server.alarms.heard_by(post_to_webhooks):
        ...

A kind is a dotted name, ``worker.hung``; its text is one sentence for an operator, with the next
step where there is one. docs/design.md lists the kinds.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

import structlog

from supervisor.metrics import Metrics

REPEAT_AFTER_S: Final = 60.0
"""What goes on being wrong is told again so often, with how many times it was raised meanwhile."""
MOST_REMEMBERED: Final = 1_000
"""Alarms that are told apart; of more, the one that was told longest ago counts as a new one."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that went wrong, or, with ``over``, that is right again.

    ``subject`` tells two alarms of a kind apart (an extension's number, a worker's name);
    ``facts`` are JSON. ``times`` counts how often it was raised since it was told last.
    """

    kind: str
    text: str
    at: datetime
    subject: str = ""
    facts: Mapping[str, Any] | None = None
    times: int = 1
    over: bool = False

    def to_json(self) -> dict[str, Any]:
        """For the line from a worker, or a request."""
        return {**asdict(self), "at": self.at.isoformat(), "facts": dict(self.facts or {})}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Alarm":
        """What :meth:`to_json` made."""
        return cls(**{**data, "at": datetime.fromisoformat(data["at"])})


OnAlarm: TypeAlias = Callable[[Alarm], None]
"""Is handed an alarm on the event loop, and must not block: put it into a queue of your own."""


@dataclass(slots=True)
class _Told:
    at_s: float
    untold: int = 0


class Alarms:
    """The alarms of one process. ``repeat_after_s`` is for tests."""

    def __init__(self, metrics: Metrics, *, repeat_after_s: float = REPEAT_AFTER_S) -> None:
        self._metrics = metrics
        self._repeat_after_s = repeat_after_s
        self._told: dict[tuple[str, str], _Told] = {}
        self._listeners: list[OnAlarm] = []

    @contextmanager
    def heard_by(self, listener: OnAlarm) -> Iterator[None]:
        """Hand every alarm that is told during the block to ``listener``."""
        self._listeners.append(listener)
        try:
            yield
        finally:
            self._listeners.remove(listener)

    def raise_alarm(self, kind: str, text: str, *, subject: str = "", **facts: Any) -> None:
        """Something is wrong. Each time is counted; it is told at once, and then every
        :data:`REPEAT_AFTER_S` for as long as it is raised again."""
        self._metrics.alarms.labels(kind=kind).inc()
        now = time.monotonic()
        told = self._told.get((kind, subject))
        if told is not None and now - told.at_s < self._repeat_after_s:
            told.untold += 1
            return
        self._remember(kind, subject, now)
        times = 1 + (told.untold if told else 0)
        self._tell(Alarm(kind, text, datetime.now(UTC), subject, facts, times))

    def end_alarm(self, kind: str, text: str, *, subject: str = "", **facts: Any) -> None:
        """It is right again; says nothing where it was not raised before."""
        if self._told.pop((kind, subject), None) is not None:
            self._tell(Alarm(kind, text, datetime.now(UTC), subject, facts, over=True))

    def pass_on(self, alarm: Alarm) -> None:
        """Hand on what another process raised, which has counted and logged it."""
        for listener in tuple(self._listeners):
            listener(alarm)

    def _remember(self, kind: str, subject: str, now: float) -> None:
        self._told.pop((kind, subject), None)  # the youngest last
        self._told[kind, subject] = _Told(now)
        if len(self._told) > MOST_REMEMBERED:
            del self._told[next(iter(self._told))]

    def _tell(self, alarm: Alarm) -> None:
        say = _log.warning if alarm.over else _log.error
        facts = {"subject": alarm.subject, "times": alarm.times, **(alarm.facts or {})}
        say(alarm.kind, alarm="over" if alarm.over else True, text=alarm.text, **facts)
        self.pass_on(alarm)
