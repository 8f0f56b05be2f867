"""What neural voices cost a CPU: ``python -m bench.neural [--streams 1 2 4] [--kinds piper]``.

First audio is from asking the engine to its first chunk; the real-time factor is wall time per
second of speech, of all streams together, so below 1 the machine keeps up; CPU is its share for
one stream. Cancel is from cancelling to the only thread being free for another. Weights are random
and of the real size (bench/neural_models.py); phonemes, resampling and shaping are included,
nothing is cached. Times are wall clock: close what else is running.
"""

import argparse
import asyncio
import gc
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.neural_models import kokoro_82m, piper_medium
from tts.engine import TtsEngine, Voice
from tts.neural.engine import NeuralEngine
from tts.neural.kokoro import KokoroFolder
from tts.neural.piper import PiperFolder
from tts.neural.voices import VoiceFolder

SENTENCE = "Bom dia, aqui é a portaria. Com quem o senhor deseja falar, e qual é o apartamento?"
MAKERS: dict[str, tuple[Callable[[Path], Path], Callable[[Path], VoiceFolder], Voice]] = {
    "piper": (piper_medium, PiperFolder, Voice("piper", "pt_BR-random-medium", "pt-BR")),
    "kokoro": (kokoro_82m, KokoroFolder, Voice("kokoro", "pf_random", "pt-BR")),
}


@dataclass(frozen=True, slots=True)
class Figures:
    """Of ``streams`` at once: milliseconds to the first audio, median and worst; wall seconds for
    a second of speech, all together; CPU seconds for a second of speech."""

    streams: int
    first_ms: float
    worst_first_ms: float
    real_time_factor: float
    cpu_factor: float


async def measure(engine: TtsEngine, voice: Voice, streams: int) -> Figures:
    """One sentence for each stream, all asked for in the same instant."""

    async def stream() -> tuple[float, float]:
        began, first, length = time.perf_counter(), 0.0, 0
        async for chunk in engine.synthesise(SENTENCE, voice):
            first = first or time.perf_counter() - began
            length += len(chunk)
        return first * 1000, length / (2 * voice.rate_hz)

    began, cpu = time.perf_counter(), time.process_time()
    ran = await asyncio.gather(*(stream() for _ in range(streams)))
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    firsts = sorted(first for first, _ in ran)
    speech = sum(length for _, length in ran)
    return Figures(streams, firsts[len(firsts) // 2], firsts[-1], took / speech, cpu / speech)


async def cancels_ms(engine: NeuralEngine, voice: Voice) -> list[float]:
    """From cancelling a text in the making to the engine's one thread being free for another."""
    took = []
    for wait_s in (0.03, 0.04, 0.05, 0.06, 0.07):
        task = asyncio.create_task(anext(engine.synthesise(SENTENCE, voice)))
        await asyncio.sleep(wait_s)
        began = time.perf_counter()
        if task.cancel():
            await asyncio.wait([task])
            await engine.idle()
            took.append((time.perf_counter() - began) * 1000)
    await engine.close()
    return sorted(took)


async def table(kind: str, streams: list[int], threads: int) -> None:
    """Print the figures of one kind of voice."""
    make, opening, voice = MAKERS[kind]
    with tempfile.TemporaryDirectory() as name:
        folder = make(Path(name))
        megabytes = sum(path.stat().st_size for path in folder.rglob("*.onnx")) >> 20
        engine = NeuralEngine(kind, lambda: opening(folder), voice=voice, at_once=threads)
        gc.collect()
        process, began = psutil.Process(), time.perf_counter()
        before = process.memory_info().rss
        await engine.start()
        ready_s = time.perf_counter() - began
        print(
            f"{kind}, random weights, {megabytes} MB, {threads} threads, ready in {ready_s:.1f} s"
        )
        print("streams  first audio ms (worst)      RTF  CPU s/s")
        for count in streams:
            ran = await measure(engine, voice, count)
            print(
                f"{count:7} {ran.first_ms:12.0f} ({ran.worst_first_ms:6.0f}) "
                f"{ran.real_time_factor:10.3f} {ran.cpu_factor:8.3f}"
            )
        memory = process.memory_info().rss - before >> 20
        await engine.close()
        alone = NeuralEngine(kind, lambda: opening(folder), voice=voice)
        await alone.start()
        cancels = await cancels_ms(alone, voice)
        print(f"cancel at worst {cancels[-1]:.1f} ms; memory of the engine {memory} MB\n")


def main() -> None:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, nargs="+", default=[1, 2, 4, 8, 16])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--kinds", nargs="+", choices=sorted(MAKERS), default=sorted(MAKERS))
    arguments = parser.parse_args()
    for kind in arguments.kinds:
        asyncio.run(table(kind, arguments.streams, arguments.threads))


if __name__ == "__main__":
    main()
