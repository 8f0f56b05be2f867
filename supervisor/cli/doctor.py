"""``ramal doctor``: what is wrong, and what to do."""

import json
import textwrap
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from supervisor.checks import Finding, Status, examine
from supervisor.cli.running import prepare, run
from supervisor.settings import Settings

WIDTH = 80
MARKS = {Status.OK: "green", Status.WARN: "yellow", Status.FAIL: "bold red"}
FAILED, WARNED = 1, 2


def doctor(*, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Check machine, database, engines, extensions, and Asterisk with a call through it.

    Exits with 0 if all is well, 1 if something does not work, 2 if something is likely to give
    trouble. No phone rings.

    Example: ramal doctor --json
    """
    findings = run(_examine(prepare(), quiet=as_json))
    if as_json:
        shown = [{**asdict(each), "good": each.good} for each in findings]
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=2))
    found = {finding.status for finding in findings}
    if Status.FAIL in found:
        raise typer.Exit(FAILED)
    if Status.WARN in found:
        raise typer.Exit(WARNED)


async def _examine(settings: Settings, *, quiet: bool) -> list[Finding]:
    console = Console(quiet=quiet, width=WIDTH)
    findings = []
    async for finding in examine(settings):
        findings.append(finding)
        for line in lines(finding):
            console.print(line, soft_wrap=True)
    return findings


def lines(finding: Finding) -> list[Text]:
    """A finding for people: no line is longer than 80 columns, but for words that are."""
    said = _wrapped(f"{finding.part}: {finding.text}")
    mark = Text(f"{finding.status:<6}", MARKS[finding.status])
    shown = [Text.assemble(mark, said[0]), *(Text(f"      {line}") for line in said[1:])]
    if finding.next_step:
        first, *rest = _wrapped(finding.next_step, indent=3)
        shown += [Text(f"      -> {first}"), *(Text(f"         {line}") for line in rest)]
    return shown


def _wrapped(text: str, indent: int = 0) -> list[str]:
    width = WIDTH - 6 - indent
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False) or [""]
