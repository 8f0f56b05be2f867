"""The command ``ramal demo``."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console

from supervisor.demo.choosing import DEFAULT_SCENARIO, load_scenario, scenario_names
from supervisor.logs import configure_logs
from supervisor.simulation.stage import LOGS, Stage

FOLDER = Path("var/demo")
SCENARIOS = f"One of: {', '.join(scenario_names())}; or a file of your own (YAML)."


def demo(
    *,
    scenario: Annotated[str, typer.Option(help=SCENARIOS)] = DEFAULT_SCENARIO,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    keep: Annotated[bool, typer.Option(help="Leave the server up until Ctrl-C.")] = False,
) -> None:
    """Run one whole call on this machine: real audio, real database, real processes.

    Leaves a stereo recording and a picture in var/demo. The exit status is 0 only if the visit
    ended as the scenario says.
    """
    from supervisor.demo.run import run_demo  # noqa: PLC0415 - loads models and libraries
    from supervisor.demo.show import Show  # noqa: PLC0415

    configure_logs(LOGS)
    script = load_scenario(scenario)
    console = Console(quiet=as_json)

    async def stay(stage: Stage) -> None:
        from supervisor.demo.keeping import keep_up  # noqa: PLC0415 - only where it is wanted

        await keep_up(stage, console)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        result = runner.run(
            run_demo(script, FOLDER, Show(console, script.agent), stay if keep else None)
        )
    if as_json:
        typer.echo(json.dumps(result.document(), ensure_ascii=False, indent=2, default=str))
    else:
        for name, path in result.files.items():
            console.print(f"  {name:<9} {path}", style="dim", highlight=False)
    if not result.passed:
        raise typer.Exit(1)
