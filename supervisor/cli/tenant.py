"""``ramal tenant``: management companies, and how much each may ask for."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from supervisor.cli.listing import show_rows
from supervisor.cli.running import database, run
from supervisor.database.tenants import (
    HIGHEST_LIMIT,
    TenantError,
    TenantRow,
    load_tenants,
    set_limits,
)
from supervisor.settings import SynthesisSettings, load_settings

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="List tenants, set what each may ask for."
)

USUAL = "usual"
"""The word for what the settings say."""


@app.command("list")
def list_all(
    *, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """Show tenants with their limits of synthesis jobs.

    Example: ramal tenant list
    """
    usual = load_settings().synthesis
    show_rows(
        run(_list()),
        as_json=as_json,
        to_json=asdict,
        table=lambda rows: _table(rows, usual),
        none="There are no tenants yet; adding an extension makes one.",
    )


@app.command("set")
def change(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As the list shows it.")],
    *,
    synthesis_jobs: Annotated[
        str | None, typer.Option(help=f"Unfinished at once; 0 for none, or {USUAL}.")
    ] = None,
    synthesis_characters: Annotated[
        str | None, typer.Option(help=f"In a day of UTC; 0 for none, or {USUAL}.")
    ] = None,
) -> None:
    """Set how much a tenant may have spoken into files; what it has asked for already goes on.

    Example: ramal tenant set Alfa --synthesis-jobs 20 --synthesis-characters 1000000
    """
    given = {
        "synthesis_jobs": synthesis_jobs,
        "synthesis_characters_per_day": synthesis_characters,
    }
    limits = {column: _limit(text) for column, text in given.items() if text is not None}
    if not limits:
        raise TenantError("Nothing was named; give --synthesis-jobs or --synthesis-characters.")
    row = run(_set(name, limits))
    jobs, characters = _cells(row, load_settings().synthesis)
    typer.echo(f"{name}: {jobs} synthesis jobs at once, {characters} characters a day.")


def _limit(text: str) -> int | None:
    if text == USUAL:
        return None
    if not text.isascii() or not text.isdigit() or int(text) > HIGHEST_LIMIT:
        raise TenantError(f'"{text}" is no limit; give a whole number, or {USUAL}.')
    return int(text)


def _table(rows: Sequence[TenantRow], usual: SynthesisSettings) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("tenant", "condominiums", "synthesis jobs", "characters a day"):
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(Text(row.name), str(row.condominiums), *_cells(row, usual))
    return table


def _cells(row: TenantRow, usual: SynthesisSettings) -> tuple[str, str]:
    """The limits, those of the settings marked as such."""

    def cell(own: int | None, of_settings: int) -> str:
        return str(own) if own is not None else f"{of_settings} ({USUAL})"

    return (
        cell(row.synthesis_jobs, usual.jobs_per_tenant),
        cell(row.synthesis_characters_per_day, usual.characters_per_day),
    )


async def _list() -> list[TenantRow]:
    async with database() as connection:
        return await load_tenants(connection)


async def _set(name: str, limits: dict[str, int | None]) -> TenantRow:
    async with database() as connection:
        return await set_limits(connection, name, limits)
