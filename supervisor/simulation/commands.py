"""The command ``ramal simulate``."""

import asyncio
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console

from supervisor.errors import OperatorError
from supervisor.logs import configure_logs
from supervisor.simulation.reading import load_scenarios, shipped_scenarios
from supervisor.simulation.scenario import Scenario
from supervisor.simulation.stage import LOGS

JOBS_PER_CORE = 3
"""Calls at a time: a call is silence for the most part, and the recognisers of both sides and the
worker share what is left."""


def simulate(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH...", help="Files or folders (YAML); without, those shipped."),
    ] = None,
    *,
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Names with this in them; may be repeated.")
    ] = None,
    repeat: Annotated[int, typer.Option(min=1, max=1000, help="Times for each.")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="Of the first time; 0: as written.")] = 0,
    jobs: Annotated[
        int | None, typer.Option(min=1, max=64, help="Calls at a time; three per core without.")
    ] = None,
    min_success: Annotated[
        float, typer.Option(min=0, max=100, help="Per cent of the calls that must pass.")
    ] = 100,
    report: Annotated[
        Path | None, typer.Option(metavar="F.html", help="Write a report to look at and hear.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Play scenarios against a real server on this machine, and judge what was heard.

    People with synthetic voices call it over TCP, in real time; the exit status is 0 only if
    enough calls went as their scenarios say.
    """
    configure_logs(LOGS)
    scenarios = _chosen(paths or [], only or [])
    from supervisor.simulation.result import run_document, success_percent  # noqa: PLC0415
    from supervisor.simulation.running import play_all, takes_of  # noqa: PLC0415 - loads models
    from supervisor.simulation.show import Show  # noqa: PLC0415

    takes = takes_of(scenarios, repeat, seed)
    at_once = min(jobs or JOBS_PER_CORE * (os.cpu_count() or 1), len(takes))
    show = Show(Console(quiet=as_json), len(takes))
    show.begins(at_once)
    began = time.monotonic()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        played = runner.run(play_all(takes, at_once, show.played))
    took_s = time.monotonic() - began
    if as_json:
        typer.echo(json.dumps(run_document(played, took_s), ensure_ascii=False, default=str))
    show.summary(played, took_s, min_success)
    if report is not None:
        from supervisor.simulation.report import write_report  # noqa: PLC0415

        write_report(report, played, took_s)
    if success_percent(played) < min_success:
        raise typer.Exit(1)


def _chosen(paths: Sequence[Path], only: Sequence[str]) -> list[Scenario]:
    scenarios = load_scenarios(paths) if paths else shipped_scenarios()
    chosen = [one for one in scenarios if not only or any(part in one.name for part in only)]
    if not chosen:
        raise OperatorError(f"No scenario has {' or '.join(only)} in its name; leave --only away.")
    return chosen
