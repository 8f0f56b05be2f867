"""The prompt cache: what was once said is not synthesised again."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tts.engine import Voice
from tts.prompt_files import FileCounters, PromptFiles

MEMORY_BYTES = 64 << 20
"""An hour and ten minutes of speech at 8 kHz, half of that at 16 kHz."""

DISK_BYTES = 512 << 20


@dataclass(frozen=True, slots=True)
class PromptKey:
    """Everything that makes a prompt sound as it does; ``text`` is normalised."""

    voice: Voice
    text: str

    @property
    def name(self) -> str:
        """A file name: the digest of all fields."""
        return hashlib.blake2b(repr(self).encode(), digest_size=20).hexdigest()


@dataclass(slots=True)
class CacheCounters:
    """Since the cache was opened; ``misses`` were found neither in memory nor on disk."""

    memory_hits: int = 0
    disk_hits: int = 0
    misses: int = 0
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
    ) -> None:
        self._memory: OrderedDict[PromptKey, bytes] = OrderedDict()
        self._memory_bytes = 0
        self._memory_limit_bytes = memory_bytes
        self._files = PromptFiles(folder, disk_bytes) if folder else None
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
            self.counters.memory_hits += 1
        return audio

    def holds(self, key: PromptKey) -> int | None:
        """The bytes of the prompt if it is in memory, without using it."""
        audio = self._memory.get(key)
        return None if audio is None else len(audio)

    async def find(self, key: PromptKey) -> bytes | None:
        """The prompt from memory or disk; what comes from disk is in memory from then on."""
        if (audio := self.recall(key)) is not None:
            return audio
        if self._files is not None:
            audio = await asyncio.to_thread(self._files.read, key.name)
        if audio is None:
            self.counters.misses += 1
            return None
        self.counters.disk_hits += 1
        self._keep(key, audio)
        return audio

    async def put_away(self, keys: Iterable[PromptKey]) -> None:
        """Hold these on disk alone until somebody needs them; those that are not there stay."""
        if (prompt_files := self._files) is None:
            return
        held = [key for key in keys if key in self._memory]

        def on_disk() -> list[PromptKey]:
            return [key for key in held if prompt_files.has(key.name)]

        for key in await asyncio.to_thread(on_disk):
            self._forget(key)

    async def store(self, key: PromptKey, audio: bytes) -> None:
        """Keep a whole prompt, first in memory, then on disk; a disk that refuses is counted."""
        self._keep(key, audio)
        self.counters.stored += 1
        if self._files is not None:
            await asyncio.to_thread(self._files.write, key.name, audio)

    def _keep(self, key: PromptKey, audio: bytes) -> None:
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
