"""``ramal directory``: who lives where, and how to reach them."""

from pathlib import Path
from typing import Annotated

import typer

from supervisor.cli.running import database, run
from supervisor.database.condominiums import find_condominium
from supervisor.database.directory import UnitRow, store_units
from supervisor.database.directory_file import read_directory

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Import who lives where.")


@app.callback()
def directory() -> None:
    """Who lives where, and how to reach them."""


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv")],
    *,
    condominium: Annotated[str, typer.Option(help="Its name.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Remove units that the file does not name.")
    ] = False,
) -> None:
    """Import a CSV file with the columns block,unit,resident,phone,notes.

    One row per telephone number; several rows of a unit are its residents, in the order in which
    they are to be called. A bad line is named with its number, and nothing is imported.

    Example: ramal directory import moradores.csv --condominium "Edifício Aurora"
    """
    units = read_directory(file)
    run(_store(condominium, units, replace=replace))
    residents = sum(len(unit.residents) for unit in units)
    what = f"{_count(len(units), 'unit')} with {_count(residents, 'resident')}"
    typer.echo(f"Imported {what} into {condominium}.")


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


async def _store(condominium: str, units: list[UnitRow], *, replace: bool) -> None:
    async with database() as connection:
        condominium_id = await find_condominium(connection, condominium)
        await store_units(connection, condominium_id, units, replace=replace)
