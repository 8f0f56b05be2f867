"""How soon a prompt that was rendered before is there: ``python -m bench.prompts [--hits N]``.

From asking the speaker, text in hand, to the first chunk. The target is 1 ms from memory.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tts.cache import PromptCache
from tts.engine import Voice
from tts.speaker import Speaker

TARGET_MS: Final = 1.0
PROMPT_S: Final = 4
VOICE: Final = Voice("silence", "silence", "pt-BR")


@dataclass(frozen=True, slots=True)
class CacheHits:
    """Milliseconds to the first chunk, each measured once; ``disk_ms`` from the page cache."""

    memory_ms: tuple[float, ...]
    disk_ms: tuple[float, ...]


class _Silence:
    """An engine that is asked once for each text, before anything is measured."""

    name = "silence"

    async def start(self) -> str:
        return self.name

    async def synthesise(self, text: str, voice: Voice) -> AsyncGenerator[bytes, None]:
        yield bytes(PROMPT_S * 1000 * voice.bytes_per_ms)

    async def close(self) -> None:
        """There is nothing to end."""


async def cache_hits(folder: Path, hits: int = 500) -> CacheHits:
    """Render ``hits`` texts into ``folder``, and ask for each again: by a speaker that has them in
    memory, then by one that has just started."""
    texts = [f"O apartamento {number} foi chamado, aguarde na linha." for number in range(hits)]
    speaker = Speaker(_Silence(), PromptCache(folder, memory_bytes=1 << 30))
    await speaker.warm(texts, VOICE)
    memory_ms = await _first_chunks(speaker, texts)
    await speaker.close()
    later = Speaker(_Silence(), PromptCache(folder))
    disk_ms = await _first_chunks(later, texts)
    await later.close()
    return CacheHits(tuple(memory_ms), tuple(disk_ms))


async def _first_chunks(speaker: Speaker, texts: Sequence[str]) -> list[float]:
    taken = []
    for text in texts:
        began = time.perf_counter()
        async with aclosing(speaker.speak(text, VOICE)) as chunks:
            await anext(chunks)
        taken.append((time.perf_counter() - began) * 1000)
    return taken


def show(hits: CacheHits) -> None:
    """Median, 95th percentile and worst, against the target."""
    for where, taken in (("memory", hits.memory_ms), ("disk", hits.disk_ms)):
        ranked = sorted(taken)
        p95 = ranked[round(0.95 * (len(ranked) - 1))]
        median = statistics.median(ranked)
        target = f"   target {TARGET_MS:g} ms" if where == "memory" else ""
        print(f"cache hit, {where:6} {median:7.3f} ms median {p95:7.3f} p95{target}")


def main() -> None:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hits", type=int, default=500)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        show(asyncio.run(cache_hits(Path(folder), arguments.hits)))


if __name__ == "__main__":
    main()
