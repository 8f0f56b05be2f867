"""One engine in a process of its own, so that its memory is its own: figures as lines of JSON."""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.speech.engines import Listening, Options, Voiced, candidates
from bench.speech.figures import Figure, LeftOut, Setup, to_json
from bench.speech.measuring import Extent, hearing, memory_mib, speaking
from stt.recogniser import RecogniserUnavailableError
from tts.engine import SynthesisError


def tell(figure: Figure) -> None:
    """To the parent."""
    print(json.dumps(to_json(figure)), flush=True)


async def measure(name: str, options: Options, extent: Extent) -> None:
    """Make or take the weights, load, measure."""
    [candidate] = [each for each in candidates(options.device) if each.name == name]
    with tempfile.TemporaryDirectory(prefix="ramal-bench-") as folder:
        prepared = candidate.prepare(Path(folder), options)
        try:
            await (_speech if isinstance(prepared, Voiced) else _ears)(
                name,
                prepared,  # type: ignore[arg-type]
                options,
                extent,
            )
        except (SynthesisError, RecogniserUnavailableError) as error:
            tell(LeftOut(name, "all", str(error)))


async def _speech(name: str, voiced: Voiced, options: Options, extent: Extent) -> None:
    before, began = memory_mib(), time.perf_counter()
    await voiced.engine.start()
    async for _ in voiced.engine.synthesise("Bom dia.", voiced.voice):
        pass
    tell(_setup(name, voiced.note, options, time.perf_counter() - began, before))
    async for figure in speaking(name, voiced.engine, voiced.voice, extent):
        tell(figure)
    await voiced.engine.close()


async def _ears(name: str, listening: Listening, options: Options, extent: Extent) -> None:
    before, began = memory_mib(), time.perf_counter()
    recogniser = await listening.open()
    tell(_setup(name, listening.note, options, time.perf_counter() - began, before))
    async for figure in hearing(name, recogniser, extent):
        tell(figure)
    await recogniser.close()


def _setup(name: str, note: str, options: Options, ready_s: float, before_mib: float) -> Setup:
    return Setup(
        name, note, options.device, ready_s, memory_mib() - before_mib, _gpu_mib(options.device)
    )


def _gpu_mib(device: str) -> float:
    """What torch has of the GPU; CTranslate2 does not tell."""
    if device != "cuda" or "torch" not in sys.modules:
        return 0.0
    torch: Any = sys.modules["torch"]
    return float(torch.cuda.memory_reserved()) / 2**20


def main() -> None:
    """``NAME OPTIONS EXTENT``, the latter two as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("options", type=json.loads)
    parser.add_argument("extent", type=json.loads)
    told = parser.parse_args()
    folders = {
        key: Path(value) if key in ("xtts", "piper", "kokoro") and value else value
        for key, value in told.options.items()
    }
    asyncio.run(measure(told.name, Options(**folders), Extent(**told.extent)))


if __name__ == "__main__":
    main()
