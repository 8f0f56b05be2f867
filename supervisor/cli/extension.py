"""``ramal extension``: which numbers are answered."""

import json
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from supervisor.cli.listing import show_rows
from supervisor.cli.running import database, run
from supervisor.database.extensions import (
    Extension,
    NewExtension,
    add_extension,
    change_extension,
    list_extensions,
    remove_extension,
)
from supervisor.errors import OperatorError
from supervisor.rules import ExtensionProblem, check_extension, flows

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="List, add, set and remove extensions."
)

Number = Annotated[str, typer.Option(help="The number that is dialled, such as 1001.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
SettingsJson = Annotated[
    str | None, typer.Option("--settings", help="The flow's settings, such as '{\"ring_s\": 20}'.")
]


@app.command("list")
def list_all(*, as_json: AsJson = False) -> None:
    """Show every extension, and how it goes with it.

    Example: ramal extension list --json
    """
    rows = run(_list())
    show_rows(
        rows,
        as_json=as_json,
        to_json=Extension.to_json,
        table=_table,
        none="There are no extensions yet.",
    )


@app.command()
def add(
    *,
    number: Number,
    port: Annotated[int, typer.Option(help="Visitors' calls arrive here.")],
    return_port: Annotated[int, typer.Option(help="Answered calls to residents arrive here.")],
    condominium: Annotated[str, typer.Option(help="Its name; made if it is new.")],
    flow: Annotated[str, typer.Option(help=f"Who answers: {', '.join(flows())}.")] = "doorman",
    language: Annotated[str, typer.Option(help="What is spoken.")] = "pt-BR",
    voice: Annotated[str | None, typer.Option(help="The engine's default if left out.")] = None,
    isolated: Annotated[bool, typer.Option(help="Give it a worker process of its own.")] = False,
    settings: SettingsJson = None,
) -> None:
    """Add an extension; a server that runs takes it up at once.

    Example: ramal extension add --number 1001 --port 9101 --return-port 9102
    --condominium "Edifício Aurora" --flow doorman
    """
    new = NewExtension(
        number,
        port,
        return_port,
        flow=flow,
        language=language,
        voice=voice,
        isolated=isolated,
        settings=_parse(settings) or {},
    )
    row = run(_add(condominium, new))
    typer.echo(f"Extension {row.number} listens on {row.port}, return port {row.return_port}.")


@app.command("set")
def change(
    number: Annotated[str, typer.Argument(metavar="NUMBER")],
    *,
    new_number: Annotated[str | None, typer.Option("--number")] = None,
    port: Annotated[int | None, typer.Option()] = None,
    return_port: Annotated[int | None, typer.Option()] = None,
    flow: Annotated[str | None, typer.Option()] = None,
    language: Annotated[str | None, typer.Option()] = None,
    voice: Annotated[str | None, typer.Option()] = None,
    enabled: Annotated[bool | None, typer.Option("--enable/--disable")] = None,
    isolated: Annotated[bool | None, typer.Option("--isolated/--shared")] = None,
    settings: SettingsJson = None,
) -> None:
    """Change an extension; calls that run go on as they began.

    Example: ramal extension set 1001 --disable
    """
    given = {
        "number": new_number,
        "port": port,
        "return_port": return_port,
        "flow": flow,
        "language": language,
        "voice": voice,
        "enabled": enabled,
        "isolated": isolated,
        "settings": _parse(settings),
    }
    changes = {name: value for name, value in given.items() if value is not None}
    if not changes:
        raise OperatorError("Nothing to change; see: ramal extension set --help")
    row = run(_change(number, changes))
    typer.echo(f"Extension {row.number} is changed.")


@app.command()
def remove(number: Annotated[str, typer.Argument(metavar="NUMBER")]) -> None:
    """Remove an extension; running calls finish, and the records of its calls stay.

    Example: ramal extension remove 1001
    """
    run(_remove(number))
    typer.echo(f"Extension {number} is removed.")


async def _list() -> list[Extension]:
    async with database() as connection:
        return await list_extensions(connection)


async def _add(condominium: str, new: NewExtension) -> Extension:
    async with database() as connection, connection.transaction():
        return _checked(await add_extension(connection, condominium, new))


async def _change(number: str, changes: dict[str, Any]) -> Extension:
    async with database() as connection, connection.transaction():
        return _checked(await change_extension(connection, number, changes))


async def _remove(number: str) -> None:
    async with database() as connection:
        await remove_extension(connection, number)


def _checked(row: Extension) -> Extension:
    """Inside the transaction: a row that could not be served is not written."""
    try:
        check_extension(row)
    except ExtensionProblem as problem:
        raise OperatorError(f"Extension {row.number} cannot be served: {problem}.") from None
    return row


def _parse(settings: str | None) -> dict[str, Any] | None:
    if settings is None:
        return None
    try:
        parsed = json.loads(settings)
    except ValueError as error:
        raise OperatorError(f"The settings are not JSON: {error}.") from None
    if not isinstance(parsed, dict):
        raise OperatorError("The settings are not a JSON object, such as {}.")
    return parsed


def _table(rows: Sequence[Extension]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("number", "condominium", "flow", "ports", "status"):
        table.add_column(column, overflow="fold")
    for row in rows:
        status = row.status if row.enabled else "disabled"
        shown = f"{status}: {row.status_reason}" if row.status_reason else status
        ports = f"{row.port} {row.return_port}"
        table.add_row(row.number, Text(row.condominium), row.flow, ports, Text(shown))
    return table
