"""``ramal doctor``: what is wrong, and what to do."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from supervisor.checks import Finding, examine
from supervisor.cli.running import prepare, run
from supervisor.settings import Settings


def doctor(*, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Check database, extensions and their ports, engines, and Asterisk's manager interface.

    Exits with status 1 if something has to be put right.

    Example: ramal doctor --json
    """
    findings = run(_examine(prepare(), quiet=as_json))
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in findings], ensure_ascii=False, indent=2))
    if not all(finding.good for finding in findings):
        raise typer.Exit(1)


async def _examine(settings: Settings, *, quiet: bool) -> list[Finding]:
    console = Console(quiet=quiet)
    findings = []
    async for finding in examine(settings):
        findings.append(finding)
        mark = Text("ok   ", "green") if finding.good else Text("WRONG", "bold red")
        console.print(Text.assemble(mark, f"  {finding.part}: {finding.text}"), soft_wrap=True)
    return findings
