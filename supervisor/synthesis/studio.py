"""Carries synthesis jobs out in the supervisor, through outages, until it stops."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

import structlog

from engines.remote_speech import FindLatents
from supervisor.alarms import Alarms
from supervisor.database.job_queue import JobQueue
from supervisor.database.listening import listen
from supervisor.database.perseverance import Perseverance, wait_for
from supervisor.database.pool import Pool, pooled
from supervisor.database.synthesis_jobs import CHANNEL
from supervisor.database.voices import CHANNEL as VOICES
from supervisor.metrics import Metrics
from supervisor.settings import Settings
from supervisor.synthesis.desk import Desk, open_job_engine
from supervisor.synthesis.maker import Maker
from supervisor.synthesis.queue import queue_on
from supervisor.synthesis.upkeep import (
    expire_due,
    folders_to_remove,
    forget_revoked,
    queue_orphans,
    remove_folders,
)
from supervisor.voices.latents import FOLDER as LATENTS
from supervisor.voices.latents import LatentsStore
from tts.cloning import clone_id
from tts.engine import TtsEngine, Voice

SWEEP_EVERY_S: Final = 60.0
FAREWELL_S: Final = 3.0
"""For the sentence that is being made when the server stops; without it the next server makes it
again."""
ENDS: Final = frozenset({"done", "failed", "cancelled", "expired"})
"""States of jobs of which nothing is left on the machines that made them."""

OpenEngine = Callable[[Settings, FindLatents], TtsEngine]

_log = structlog.get_logger(__name__)


class Studio:
    """Keeps the queue running, and removes what is not wanted any more."""

    def __init__(self, url: str, pool: Pool, maker: Maker, desk: Desk) -> None:
        self._url = url
        self._pool = pool
        self._maker = maker
        self._desk = desk
        self._queue: JobQueue | None = None
        self._work = Perseverance(_log, "synthesis")
        self._dirty = asyncio.Event()
        maker.on_withdrawn = self._dirty.set

    async def make_for_ever(self) -> None:
        """Make items until :meth:`stop`, where this machine is to make any."""
        if self._desk.limits.at_once == 0:
            return
        await self._work.keep_at(self._make)

    def stop(self) -> None:
        """Begin nothing more; :meth:`make_for_ever` returns when what is under way is done."""
        self._work.stop()
        self._maker.stop()
        if self._queue is not None:
            self._queue.stop()

    async def tidy_for_ever(self) -> None:
        """Sweep every minute, and whenever a job ends or is removed; runs until cancelled."""
        following = listen(self._url, [CHANNEL, VOICES], self._changed, on_payload=self._notified)
        listening = asyncio.create_task(following, name="listen")
        try:
            while True:
                self._dirty.clear()
                await self._work.attempt(self.sweep)
                await wait_for(self._dirty, SWEEP_EVERY_S)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def sweep(self) -> None:
        """Queue what got lost, let results expire, and remove what is left here of jobs that are
        over. Raises what the database raises."""
        if lost := await queue_orphans(self._pool):
            _log.warning("synthesis.queued_again", items=lost)
        if expired := await expire_due(self._pool):
            _log.info("synthesis.expired", jobs=expired)
        keep = timedelta(days=self._desk.limits.keep_days)
        if forgotten := await forget_revoked(self._pool, keep):
            _log.info("synthesis.voice_revoked", items=forgotten)
        folder = self._desk.folder
        there = await asyncio.to_thread(folder.jobs)
        gone, known = await folders_to_remove(self._pool, there)
        if removed := await asyncio.to_thread(remove_folders, folder, gone, known):
            _log.info("synthesis.removed", folders=removed)

    async def _make(self) -> None:
        at_once = self._desk.limits.at_once
        async with queue_on(self._url, self._maker.attempt, at_once) as queue:
            self._queue = queue
            try:
                await queue.run()
            finally:
                self._queue = None

    def _changed(self, channel: str) -> None:
        if channel == VOICES:
            self._dirty.set()

    def _notified(self, payload: str) -> None:
        if payload.rpartition(" ")[2] in ENDS:
            self._dirty.set()


@asynccontextmanager
async def making(
    settings: Settings,
    url: str,
    alarms: Alarms,
    metrics: Metrics,
    open_engine: OpenEngine = open_job_engine,
) -> AsyncIterator[None]:
    """Carry jobs out during the block, on connections of their own."""
    desk = Desk.of(settings)
    async with pooled(url, at_once=False) as pool:
        latents = LatentsStore(pool, settings.data_dir / LATENTS)

        async def find_latents(voice: Voice) -> bytes | None:
            clone = clone_id(voice)
            return None if clone is None else await latents.find(clone, voice.version)

        maker = Maker(pool, lambda: open_engine(settings, find_latents), desk, alarms, metrics)
        studio = Studio(url, pool, maker, desk)
        working = asyncio.create_task(studio.make_for_ever(), name="synthesis jobs")
        tidying = asyncio.create_task(studio.tidy_for_ever(), name="synthesis upkeep")
        try:
            yield
        finally:
            studio.stop()
            await asyncio.wait([working], timeout=FAREWELL_S)
            for task in (working, tidying):
                task.cancel()
            await asyncio.gather(working, tidying, return_exceptions=True)
            await maker.close()
