"""Tasks that somebody owns: kept until they are done, their failures told, none left behind."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class OwnedTasks:
    """Starts work beside its owner. ``failed`` is told an exception that nobody awaits, and
    ``done`` that a task is over, however it ended."""

    def __init__(
        self, failed: Callable[[BaseException], None], done: Callable[[], None] = lambda: None
    ) -> None:
        self._failed = failed
        self._done = done
        self._tasks: set[asyncio.Task[None]] = set()

    def start(
        self, work: Coroutine[Any, Any, None], name: str | None = None
    ) -> "asyncio.Task[None]":
        """Run ``work`` from the next turn of the loop on."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._forget)
        return task

    async def finish(self, within_s: float | None) -> None:
        """Wait until everything is done, but no longer than that; ``None``: it ends by itself."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=within_s)

    async def cancel(self) -> None:
        """Stop everything, and wait until it has stopped; idempotent."""
        for task in self._tasks.copy():
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _forget(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failed(error)
        self._done()
