"""What Whisper costs: ``python -m bench whisper``, or ``python -m bench.whisper --models tiny``.

Models of real sizes with random weights, made here: each says the same 10 words whatever it hears,
so times are those of the real model for such an answer, and nothing is said about recognition.
Wall time from asking to the text, on whatever else the machine does; ``CPU`` is what one text
costs all cores; ``lag`` is how late a 5 ms timer on the event loop was meanwhile, at worst and in
the 99th percentile, to be compared with the first line's, when nothing is recognised.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from stt.recogniser import Hints, RecogniserBusyError
from stt.whisper import WhisperOptions, WhisperRecogniser
from tests.speech import say
from tests.stt.scripted_whisper import SHAPES, write_model

PHRASE = "boa noite eu vim entregar uma encomenda no apartamento quinhentos"
SECONDS = (1, 3, 6)
AT_ONCE = (1, 2, 4, 8)
REDUCED_S = 8
TICK_S = 0.005


@dataclass(frozen=True, slots=True)
class Sample:
    """Milliseconds of each text, of CPU for one of them, and how late the loop was."""

    texts_ms: Sequence[float]
    cpu_ms: float
    lags_ms: Sequence[float]


@asynccontextmanager
async def pulse() -> AsyncIterator[list[float]]:
    """A timer on the event loop; what it gives grows by how many milliseconds it was late."""
    lags_ms: list[float] = []

    async def beat() -> None:
        while True:
            due = time.perf_counter() + TICK_S
            await asyncio.sleep(TICK_S)
            lags_ms.append((time.perf_counter() - due) * 1000)

    beating = asyncio.create_task(beat())
    try:
        yield lags_ms
    finally:
        beating.cancel()


def lag(lags_ms: Sequence[float]) -> str:
    """The worst and the 99th percentile, as the tables have them."""
    ranked = sorted(lags_ms)
    return f"{ranked[-1]:.0f} ms worst, {ranked[int(0.99 * (len(ranked) - 1))]:.1f} p99"


def cpu_s() -> float:
    """Seconds that this process has computed, on all cores."""
    times = psutil.Process().cpu_times()
    return times.user + times.system


def speech(seconds: int) -> np.ndarray:
    """So much of a voice, int16 at 8 kHz."""
    voice = say("boa noite, eu vim entregar uma encomenda no apartamento quinhentos e um")
    return np.resize(voice, seconds * 8000)


async def idle() -> None:
    """How late the timer is while nothing of ours runs."""
    async with pulse() as lags_ms:
        await asyncio.sleep(3)
    print(f"nothing is recognised: lag {lag(lags_ms)}")


async def measure(engine: WhisperRecogniser, seconds: int, at_once: int, rounds: int) -> Sample:
    """``at_once`` callers finish in the same instant, ``rounds`` times."""
    audio, texts_ms = speech(seconds), []

    async def one() -> float:
        stream = engine.stream("pt-BR", Hints())
        stream.feed(audio)
        began = time.perf_counter()
        text = (await stream.result()).text
        assert text == PHRASE, text
        return (time.perf_counter() - began) * 1000

    used = cpu_s()
    async with pulse() as lags_ms:
        for _ in range(rounds):
            texts_ms += await asyncio.gather(*(one() for _ in range(at_once)))
    return Sample(texts_ms, (cpu_s() - used) / len(texts_ms) * 1000, lags_ms)


def cell(sample: Sample) -> str:
    """A table's cell, 33 wide."""
    middle, worst = statistics.median(sample.texts_ms), max(sample.texts_ms)
    return f"{middle:>13.0f} / {worst:>5.0f} / {sample.cpu_ms:>5.0f} ms"


async def load(name: str, folder: Path, window_s: int | None, rounds: int, device: str) -> None:
    """All utterances and concurrencies with one model and window."""
    options = WhisperOptions(
        str(folder), device=device, window_s=window_s, partial_every_s=0, deadline_s=600
    )
    before = psutil.Process().memory_info().rss
    began = time.perf_counter()
    engine = await WhisperRecogniser.open(options)
    opened_s = time.perf_counter() - began
    grown = (psutil.Process().memory_info().rss - before) / 2**20
    print(f"\n{name}, window {window_s or 30} s: warm in {opened_s:.1f} s, {grown:+.0f} MiB")
    heads = "".join(f"{f'{seconds} s: median / worst / CPU':>33}" for seconds in SECONDS)
    print(f" at once{heads}   lag")
    for at_once in AT_ONCE:
        samples = [await measure(engine, seconds, at_once, rounds) for seconds in SECONDS]
        cells = "".join(map(cell, samples))
        lags_ms = [late for sample in samples for late in sample.lags_ms]
        print(f"{at_once:>8}{cells}   {lag(lags_ms)}", flush=True)
    await engine.close()


class Speaking:
    """Callers who speak 6 s each in real time, with partial texts on."""

    def __init__(self, engine: WhisperRecogniser) -> None:
        self._engine = engine
        self.first_ms: list[float] = []
        self.final_ms: list[float] = []

    async def one(self) -> None:
        """One caller, from the first frame to the final text."""
        stream, began, first = self._engine.stream("pt-BR", Hints()), time.perf_counter(), True
        for number, frame in enumerate(speech(6).reshape(-1, 160)):
            await asyncio.sleep(max(0.0, began + number * 0.02 - time.perf_counter()))
            stream.feed(frame)
            if first and stream.partial.text:
                first = False
                self.first_ms.append((time.perf_counter() - began) * 1000)
        asked = time.perf_counter()
        try:
            await stream.result()
            self.final_ms.append((time.perf_counter() - asked) * 1000)
        except (RecogniserBusyError, TimeoutError):
            print("  a final text was refused or late")
        finally:
            await stream.close()


async def partials(folder: Path, callers: int) -> None:
    """What partial texts cost, and what they leave to the finals."""
    options = WhisperOptions(str(folder), device="cpu", window_s=REDUCED_S)
    engine = await WhisperRecogniser.open(options)
    speaking, used = Speaking(engine), cpu_s()
    async with pulse() as lags_ms:
        await asyncio.gather(*(speaking.one() for _ in range(callers)))
    cores, counted = (cpu_s() - used) / 6, engine.counters
    first, final = (
        f"{statistics.median(times):.0f} ms" if times else "none"
        for times in (speaking.first_ms, speaking.final_ms)
    )
    print(
        f"{callers:>8} {counted.partials:>9} {counted.partials_skipped:>8} {first:>12}"
        f" {final:>13} {cores:>11.2f}   {lag(lags_ms)}"
    )
    await engine.close()


async def run(names: Sequence[str], rounds: int, device: str) -> None:
    """All models; each is made, measured and forgotten."""
    await idle()
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            model = write_model(Path(folder) / name, PHRASE.split(), shape=SHAPES[name])
            for window_s in (None, REDUCED_S):
                await load(name, model, window_s, rounds, device)
            if name == names[0] and device != "cuda":
                print(f"\n{name}, window {REDUCED_S} s: 6 s in real time, with partial texts")
                print(" callers  partials  skipped   first text   final after   CPU cores   lag")
                for callers in AT_ONCE:
                    await partials(model, callers)


def main() -> None:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", nargs="+", choices=list(SHAPES), default=["tiny", "base"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device", choices=["cpu", "cuda", "auto"], default="cpu")
    arguments = parser.parse_args()
    asyncio.run(run(arguments.models, arguments.rounds, arguments.device))


if __name__ == "__main__":
    main()
