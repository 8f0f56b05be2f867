"""Latents of cloned voices at an engines process, by their digest.

They are in memory alone, and for an hour after their last use: who revokes a voice need not find
every machine that ever spoke with it.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from tts.cloning import digest_of

IDLE_S: Final = 3600.0
MEMORY_BYTES: Final = 64 << 20
"""500 voices of XTTS-v2."""


class KnownVoices:
    """Latents by digest; the ones not used for longest go first."""

    def __init__(
        self,
        *,
        idle_s: float = IDLE_S,
        memory_bytes: int = MEMORY_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._idle_s = idle_s
        self._memory_bytes = memory_bytes
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, bytes]] = OrderedDict()

    def learn(self, latents: bytes) -> str:
        """Know them from now on, by their digest."""
        digest = digest_of(latents)
        self._known[digest] = self._clock(), latents
        self._known.move_to_end(digest)
        self._tidy()
        return digest

    def latents(self, digest: str) -> bytes | None:
        """Those of that digest, which count as used now."""
        self._tidy()
        if digest not in self._known:
            return None
        _, latents = self._known[digest]
        self.learn(latents)
        return latents

    def forget(self, digest: str) -> None:
        """Know them no more."""
        self._known.pop(digest, None)

    def __len__(self) -> int:
        self._tidy()
        return len(self._known)

    def _tidy(self) -> None:
        since = self._clock() - self._idle_s
        while self._known and (self._is_too_much() or next(iter(self._known.values()))[0] < since):
            self._known.popitem(last=False)

    def _is_too_much(self) -> bool:
        return sum(len(latents) for _, latents in self._known.values()) > self._memory_bytes
