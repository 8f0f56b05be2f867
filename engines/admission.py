"""Who may use an engine now, who waits, and who is told at once that waiting is no use."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

MOST_WAITING: Final = 64
_NEW_SHARE: Final = 0.2
"""How much the newest measurement moves an average."""
_LEAST_RETRY_S: Final = 1.0


class Priority(IntEnum):
    """Smaller goes first."""

    LIVE = 0
    """Somebody is on the line."""
    BACKGROUND = 1
    """Prompts made ahead, jobs, other programs."""


class RefusedError(Exception):
    """No place in time. The message says why; ``retry_after_s`` is when there may be one."""

    def __init__(self, reason: str, retry_after_s: float) -> None:
        super().__init__(reason)
        self.retry_after_s = max(_LEAST_RETRY_S, retry_after_s)


@dataclass(slots=True)
class Pace:
    """What requests took, as moving averages: ``answer_s`` until the answer or its first sound,
    ``unit_s`` of a place for each unit of work (a character, a second of audio)."""

    answer_s: float = 0.0
    unit_s: float = 0.0

    def answered(self, took_s: float) -> None:
        """A request had its (first) answer ``took_s`` after it got a place."""
        self.answer_s += _NEW_SHARE * (took_s - self.answer_s) if self.answer_s else took_s

    def ended(self, took_s: float, units: float) -> None:
        """A request of so many units held its place for ``took_s``."""
        each = took_s / max(units, 1.0)
        self.unit_s += _NEW_SHARE * (each - self.unit_s) if self.unit_s else each


@dataclass(slots=True, eq=False)
class Place:
    """A request's place at the engine, or its wait for one."""

    admission: "Admission"
    priority: Priority
    units: float
    turn: "asyncio.Future[None]"
    since: float = 0.0
    is_answered: bool = False
    error: Exception | None = None
    """Why the answer broke off, where that is not raised: half of it was sent."""

    def answered(self) -> None:
        """The answer, or its first sound, is there; only the first time counts."""
        if not self.is_answered:
            self.is_answered = True
            self.admission.pace.answered(time.monotonic() - self.since)

    async def give_way(self) -> None:
        """Between two pieces of background work: let a live request that waits go first."""
        if self.priority is Priority.BACKGROUND and self.admission.is_wanted_live:
            await self.admission.take_turns(self)


@dataclass(slots=True, eq=False)
class Admission:
    """``places`` requests at once, live ones first; ``most_waiting`` may wait for a place.

    Background work leaves one place of several free, so that a caller hardly ever waits for it.
    """

    places: int
    most_waiting: int = MOST_WAITING
    pace: Pace = field(default_factory=Pace)
    _running: set[Place] = field(default_factory=set)
    _waiting: list[Place] = field(default_factory=list)

    @asynccontextmanager
    async def place(
        self, priority: Priority, units: float, deadline_s: float
    ) -> AsyncIterator[Place]:
        """A place during the block. Raises :class:`RefusedError`, at once if the deadline (from
        now, for the answer or its first sound) cannot be met as far as we can tell."""
        self._check(priority, units, deadline_s)
        turn = asyncio.get_running_loop().create_future()
        place = Place(self, priority, units, turn)
        self._waiting.append(place)
        self._call_next()
        try:
            await self._turn(place, deadline_s)
            yield place
        finally:
            self._leave(place)

    @property
    def waiting(self) -> int:
        """Requests that have no place yet."""
        return len(self._waiting)

    @property
    def running(self) -> int:
        """Requests that have one."""
        return len(self._running)

    @property
    def is_wanted_live(self) -> bool:
        """Whether somebody on the line waits."""
        return any(each.priority is Priority.LIVE for each in self._waiting)

    def wait_s(self, priority: Priority) -> float:
        """How long a request that came now would wait for a place, by what others took."""
        if self._is_free_for(priority) and not self._ahead(priority):
            return 0.0
        now = time.monotonic()
        left_s = sum(max(0.0, each.since + self._cost_s(each) - now) for each in self._running)
        ahead_s = sum(self._cost_s(each) for each in self._ahead(priority))
        return (left_s + ahead_s) / self.places

    async def take_turns(self, place: Place) -> None:
        """Give a running request's place up, and wait at the head of its kind for another."""
        self._running.discard(place)
        place.turn = asyncio.get_running_loop().create_future()
        self._waiting.insert(0, place)
        self._call_next()
        await place.turn

    def _check(self, priority: Priority, units: float, deadline_s: float) -> None:
        wait_s = self.wait_s(priority)
        if wait_s and len(self._waiting) >= self.most_waiting:
            raise RefusedError(f"{len(self._waiting)} requests wait already", wait_s)
        answer_s = self.pace.answer_s or units * self.pace.unit_s
        if wait_s + answer_s > deadline_s:
            raise RefusedError(
                f"the answer would take about {wait_s + answer_s:.2f} s, {wait_s:.2f} s of them "
                f"waiting, and is wanted in {deadline_s:.2f} s",
                wait_s,
            )

    async def _turn(self, place: Place, deadline_s: float) -> None:
        try:
            async with asyncio.timeout(deadline_s):
                await place.turn
        except TimeoutError:
            reason = f"no place became free in the {deadline_s:.2f} s that there were"
            raise RefusedError(reason, self.wait_s(place.priority)) from None

    def _leave(self, place: Place) -> None:
        if place in self._running:
            self._running.discard(place)
            self.pace.ended(time.monotonic() - place.since, place.units)
        with suppress(ValueError):
            self._waiting.remove(place)
        self._call_next()

    def _call_next(self) -> None:
        for place in sorted(self._waiting, key=lambda each: each.priority):
            if not self._is_free_for(place.priority):
                return
            self._waiting.remove(place)
            self._running.add(place)
            place.since = time.monotonic()
            if not place.turn.done():
                place.turn.set_result(None)

    def _is_free_for(self, priority: Priority) -> bool:
        if len(self._running) >= self.places:
            return False
        if priority is Priority.LIVE:
            return True
        others = sum(each.priority is Priority.BACKGROUND for each in self._running)
        return others < max(1, self.places - 1)

    def _ahead(self, priority: Priority) -> list[Place]:
        return [each for each in self._waiting if each.priority <= priority]

    def _cost_s(self, place: Place) -> float:
        return place.units * self.pace.unit_s
