"""``ramal directory``: who lives where, and how to reach them."""

from pathlib import Path
from typing import Annotated

import typer

from supervisor.cli.running import database, run
from supervisor.database.condominiums import find_condominium
from supervisor.database.directory import UnitRow, store_units
from supervisor.database.directory_file import read_directory
from supervisor.database.visitor_list import find_resident_id, find_unit_id
from supervisor.errors import OperatorError
from supervisor.rules import DOORMAN_LANGUAGES

OWN = "own"


class DirectoryError(OperatorError):
    """The directory cannot be changed; the message says why."""


app = typer.Typer(no_args_is_help=True, add_completion=False, help="Who lives where.")


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
    """Import a CSV file with the columns block,unit,resident,phone,notes, and perhaps language.

    One row per telephone number; several rows of a unit are its residents, in the order in which
    they are to be called. A bad line is named with its number, and nothing is imported.

    Example: ramal directory import moradores.csv --condominium "Edifício Aurora"
    """
    units = read_directory(file)
    run(_store(condominium, units, replace=replace))
    residents = sum(len(unit.residents) for unit in units)
    what = f"{_count(len(units), 'unit')} with {_count(residents, 'resident')}"
    typer.echo(f"Imported {what} into {condominium}.")


@app.command()
def language(
    resident: Annotated[str, typer.Argument(metavar="RESIDENT", help="The resident's name.")],
    language: Annotated[str, typer.Argument(metavar="LANGUAGE", help="pt-BR, en, es, or own.")],
    *,
    condominium: Annotated[str, typer.Option(help="Its name.")],
    unit: Annotated[str, typer.Option(help="The unit's number.")],
    block: Annotated[str, typer.Option(help="Where there are blocks.")] = "",
) -> None:
    """Call a resident in a language; "own" is the extension's own again.

    Example: ramal directory language "Ann Brown" en --condominium "Edifício Aurora" --unit 501
    """
    if language not in (*DOORMAN_LANGUAGES, OWN):
        known = ", ".join(DOORMAN_LANGUAGES)
        raise DirectoryError(f'Nobody is called in "{language}"; use {known}, or {OWN}.')
    run(_speak(condominium, unit, block, resident, None if language == OWN else language))
    spoken = "the extension's language" if language == OWN else language
    typer.echo(f"{resident} is called in {spoken}.")


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


async def _speak(
    condominium: str, unit: str, block: str, resident: str, language: str | None
) -> None:
    async with database() as connection:
        condominium_id = await find_condominium(connection, condominium)
        unit_id = await find_unit_id(connection, condominium_id, unit, block)
        resident_id = await find_resident_id(connection, unit_id, resident)
        await connection.execute(
            "UPDATE residents SET language = $2 WHERE id = $1", resident_id, language
        )


async def _store(condominium: str, units: list[UnitRow], *, replace: bool) -> None:
    async with database() as connection:
        condominium_id = await find_condominium(connection, condominium)
        await store_units(connection, condominium_id, units, replace=replace)
