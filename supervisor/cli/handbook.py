"""``ramal handbook``: what receptionists know."""

from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from conversation.receptionist.handbook_file import HandbookError, handbook_of, read_handbook
from supervisor.cli.running import database, run
from supervisor.database.extensions import find_extension
from supervisor.database.handbooks import load_handbook, remove_handbook, store_handbook
from supervisor.errors import OperatorError
from supervisor.rules import ExtensionProblem, line_settings_of

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Check, set, show and remove handbooks."
)

Number = Annotated[str, typer.Argument(metavar="NUMBER", help="The extension's.")]
File = Annotated[Path, typer.Argument(metavar="FILE", help="YAML or JSON.")]


@app.command()
def check(file: File) -> None:
    """Read a handbook and say what is wrong with it.

    Example: ramal handbook check clinic.yaml
    """
    document = _read(file)
    typer.echo(_counted(document) + " can be used.")


@app.command("set")
def change(number: Number, file: File) -> None:
    """Give an extension's receptionist a handbook, in place of what it had; new calls go by it.

    Example: ramal handbook set 1001 clinic.yaml
    """
    document = _read(file)
    run(_store(number, document))
    typer.echo(f"{_counted(document)} are what extension {number} knows now.")


@app.command()
def show(number: Number) -> None:
    """Print an extension's handbook as YAML.

    Example: ramal handbook show 1001 > clinic.yaml
    """
    document = run(_load(number))
    if document is None:
        raise OperatorError(f"Extension {number} has no handbook; give it one: ramal handbook set")
    typer.echo(yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=100), nl=False)


@app.command()
def remove(number: Number) -> None:
    """Forget what an extension's receptionist knows; it takes messages all the same.

    Example: ramal handbook remove 1001
    """
    if not run(_remove(number)):
        raise OperatorError(f"Extension {number} has no handbook.")
    typer.echo(f"Extension {number} knows nothing now.")


def _read(file: Path) -> dict[str, Any]:
    try:
        return read_handbook(file.read_text(encoding="utf-8"), file.name)
    except (OSError, UnicodeDecodeError) as error:
        raise OperatorError(f"{file} cannot be read: {error}.") from None
    except HandbookError as error:
        raise OperatorError(f"{error}.") from None


def _counted(document: dict[str, Any]) -> str:
    facts, departments = (len(document.get(part, ())) for part in ("facts", "departments"))
    return f"{facts} facts and {departments} departments"


async def _store(number: str, document: dict[str, Any]) -> None:
    async with database() as connection, connection.transaction():
        extension = await find_extension(connection, number)
        try:
            settings = line_settings_of(extension)
            if extension.flow == "receptionist":
                handbook_of(document, (extension.language, *settings.languages))
        except (HandbookError, ExtensionProblem) as error:
            raise OperatorError(f"Extension {number} cannot use it: {error}.") from None
        await store_handbook(connection, extension.id, document)


async def _load(number: str) -> dict[str, Any] | None:
    async with database() as connection:
        return await load_handbook(connection, (await find_extension(connection, number)).id)


async def _remove(number: str) -> bool:
    async with database() as connection:
        return await remove_handbook(connection, (await find_extension(connection, number)).id)
