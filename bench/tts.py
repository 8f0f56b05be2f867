"""What speech costs: ``python -m bench.tts [--texts N]`` prints one line per figure.

First audio is from asking the speaker to its first chunk, with a warm helper and an empty cache;
the real-time factor is CPU time of the helper per second of speech; memory hits are timed whole.
Times are wall clock on whatever else the machine does: read the median and the worst.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from tts.cache import PromptCache
from tts.engine import Voice
from tts.espeak import EspeakEngine, espeak_voice
from tts.normalising import normaliser_for
from tts.speaker import Speaker

TEXT = "Visitante {}: a Sra. Rita, do apto. 501, bl. B, autorizou a sua entrada às 14h30."


async def first_audio_ms(speaker: Speaker, text: str, voice: Voice) -> tuple[float, float, int]:
    """Milliseconds to the first chunk and to the last one, and bytes."""
    start = time.perf_counter()
    first, length = 0.0, 0
    async for chunk in speaker.speak(text, voice):
        first = first or time.perf_counter() - start
        length += len(chunk)
    return first * 1000, (time.perf_counter() - start) * 1000, length


async def fresh(speaker: Speaker, texts: Sequence[str], helper: psutil.Process) -> None:
    """Texts that nobody asked for before, one after another."""
    before = helper.cpu_times()
    runs = [await first_audio_ms(speaker, text, espeak_voice()) for text in texts]
    after = helper.cpu_times()
    seconds = sum(length for _, _, length in runs) / 16000
    cpu = after.user + after.system - before.user - before.system
    show("first audio, nothing cached", [first for first, _, _ in runs], "ms")
    show("last audio, nothing cached", [last for _, last, _ in runs], "ms")
    print(f"{'helper, CPU seconds per second of speech':44} {cpu / seconds:8.4f}")
    print(f"{'speech per text':44} {seconds / len(texts):8.2f} s")


async def cached(speaker: Speaker, texts: Sequence[str], what: str) -> None:
    """The same texts again."""
    times = [(await first_audio_ms(speaker, text, espeak_voice()))[1] * 1000 for text in texts]
    show(what, times, "us")


async def together(speaker: Speaker, at_once: int) -> None:
    """Many calls that ask for different new texts in the same instant."""
    texts = [TEXT.format(f"{number} de {at_once} ao mesmo tempo") for number in range(at_once)]
    runs = await asyncio.gather(*(first_audio_ms(speaker, text, espeak_voice()) for text in texts))
    show(f"first audio, {at_once} new texts at once", [first for first, _, _ in runs], "ms")


def normalising(texts: Sequence[str]) -> None:
    """The normaliser alone."""
    normaliser = normaliser_for("pt-BR")
    times = []
    for text in texts:
        start = time.perf_counter()
        normaliser.normalise(text)
        times.append((time.perf_counter() - start) * 1e6)
    show("normalising a sentence of 80 characters", times, "us")


def show(what: str, values: Sequence[float], unit: str) -> None:
    """Median, 95th percentile and worst."""
    ranked = sorted(values)
    p95 = ranked[min(len(ranked) - 1, round(0.95 * len(ranked)))]
    print(
        f"{what:44} {statistics.median(ranked):8.2f} {unit} median"
        f" {p95:8.2f} p95 {ranked[-1]:8.2f} worst"
    )


async def run(count: int, folder: Path) -> None:
    """All figures, in the order in which they are read."""
    texts = [TEXT.format(number) for number in range(count)]
    engine = EspeakEngine()
    start = time.perf_counter()
    description = await engine.start()
    print(f"{description}, up in {(time.perf_counter() - start) * 1000:.0f} ms")
    speaker = Speaker(engine, PromptCache(folder))
    try:
        await first_audio_ms(speaker, "Aquecimento.", espeak_voice())
        await fresh(speaker, texts, psutil.Process(engine.helper_pids[0]))
        await cached(speaker, texts, "whole text from memory")
        await speaker.close()
        later = Speaker(engine, PromptCache(folder))
        await cached(later, texts, "whole text from disk")
        await together(later, 20)
        await later.close()
        normalising(texts)
    finally:
        await engine.close()


def main() -> None:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=100)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(arguments.texts, Path(folder)))


if __name__ == "__main__":
    main()
