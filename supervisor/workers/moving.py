"""Moving an extension from one worker to another while both live."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias
from uuid import UUID

import structlog

from supervisor.workers import messages
from supervisor.workers.balance import better_spread
from supervisor.workers.post import Assignment, Post
from supervisor.workers.process import WorkerProcess

MOVE_EVERY_S: Final = 5.0
"""The loads have to show what the last move has changed."""
MOVE_LIMIT_S: Final = 30.0
"""For a worker to take up an extension that another one has: after it, that one keeps it."""

HandOver: TypeAlias = Callable[[Post, Assignment], Awaitable[None]]
"""Has a post's worker serve what is assigned to it."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Move:
    taker: WorkerProcess
    answer: "asyncio.Future[bool]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    """Whether the taker accepts its calls."""


class Mover:
    """Has workers that are far over the others give extensions away, one after the other."""

    def __init__(self, hand_over: HandOver) -> None:
        self._hand_over = hand_over
        self._moves: dict[UUID, _Move] = {}
        self._next_at = 0.0

    def due(self, posts: Sequence[Post]) -> tuple[Post, UUID, Post] | None:
        """The next move among ``posts``, to be given to :meth:`move` at once; ``None`` for none."""
        if self._moves or time.monotonic() < self._next_at:
            return None
        if (found := better_spread(posts)) is not None:
            self._next_at = time.monotonic() + MOVE_EVERY_S
        return found

    async def move(self, giver: Post, extension_id: UUID, taker: Post) -> None:
        """Let another worker take up an extension, and only then the first one let go of it.

        Its callers are answered all the while, and a call that comes in between stays where it is.
        """
        if taker.worker is None or extension_id not in giver.assignments:
            return
        before = taker.assignments[extension_id] = giver.assignments.pop(extension_id)
        taken = await self._is_taken(extension_id, taker, taker.worker, before)
        if not taken and (now := taker.assignments.pop(extension_id, None)) is not None:
            giver.assignments[extension_id] = now
            if now is not before:
                await self._hand_over(giver, now)
        for post in (giver, taker):
            if extension_id not in post.assignments and post.worker is not None:
                await post.worker.tell(messages.STOP, {"extension_id": str(extension_id)})
        what = "extension.moved" if taken else "extension.not_moved"
        _log.info(what, number=before.extension.number)

    def takes(self, extension_id: UUID, worker: WorkerProcess, *, accepts: bool) -> bool:
        """Whether what ``worker`` told of an extension is about its move, and not about its row."""
        move = self._moves.get(extension_id)
        if move is None or move.taker is not worker or move.answer.done():
            return False
        move.answer.set_result(accepts)
        return True

    async def _is_taken(
        self, extension_id: UUID, taker: Post, worker: WorkerProcess, assignment: Assignment
    ) -> bool:
        move = self._moves[extension_id] = _Move(worker)
        try:
            async with asyncio.timeout(MOVE_LIMIT_S):
                await self._hand_over(taker, assignment)
                return await move.answer
        except TimeoutError:
            return False
        finally:
            del self._moves[extension_id]
