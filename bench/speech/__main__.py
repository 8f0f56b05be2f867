"""``python -m bench.speech [--quick] [--engines NAME ...] [--json FILE]``: a row as it is measured.

On a machine with a GPU its engines are measured too. Each engine runs in a process of its own.
"""

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from bench.prompts import cache_hits
from bench.speech.engines import Candidate, Options, candidates, has_cuda
from bench.speech.figures import Cached, Figure, LeftOut, from_json, median, p95, to_json
from bench.speech.measuring import Extent
from bench.speech.table import Printer, markdown

QUICK = Extent(streams=(1, 4, 16), seconds=(3,), rounds=2, row_limit_s=15)
GPU_STREAMS = (1, 2, 4, 8, 16, 32)


def measured(candidate: Candidate, options: Options, extent: Extent) -> Iterator[Figure]:
    """The figures of one engine, as its process tells them."""
    if (missing := candidate.missing) is not None:
        yield LeftOut(candidate.name, "all", f"{missing} is not installed")
        return
    told = [json.dumps(asdict(each), default=str) for each in (options, extent)]
    command = [sys.executable, "-m", "bench.speech.child", candidate.name, *told]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=_quiet()) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("{"):
                yield from_json(json.loads(line))
    if process.returncode:
        yield LeftOut(candidate.name, "the rest", f"its process ended with {process.returncode}")


def _quiet() -> dict[str, str]:
    """Without the warnings of the libraries, which are not figures."""
    return {**os.environ, "PYTHONWARNINGS": "ignore", "TRANSFORMERS_VERBOSITY": "error"}


def cached(hits: int) -> Iterator[Figure]:
    """Prompts that were rendered before."""
    with tempfile.TemporaryDirectory(prefix="ramal-bench-") as folder:
        found = asyncio.run(cache_hits(Path(folder), hits))
    for where, taken in (("memory", found.memory_ms), ("disk", found.disk_ms)):
        yield Cached(where, median(taken), p95(taken))


def machine() -> str:
    """What the figures belong to."""
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    loads = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    return f"{os.cpu_count()} x {cpu}, load {loads}, Python {platform.python_version()}"


def run(devices: Sequence[str], chosen: argparse.Namespace) -> list[Figure]:
    """Everything that was asked for, shown as it comes."""
    printer, figures = Printer(), list[Figure]()
    print(f"{machine()}\n" + ("" if "cuda" in devices else "no GPU is here: CPU alone"))

    def note(told: Iterator[Figure]) -> None:
        for figure in told:
            printer.show(figure)
            figures.append(figure)

    for device in devices:
        extent = QUICK if chosen.quick else Extent(row_limit_s=chosen.row_limit_s)
        if device == "cuda" and not chosen.quick:
            extent = Extent(streams=GPU_STREAMS, rounds=8, row_limit_s=chosen.row_limit_s)
        options = Options(
            device, chosen.streams, chosen.xtts, chosen.piper, chosen.kokoro, chosen.whisper
        )
        for candidate in candidates(device):
            wanted = candidate.name in chosen.engines if chosen.engines else True
            if wanted and not (chosen.quick and candidate.slow and not chosen.engines):
                note(measured(candidate, options, extent))
    if not chosen.engines or "cache" in chosen.engines:
        print("\nprompt cache")
        note(cached(100 if chosen.quick else 500))
    return figures


def main() -> None:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.speech", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a minute: light engines, few rows")
    parser.add_argument("--engines", nargs="+", metavar="NAME", help="cache, or names of the table")
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    parser.add_argument("--streams", type=int, default=16, help="of XTTS, computed together")
    parser.add_argument("--row-limit-s", type=float, default=60.0, help="longer rows are left out")
    for name in ("xtts", "piper", "kokoro"):
        parser.add_argument(f"--{name}", type=Path, metavar="FOLDER", help="real weights")
    parser.add_argument("--whisper", metavar="MODEL", help="a real model, for every size")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there")
    parser.add_argument("--markdown", action="store_true", help="print the tables at the end")
    chosen = parser.parse_args()
    devices = ["cpu", "cuda"] if has_cuda() else ["cpu"]
    if chosen.device != "auto":
        devices = [chosen.device]
    known = {"cache", *(each.name for device in devices for each in candidates(device))}
    if unknown := sorted(set(chosen.engines or ()) - known):
        parser.error(f"there is no engine {unknown[0]}; choose from {', '.join(sorted(known))}")
    figures = run(devices, chosen)
    if chosen.json:
        told = {"machine": machine(), "figures": [to_json(each) for each in figures]}
        chosen.json.write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    if chosen.markdown:
        print(f"\n{markdown(figures)}")


if __name__ == "__main__":
    main()
