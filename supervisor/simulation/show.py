"""A run on a terminal of 80 columns: a line for each call, and why those failed that did."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from supervisor.simulation.result import (
    Played,
    latencies,
    said_lines,
    success_percent,
    understood_lines,
)

NAME_WIDTH = 40


class Show:
    """Prints each call as it is over."""

    def __init__(self, console: Console, calls: int) -> None:
        self._console = console
        self._calls = calls
        self._over = 0

    def begins(self, jobs: int) -> None:
        """The run starts now."""
        self._console.print(f"{self._calls} calls, {jobs} at a time\n", highlight=False)

    def played(self, one: Played) -> None:
        """A line for a call."""
        self._over += 1
        mark = Text("ok  ", "green") if one.passed else Text("FAIL", "bold red")
        name = one.label if one.repetition else one.scenario.name
        count = f"{self._over:>4}/{self._calls}"
        slowest = max(one.told.visitor_figures.voice_to_voice_ms, default=0) if one.told else 0
        latency = f"{slowest:5.0f} ms" if slowest else " " * 8
        line = f" {count}  {name:<{NAME_WIDTH}.{NAME_WIDTH}} {one.took_s:5.1f} s  {latency}"
        self._console.print(mark + Text(line), highlight=False)

    def summary(self, played: Sequence[Played], took_s: float, min_success: float) -> None:
        """The failures explained, and the figures of the run."""
        for one in played:
            if not one.passed:
                self._explain(one)
        passed = sum(one.passed for one in played)
        percent = success_percent(played)
        self._console.print(
            f"\n{passed} of {len(played)} calls passed ({percent:.1f} %, at least "
            f"{min_success:g} % wanted) in {took_s:.0f} s",
            style="bold green" if percent >= min_success else "bold red",
            highlight=False,
        )
        if spread := latencies(played):
            self._console.print(
                f"voice-to-voice at the gate: p50 {spread['p50']:.0f} ms, "
                f"p95 {spread['p95']:.0f} ms, {spread['count']:.0f} answers",
                highlight=False,
            )

    def _explain(self, one: Played) -> None:
        self._console.print()
        self._console.print(Text(f"{one.label}  (seed {one.seed}): {one.scenario.title}", "bold"))
        for check in one.checks:
            if not check.met:
                found = f"; there was: {check.found}" if check.found else ""
                self._console.print(Text(f"  ✗ expected: {check.what}{found}", "red"))
        if one.told is None:
            return
        for line in said_lines(one.told):
            who = f"{line['speaker']} to {line['leg']}"
            who = who if line["speaker"] == "agent" else str(line["speaker"])
            self._console.print(Text(f"  {line['at_s']:6.1f}  {who}: {line['text']}", "dim"))
        for line in understood_lines(one.told):
            ignored = f" (let pass: {line['ignored']})" if line["ignored"] else ""
            heard = f"  we understood the {line['leg']}: “{line['text']}”{ignored}"
            self._console.print(Text(heard, "dim"))
