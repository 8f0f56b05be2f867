"""The cloned voices that a worker speaks with, and that it stops speaking with when they are
revoked, in the middle of a call if need be."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final
from uuid import UUID

import structlog

from supervisor.database.listening import listen
from supervisor.database.pool import TROUBLE, Pool, end_if_cancelled
from supervisor.database.voices import CHANNEL, speaking
from supervisor.voices.latents import FOLDER, LatentsStore
from tts.cache import PromptCache
from tts.cloning import clone_id
from tts.engine import Voice

RETRY_S: Final = 2.0

_log = structlog.get_logger(__name__)


class Clones:
    """Knows who may speak. It follows the database from the first cloned voice on: a worker
    without one has no connection for that."""

    def __init__(self, pool: Pool, url: str, data_dir: Path) -> None:
        self._pool = pool
        self._url = url
        self._store = LatentsStore(pool, data_dir / FOLDER)
        self._known: set[str] = set()
        self._revoked: set[str] = set()
        self._cache: PromptCache | None = None
        self._usual: Callable[[str], Voice] | None = None
        self._changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def serve(self, cache: PromptCache, usual: Callable[[str], Voice]) -> None:
        """From now on delete what ``cache`` has of who is revoked, and have ``usual`` (by
        language) speak instead."""
        self._cache, self._usual = cache, usual

    def use(self, ids: Iterable[str]) -> None:
        """These may speak, as the database was read a moment ago; others may come to be revoked."""
        self._known |= set(ids)
        if self._known and not self._tasks:
            following = listen(self._url, [CHANNEL], lambda _: self._changed.set())
            self._tasks = [
                asyncio.create_task(following, name="voices"),
                asyncio.create_task(self._follow(), name="revoked voices"),
            ]

    def present(self, voice: Voice) -> Voice:
        """The voice itself, or who speaks in its place since it was revoked."""
        if clone_id(voice) not in self._revoked or self._usual is None:
            return voice
        return replace(self._usual(voice.language), rate_hz=voice.rate_hz)

    async def latents(self, voice: Voice) -> bytes | None:
        """Those of a cloned voice; ``None`` where it may not speak."""
        clone = clone_id(voice)
        if clone is None or clone in self._revoked:
            return None
        return await self._store.find(clone, voice.version)

    async def close(self) -> None:
        """Follow nothing any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _follow(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                gone = self._known - await speaking(self._pool, self._known)
            except TROUBLE as error:
                end_if_cancelled()
                _log.warning("voices.not_read", reason=str(error) or "timeout")
                self._changed.set()
                await asyncio.sleep(RETRY_S)
                continue
            for clone in gone:
                await self._revoke(clone)

    async def _revoke(self, clone: str) -> None:
        """What is being said is said to its end: from the next sentence on somebody else speaks."""
        self._known.discard(clone)
        self._revoked.add(clone)
        _log.info("voice.forgotten", voice=str(UUID(clone)))
        await self._store.forget(clone)
        if self._cache is not None:
            await self._cache.forget_voice(clone)
