"""The prompt cache: what was once said is not synthesised again."""

import asyncio
import hashlib
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tts.cloning import clone_id
from tts.engine import Voice, is_in_background
from tts.prompt_claims import PromptClaims
from tts.prompt_files import FileCounters, PromptFiles

MEMORY_BYTES = 64 << 20
"""An hour and ten minutes of speech at 8 kHz, half of that at 16 kHz."""

DISK_BYTES = 512 << 20

CLAIM_LIMIT_S = 60.0
"""Who makes a prompt for longer has got stuck: it is made a second time."""

NO_LOCK = -1
"""A claim on a disk that takes no files."""

_CLAIM_EVERY_S = 0.05
"""A file lock wakes nobody up."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PromptKey:
    """Everything that makes a prompt sound as it does; ``text`` is normalised."""

    voice: Voice
    text: str

    @property
    def name(self) -> str:
        """A file name: the digest of all fields, after the id of a cloned voice."""
        digest = hashlib.blake2b(repr(self).encode(), digest_size=20).hexdigest()
        clone = clone_id(self.voice)
        return f"{clone}/{digest}" if clone else digest


@dataclass(slots=True)
class CacheCounters:
    """Since the cache was opened; ``misses`` were found neither in memory nor on disk.

    These are of calls. ``ahead_found`` and ``ahead_missing`` are of what was rendered ahead.
    """

    memory_hits: int = 0
    disk_hits: int = 0
    misses: int = 0
    ahead_found: int = 0
    ahead_missing: int = 0
    stored: int = 0
    evicted: int = 0


class PromptCache:
    """Least recently used prompts in memory, over files that outlive the process.

    ``folder`` may be shared by any number of processes; without one only memory is used.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        memory_bytes: int = MEMORY_BYTES,
        disk_bytes: int = DISK_BYTES,
        edition: str = "",
    ) -> None:
        """``edition`` stands for what an engine was told beside the voice: another one finds
        nothing that was kept under this."""
        self._edition = edition
        self._memory: OrderedDict[PromptKey, bytes] = OrderedDict()
        self._memory_bytes = 0
        self._memory_limit_bytes = memory_bytes
        self._files = PromptFiles(folder, disk_bytes) if folder else None
        self._claims = PromptClaims(folder) if folder else None
        self._forgotten: set[str] = set()
        """Cloned voices of which nothing may be kept any more."""
        self.counters = CacheCounters()

    @property
    def file_counters(self) -> FileCounters:
        """Of the files; all zero without a folder."""
        return self._files.counters if self._files else FileCounters()

    @property
    def memory_bytes(self) -> int:
        """Audio held in memory."""
        return self._memory_bytes

    def recall(self, key: PromptKey) -> bytes | None:
        """The prompt if it is in memory; never waits. An absence is not counted as a miss."""
        audio = self._memory.get(key)
        if audio is not None:
            self._memory.move_to_end(key)
            if is_in_background():
                self.counters.ahead_found += 1
            else:
                self.counters.memory_hits += 1
        return audio

    def holds(self, key: PromptKey) -> int | None:
        """The bytes of the prompt if it is in memory, without using it."""
        audio = self._memory.get(key)
        return None if audio is None else len(audio)

    async def find(self, key: PromptKey) -> bytes | None:
        """The prompt from memory or disk; what comes from disk is in memory from then on."""
        if (audio := self.recall(key)) is None:
            audio = await self._look(key)
            self._count(found=audio is not None)
        return audio

    @asynccontextmanager
    async def making(self, key: PromptKey) -> AsyncIterator[bytes | None]:
        """Make a prompt in the block, while no other process makes it for later; or get what one
        made meanwhile.

        Nobody on the line waits for another process: what a call wants now is made at once.
        """
        ahead = is_in_background()
        claim = await self._claim(key, wait=ahead)
        try:
            yield await self._look(key) if ahead else None
        finally:
            self._give_back(key, claim)

    async def forget_voice(self, clone: str) -> bool:
        """Delete every prompt of a cloned voice, and keep none from now on; false where the disk
        refuses, now."""
        self._forgotten.add(clone)
        for key in [key for key in self._memory if clone_id(key.voice) == clone]:
            self._forget(key)
        return self._files is None or await asyncio.to_thread(self._files.remove_voice, clone)

    async def put_away(self, keys: Iterable[PromptKey]) -> None:
        """Hold these on disk alone until somebody needs them; those that are not there stay."""
        if (prompt_files := self._files) is None:
            return
        held = [key for key in keys if key in self._memory]

        def on_disk() -> list[PromptKey]:
            return [key for key in held if prompt_files.has(self._name(key))]

        for key in await asyncio.to_thread(on_disk):
            self._forget(key)

    async def store(self, key: PromptKey, audio: bytes) -> None:
        """Keep a whole prompt, first in memory, then on disk; a disk that refuses is counted."""
        if (clone := clone_id(key.voice)) in self._forgotten:
            return
        self._keep(key, audio)
        self.counters.stored += 1
        if self._files is None:
            return
        await asyncio.to_thread(self._files.write, self._name(key), audio)
        if clone is not None and clone in self._forgotten:  # meanwhile
            await asyncio.to_thread(self._files.remove_voice, clone)

    async def _look(self, key: PromptKey) -> bytes | None:
        """From memory or disk, uncounted."""
        audio = self._memory.get(key)
        if audio is None and self._files is not None:
            audio = await asyncio.to_thread(self._files.read, self._name(key))
            if audio is not None:
                self._keep(key, audio)
        return audio

    async def _claim(self, key: PromptKey, *, wait: bool) -> int | None:
        """A claim, if it could be had."""
        if self._claims is None:
            return None
        loop = asyncio.get_running_loop()
        until = loop.time() + CLAIM_LIMIT_S
        while True:
            taking = loop.run_in_executor(None, self._take, key)
            try:
                claim = await asyncio.shield(taking)
            except asyncio.CancelledError:
                taking.add_done_callback(lambda taken: self._give_back(key, taken.result()))
                raise
            if claim is not None or not wait or loop.time() > until:
                return claim
            await asyncio.sleep(_CLAIM_EVERY_S)

    def _name(self, key: PromptKey) -> str:
        if not self._edition:
            return key.name
        clone, slash, digest = key.name.rpartition("/")
        salted = hashlib.blake2b(f"{digest} {self._edition}".encode(), digest_size=20)
        return f"{clone}{slash}{salted.hexdigest()}"

    def _take(self, key: PromptKey) -> int | None:
        try:
            return self._claims.take(self._name(key)) if self._claims else None
        except OSError as refused:
            _log.warning("A prompt cannot be claimed, and may be made twice: %s", refused)
            return NO_LOCK

    def _give_back(self, key: PromptKey, claim: int | None) -> None:
        if self._claims is not None and claim not in (None, NO_LOCK):
            self._claims.give_back(self._name(key), claim)

    def _count(self, *, found: bool) -> None:
        counters = self.counters
        if is_in_background():
            counters.ahead_found += found
            counters.ahead_missing += not found
        else:
            counters.disk_hits += found
            counters.misses += not found

    def _keep(self, key: PromptKey, audio: bytes) -> None:
        if clone_id(key.voice) in self._forgotten:
            return
        self._forget(key)
        self._memory[key] = audio
        self._memory_bytes += len(audio)
        while self._memory_bytes > self._memory_limit_bytes:
            self._forget(next(iter(self._memory)))
            self.counters.evicted += 1

    def _forget(self, key: PromptKey) -> None:
        audio = self._memory.pop(key, None)
        if audio is not None:
            self._memory_bytes -= len(audio)
