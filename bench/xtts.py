"""What XTTS costs: ``python -m bench xtts``, or ``python -m bench.xtts --precision int8``.

Weights are random and of the real size, made here in a temporary folder (1.8 GB), unless
``--model`` names a folder with real ones; random ones say the same number of audio tokens
(``--tokens``, 46 ms each) whatever the text, so this is about speed and never about sound. Streams
are asked for in the same instant. First audio is from asking the engine to its first slin; the
factor is wall time for a second of speech, of all streams together: below 1 it keeps up. CPU is
what all cores compute for a second of speech. Cancel is from closing an iterator to the model
being free. Nothing is cached; times are wall clock: close what else is running.
"""

import argparse
import asyncio
import gc
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import torch

from tests.tts.tiny_xtts import REAL, write_checkpoint
from tts.engine import another_take
from tts.xtts.engine import XttsEngine
from tts.xtts.names import xtts_voice
from tts.xtts.options import XttsOptions

TEXT = "Bom dia, aqui é da portaria, com quem o senhor deseja falar?"
VOICE = xtts_voice(None, "pt-BR")
CANCELS = 9


@dataclass(frozen=True, slots=True)
class Figures:
    """Of streams at once: milliseconds to the first audio, seconds of wall and CPU time for a
    second of speech."""

    firsts_ms: Sequence[float]
    factor: float
    cpu: float

    def row(self, streams: int, how: str) -> str:
        """A line of the table."""
        median, worst = statistics.median(self.firsts_ms), max(self.firsts_ms)
        times = f"{median:>11.0f} {worst:>10.0f}"
        return f"{streams:>7} {how:<11}{times} {self.factor:>11.2f} {self.cpu:>10.2f}"


@contextmanager
def checkpoint(model: Path | None, tokens: int) -> Iterator[Path]:
    """A folder with weights, real or random."""
    if model is not None:
        yield model
        return
    with tempfile.TemporaryDirectory(prefix="ramal-xtts-") as folder:
        yield write_checkpoint(Path(folder), replace(REAL, tokens=tokens))


async def measure(engine: XttsEngine, streams: int) -> Figures:
    """One sentence for each stream."""

    async def stream(number: int) -> tuple[float, float]:
        began, first, length = time.perf_counter(), 0.0, 0
        with another_take(number):
            async with aclosing(engine.synthesise(TEXT, VOICE)) as chunks:
                async for chunk in chunks:
                    first = first or time.perf_counter() - began
                    length += len(chunk)
        return first * 1000, length / VOICE.bytes_per_ms / 1000

    began, cpu = time.perf_counter(), time.process_time()
    ran = await asyncio.gather(*(stream(number) for number in range(streams)))
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    speech_s = sum(length for _, length in ran)
    return Figures([first for first, _ in ran], took / speech_s, cpu / speech_s)


async def cancels_ms(engine: XttsEngine) -> list[float]:
    """How long the model goes on after nobody listens any more."""
    took = []
    for _ in range(CANCELS):
        chunks = engine.synthesise(TEXT, VOICE)
        await anext(chunks)
        began = time.perf_counter()
        await chunks.aclose()
        await asyncio.to_thread(engine.studio.streams.wait_until_idle)
        took.append((time.perf_counter() - began) * 1000)
    return sorted(took)


def memory() -> str:
    """Of this process, and of its GPU."""
    told = f"{psutil.Process().memory_info().rss / 1e9:.1f} GB"
    if torch.cuda.is_available():
        told += f", {torch.cuda.max_memory_allocated() / 1e9:.1f} GB of the GPU's"
    return told


async def table(folder: Path, device: str, precision: str, streams: Sequence[int]) -> None:
    """All concurrencies in one precision; the largest also with each stream computed alone."""
    before = psutil.Process().memory_info().rss
    options = XttsOptions(folder, device=device, precision=precision, streams=max(streams))  # type: ignore[arg-type]
    engine = XttsEngine(options)
    began = time.perf_counter()
    print(f"\n{await engine.start()}: loaded in {time.perf_counter() - began:.0f} s")
    await measure(engine, 1)
    print("streams computed   first audio      worst      factor        CPU")
    print("                            ms         ms    s for 1 s  s for 1 s", flush=True)
    for count in streams:
        print((await measure(engine, count)).row(count, "together"), flush=True)
    if max(streams) > 1:
        engine.studio.streams.compute_together(1)
        print((await measure(engine, max(streams))).row(max(streams), "one by one"), flush=True)
        engine.studio.streams.compute_together(None)
    took = await cancels_ms(engine)
    print(f"cancel: {statistics.median(took):.0f} ms, worst {took[-1]:.0f} ms")
    print(f"memory: {memory()}; {before / 1e9:.1f} GB before", flush=True)
    await engine.close()


def main() -> None:
    """Every precision that this machine can compute, unless some are named."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--model", type=Path, help="a folder with real weights")
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    parser.add_argument("--precision", nargs="+", choices=["fp32", "bf16", "int8", "fp16"])
    parser.add_argument("--streams", type=int, nargs="+", default=[1, 2, 4, 8, 16])
    parser.add_argument("--tokens", type=int, default=40, help="that random weights say")
    chosen = parser.parse_args()
    on_gpu = chosen.device != "cpu" and torch.cuda.is_available()
    what = torch.cuda.get_device_name() if on_gpu else f"{torch.get_num_threads()} threads of a CPU"
    weights = chosen.model or f"random weights, {chosen.tokens + 1} tokens a sentence"
    print(f"XTTS-v2 on {what}; {weights}")
    with checkpoint(chosen.model, chosen.tokens) as folder:
        for precision in chosen.precision or (["fp16", "fp32"] if on_gpu else ["fp32", "int8"]):
            asyncio.run(table(folder, chosen.device, precision, chosen.streams))
            gc.collect()


if __name__ == "__main__":
    main()
