"""``ramal door``: what a condominium has to open, and how."""

import json
from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.table import Table
from rich.text import Text

from supervisor.cli.listing import show_rows
from supervisor.cli.running import database, prepare, run
from supervisor.database.condominiums import find_condominium
from supervisor.database.doors import (
    DoorRow,
    DoorsError,
    add_door,
    change_door,
    find_door,
    load_doors,
    remove_door,
)
from supervisor.doors.address import check_address
from supervisor.doors.settings import DoorProblem, WebhookSettings, driver_settings, is_door_name
from supervisor.outgoing.signature import new_secret
from supervisor.settings import load_settings

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="List, add, set, remove and test doors."
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Such as gate.")]
Condominium = Annotated[str, typer.Option(help="Its name.")]
Driver = Annotated[str | None, typer.Option(help="dtmf, dialplan, webhook or none.")]
SettingsJson = Annotated[
    str | None, typer.Option("--settings", help='The driver\'s, such as \'{"digits": "9"}\'.')
]


@app.command("list")
def list_all(
    condominium: Condominium,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show a condominium's doors; secrets are not shown.

    Example: ramal door list --condominium "Edifício Aurora"
    """
    rows = run(_list(condominium))
    show_rows(rows, as_json=as_json, to_json=_shown, table=_table, none="There are no doors yet.")


@app.command()
def add(
    name: Name,
    *,
    condominium: Condominium,
    driver: Annotated[str, typer.Option(help="dtmf, dialplan, webhook or none.")],
    settings: SettingsJson = None,
    default: Annotated[bool, typer.Option("--default", help="Opened where none is named.")] = False,
) -> None:
    """Add a door; new calls open it. The secret of a webhook is printed now, and never again.

    Example: ramal door add gate --condominium "Edifício Aurora" --driver dtmf
    --settings '{"digits": "9"}'
    """
    if not is_door_name(name):
        raise DoorsError(f'"{name}" is no name of a door; use small letters, digits, - and _.')
    secret = new_secret() if driver == "webhook" else None
    row = _checked(DoorRow(name, driver, _parse(settings) or {}, secret, default))
    run(_add(condominium, row))
    typer.echo(f"The door {name} is opened by {driver}.")
    _tell(secret)


@app.command("set")
def change(
    name: Name,
    *,
    condominium: Condominium,
    driver: Driver = None,
    settings: SettingsJson = None,
    default: Annotated[bool, typer.Option("--default", help="Opened where none is named.")] = False,
    fresh_secret: Annotated[
        bool, typer.Option("--new-secret", help="Print a new secret; the old one is void.")
    ] = False,
) -> None:
    """Change a door; calls that run go on as they began.

    Example: ramal door set gate --condominium "Edifício Aurora" --settings '{"digits": "*0"}'
    """
    given: dict[str, Any] = {"driver": driver, "settings": _parse(settings)}
    changes = {column: value for column, value in given.items() if value is not None}
    if default:
        changes["is_default"] = True
    if fresh_secret:
        changes["secret"] = new_secret()
    if not changes:
        raise DoorsError("Nothing to change; see: ramal door set --help")
    run(_change(condominium, name, changes))
    typer.echo(f"The door {name} is changed.")
    _tell(changes.get("secret"))


@app.command()
def remove(name: Name, *, condominium: Condominium) -> None:
    """Remove a door; what was recorded of it stays.

    Example: ramal door remove garage --condominium "Edifício Aurora"
    """
    run(_remove(condominium, name))
    typer.echo(f"The door {name} is removed.")


@app.command()
def test(name: Name, *, condominium: Condominium) -> None:
    """Open a door now, without a visitor. It is recorded as a call with your authorisation.

    Example: ramal door test gate --condominium "Edifício Aurora"
    """
    call_id = run(_test(condominium, name))
    typer.echo(f"The door {name} is open; the record is that of call {call_id}.")


async def _list(condominium: str) -> list[DoorRow]:
    async with database() as connection:
        return await load_doors(connection, await find_condominium(connection, condominium))


async def _add(condominium: str, row: DoorRow) -> None:
    async with database() as connection:
        await add_door(connection, await find_condominium(connection, condominium), row)


async def _change(condominium: str, name: str, changes: dict[str, Any]) -> None:
    async with database() as connection, connection.transaction():
        condominium_id = await find_condominium(connection, condominium)
        await change_door(connection, condominium_id, name, changes)
        changed = _checked(await find_door(connection, condominium_id, name))
        if changed.driver == "webhook" and changed.secret is None:
            changes["secret"] = new_secret()
            await change_door(connection, condominium_id, name, {"secret": changes["secret"]})


async def _remove(condominium: str, name: str) -> None:
    async with database() as connection:
        await remove_door(connection, await find_condominium(connection, condominium), name)


async def _test(condominium: str, name: str) -> UUID:
    from supervisor.doors.trial import try_door  # noqa: PLC0415

    settings = prepare()
    async with database() as connection:
        condominium_id = await find_condominium(connection, condominium)
        row = await find_door(connection, condominium_id, name)
        return await try_door(settings, connection, condominium_id, row)


def _checked(row: DoorRow) -> DoorRow:
    """A door that could not be opened is not written."""
    try:
        settings = driver_settings(row.driver, row.settings)
        if isinstance(settings, WebhookSettings):
            check_address(settings, load_settings().outgoing)
    except DoorProblem as problem:
        raise DoorsError(f"The door {row.name} cannot be opened: {problem}.") from None
    return row


def _parse(settings: str | None) -> Any:
    try:
        return None if settings is None else json.loads(settings)
    except ValueError as error:
        raise DoorsError(f"The settings are not JSON: {error}.") from None


def _tell(secret: str | None) -> None:
    if secret is not None:
        typer.echo(f"Its requests are signed with this secret, shown only now: {secret}")


def _shown(row: DoorRow) -> dict[str, Any]:
    return {
        "name": row.name,
        "driver": row.driver,
        "settings": row.settings,
        "default": row.is_default,
        "has_secret": row.secret is not None,
    }


def _table(rows: Sequence[DoorRow]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("name", "driver", "settings", "default"):
        table.add_column(column, overflow="fold")
    for row in rows:
        settings = json.dumps(row.settings, ensure_ascii=False)
        table.add_row(row.name, row.driver, Text(settings), "yes" if row.is_default else "")
    return table
