"""A worker's place, what is assigned to it, and how much that is."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from supervisor.database.extensions import Extension
from supervisor.listeners import Listeners
from supervisor.workers.process import WorkerProcess
from supervisor.workers.suspicion import Suspicion

HALF_LIFE_S: Final = 600.0
"""Calls of ten minutes ago count half: who was busy just now will be again."""
STANDING_BY: Final = 0.02
"""Calls that an extension stands for that had none yet: one of three minutes in a busy hour is
0.05, and at night there is none."""


@dataclass(slots=True)
class Load:
    """The calls of one extension: now, and a decayed average."""

    calls: int = 0
    average: float = 0.0

    def note(self, calls: int, since_s: float) -> None:
        """What its worker tells, ``since_s`` after it did so before."""
        kept = 0.5 ** (since_s / HALF_LIFE_S)
        self.average = self.average * kept + calls * (1 - kept)
        self.calls = calls

    @property
    def expected(self) -> float:
        """Calls to reckon with."""
        return max(self.calls, self.average) + STANDING_BY


@dataclass(frozen=True, slots=True)
class Assignment:
    """An extension with its sockets; a change of its settings keeps its ``load``."""

    extension: Extension
    listeners: Listeners
    load: Load = field(default_factory=Load)


@dataclass(slots=True, eq=False)
class Post:
    """A place for one worker, whoever fills it now."""

    isolated: bool
    assignments: dict[UUID, Assignment] = field(default_factory=dict)
    worker: WorkerProcess | None = None
    task: "asyncio.Task[None] | None" = None
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once a worker had what is assigned here."""
    suspicion: Suspicion = field(default_factory=Suspicion)
    replaced: bool = False
    """Whether another post has taken over: when this one's worker ends, none follows."""
    leaving: bool = False
    noted_at: float = 0.0
    """When its worker told of its calls last (monotonic)."""

    @property
    def expected(self) -> float:
        """Calls to reckon with, all extensions together."""
        return sum(each.load.expected for each in self.assignments.values())

    def note(self, calls: Mapping[str, int], now: float) -> None:
        """What the worker tells of its extensions' calls, by id; it names only those with calls."""
        since_s, self.noted_at = now - (self.noted_at or now), now
        for extension_id, assignment in self.assignments.items():
            assignment.load.note(calls.get(str(extension_id), 0), since_s)


def least_busy(posts: Iterable[Post]) -> Post | None:
    """Of workers that are equals, each with a processor of its own: the one with the fewest calls
    to reckon with."""
    return min(posts, key=lambda post: post.expected, default=None)
