"""The worker in reserve: started ahead, with its engines loaded, for the place of one that dies."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import chain, repeat
from typing import Final

import structlog

from supervisor.workers.channel import Fields
from supervisor.workers.process import HandleMessage, WorkerFailedError, WorkerProcess

SPARE_AFTER_S: Final = 2.0
"""At the start of the server those who take calls load their engines first. Later the next spare
is started as soon as one was needed: who died may die again."""
AGAIN_AFTER_S: Final = 30.0
"""A spare that does not start is tried again so often, and at once when one is needed."""

_log = structlog.get_logger(__name__)


class Reserve:
    """At most one spare worker; ``start`` starts one. Not ``wanted``, there never is any.

    ``handle`` is told what the spare says meanwhile, and ``on_ready`` that it is ready.
    """

    def __init__(
        self,
        start: Callable[[], Awaitable[WorkerProcess]],
        handle: HandleMessage,
        on_ready: Callable[[], Awaitable[None]],
        *,
        wanted: bool,
    ) -> None:
        self._start = start
        self._handle = handle
        self._on_ready = on_ready
        self._wanted = wanted
        self._spare: asyncio.Task[WorkerProcess] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()
        self._was_needed = False

    async def take(self) -> WorkerProcess:
        """The spare if it lives, waiting for one that starts already; else a new worker.

        Raises ``WorkerFailedError``.
        """
        spare = await self._no_longer_spare()
        if spare is not None:
            self._hurry.set()
            self._was_needed = True
            try:
                worker = await spare
            except WorkerFailedError as error:
                _log.warning("worker.spare_failed", reason=str(error))
            else:
                if worker.lives:
                    return worker
                await worker.kill()
        return await self._start()

    def prepare(self) -> None:
        """Have one started, if there is none."""
        if self._wanted and self._spare is None:
            self._hurry = asyncio.Event()
            after_s = 0.0 if self._was_needed else SPARE_AFTER_S
            self._spare = asyncio.create_task(self._start_soon(after_s), name="spare worker")
            self._spare.add_done_callback(self._look_after)

    async def tell(self, kind: str, fields: Fields) -> None:
        """Send the spare a message, if it is ready."""
        if self._watching is not None and self._spare is not None:
            await self._spare.result().tell(kind, fields)

    async def dismiss(self) -> None:
        """End the spare; there will be no other."""
        self._wanted = False
        if (spare := await self._no_longer_spare()) is None:
            return
        spare.cancel()
        [result] = await asyncio.gather(spare, return_exceptions=True)
        if isinstance(result, WorkerProcess):
            await result.kill()

    async def _start_soon(self, after_s: float) -> WorkerProcess:
        for wait_s in chain([after_s], repeat(AGAIN_AFTER_S)):
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._hurry.wait()
            try:
                return await self._start()
            except WorkerFailedError as error:
                if self._hurry.is_set():
                    raise
                _log.warning("worker.spare_failed", reason=str(error))
        raise AssertionError("there is always another try")

    async def _no_longer_spare(self) -> "asyncio.Task[WorkerProcess] | None":
        spare, self._spare = self._spare, None
        watching, self._watching = self._watching, None
        if watching is not None:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
        return spare

    def _look_after(self, spare: "asyncio.Task[WorkerProcess]") -> None:
        if spare is self._spare and not spare.cancelled() and spare.exception() is None:
            self._watching = asyncio.create_task(self._watch(spare.result()), name="spare's line")

    async def _watch(self, worker: WorkerProcess) -> None:
        """Have another started, in its time, where this one dies before it was needed."""
        await self._on_ready()
        ended = await worker.watch(self._handle)
        _log.warning("worker.spare_lost", reason=ended.reason)
        self._spare = self._watching = None
        self._was_needed = False
        self.prepare()
