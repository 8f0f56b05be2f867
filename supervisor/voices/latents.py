"""Latents on this machine: in memory over disk over the database, each by its digest."""

import asyncio
import os
import shutil
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import UUID

import structlog

from supervisor.database.pool import TROUBLE, Pool
from supervisor.database.voices import latents_of
from tts.cloning import digest_of

FOLDER: Final = "voices"
IN_MEMORY: Final = 32
"""Voices; XTTS-v2's take 133 kB each."""

_log = structlog.get_logger(__name__)


class LatentsStore:
    """Finds latents, also while the database is away. ``folder`` is shared by all workers of the
    machine, and for this user's eyes only."""

    def __init__(self, pool: Pool, folder: Path) -> None:
        self._pool = pool
        self._folder = folder
        self._memory: OrderedDict[tuple[str, str], bytes] = OrderedDict()

    async def find(self, clone: str, version: str) -> bytes | None:
        """Those of a voice, by its id and their digest; ``None`` where nobody has them any more."""
        key = clone, version
        if key in self._memory:
            self._memory.move_to_end(key)
            return self._memory[key]
        latents = await asyncio.to_thread(self._read, clone, version)
        if latents is None:
            latents = await self._fetch(clone, version)
        if latents is None:
            return None
        self._memory[key] = latents
        while len(self._memory) > IN_MEMORY:
            self._memory.popitem(last=False)
        return latents

    async def forget(self, clone: str) -> None:
        """Delete what there is of a voice, in memory and on disk."""
        for key in [key for key in self._memory if key[0] == clone]:
            del self._memory[key]
        await asyncio.to_thread(shutil.rmtree, self._folder / clone, ignore_errors=True)

    def kept(self) -> set[str]:
        """The ids of the voices that are on disk."""
        with suppress(OSError):
            return {path.name for path in self._folder.iterdir()}
        return set()

    async def _fetch(self, clone: str, version: str) -> bytes | None:
        try:
            latents = await latents_of(self._pool, UUID(clone), version)
        except TROUBLE as error:
            _log.warning("voice.latents_not_read", voice=clone, reason=str(error) or "timeout")
            return None
        if latents is not None:
            await asyncio.to_thread(self._write, clone, version, latents)
        return latents

    def _read(self, clone: str, version: str) -> bytes | None:
        path = self._folder / clone / version
        with suppress(OSError):
            latents = path.read_bytes()
            if digest_of(latents) == version:
                return latents
            path.unlink()  # a disk that changed it
        return None

    def _write(self, clone: str, version: str, latents: bytes) -> None:
        path = self._folder / clone / version
        fresh = path.with_name(f".{version}.{os.getpid()}")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh.write_bytes(latents)
            fresh.chmod(0o600)
            fresh.replace(path)
        except OSError as refused:
            _log.warning("voice.latents_not_kept", voice=clone, reason=refused.strerror)
