"""The wire figures of whole calls: the demo's scenarios, by the caller's clock.

    python -m bench.calls                        # every scenario three times, about seven minutes
    python -m bench.calls --repeat 1 interruption noisy-street

Each call is a real one: AudioSocket over loopback TCP, an embedded PostgreSQL, a supervisor with a
worker process, and the built-in recogniser, in the worker and in the people who listen. Quiet
machines give the figures that are meant; the load average is printed beside them.
"""

import argparse
import asyncio
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import uvloop
from rich.console import Console
from rich.table import Table

from supervisor.callers.figures import Figures
from supervisor.callers.measures import Quantiles, quantiles
from supervisor.demo.choosing import load_scenario, scenario_names
from supervisor.demo.document import Result
from supervisor.demo.run import run_demo
from supervisor.demo.show import Show
from supervisor.logs import configure_logs
from supervisor.simulation.stage import LOGS


@dataclass(frozen=True, slots=True)
class Figure:
    """A row of the table: what is measured, its targets, and where the values are."""

    name: str
    target: str
    values: Callable[[Figures], Sequence[float | None]]
    on: str = "visitor"


APART = {"resident-talks", "message"}
"""In one the people answer each other, in the other we wait longer on purpose: their latencies are
not what the targets mean."""

FIGURES = (
    Figure("voice-to-voice, visitor", "p50 400, p95 700", lambda one: one.voice_to_voice_ms),
    Figure(
        "voice-to-voice, resident",
        "p50 400, p95 700",
        lambda one: one.voice_to_voice_ms,
        "resident",
    ),
    Figure("UUID to our first frame", "20", lambda one: [one.first_frame_ms]),
    Figure("UUID to the greeting", "100", lambda one: [one.greeting_ms]),
    Figure("interruption to our silence", "150", lambda one: one.barge_in_ms),
    Figure("lateness of frames, p99 per call", "10", lambda one: [_p99(one.lateness)]),
)


def main() -> None:
    """Run the scenarios and print the table; exit status 1 if a visit ended otherwise."""
    parser = argparse.ArgumentParser(prog="python -m bench.calls", description=__doc__)
    parser.add_argument("scenario", nargs="*", choices=[*scenario_names(), []])
    parser.add_argument("--repeat", type=int, default=3, help="runs of each (default: 3)")
    arguments = parser.parse_args()
    names = arguments.scenario or [name for name in scenario_names() if name not in APART]
    configure_logs(LOGS)
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        results = [
            _run(name, Path(folder), console) for _ in range(arguments.repeat) for name in names
        ]
    console.print(_table(results))
    load = os.getloadavg()[0]
    console.print(f"{len(results)} calls; {os.cpu_count()} cores, load average {load:.1f}")
    raise SystemExit(not all(result.passed for result in results))


def _run(name: str, folder: Path, console: Console) -> Result:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        result = runner.run(run_demo(load_scenario(name), folder, Show(Console(quiet=True))))
    latencies = ", ".join(f"{ms:.0f}" for ms in result.told.visitor_figures.voice_to_voice_ms)
    verdict = "ok  " if result.passed else "FAIL"
    console.print(f"{verdict} {name:<20} voice-to-voice {latencies or '-'} ms", highlight=False)
    return result


def _table(results: Sequence[Result]) -> Table:
    table = Table("ms", "n", "p50", "p95", "worst", "target", box=None, header_style="bold")
    for figure in FIGURES:
        legs = [one for result in results for one in _legs(result, figure.on)]
        values = [value for leg in legs for value in figure.values(leg) if value is not None]
        spread = quantiles(values)
        cells = ("0", "-", "-", "-") if spread is None else _cells(spread)
        table.add_row(figure.name, *cells, figure.target)
    return table


def _cells(spread: Quantiles) -> tuple[str, ...]:
    figures = (spread.p50, spread.p95, spread.worst)
    return (str(spread.count), *(f"{value:.0f}" for value in figures))


def _legs(result: Result, on: str) -> list[Figures]:
    if on == "visitor":
        return [result.told.visitor_figures]
    return [figures for _, _, figures in result.told.residents]


def _p99(lateness: Quantiles | None) -> float | None:
    return lateness.p99 if lateness else None


if __name__ == "__main__":
    main()
