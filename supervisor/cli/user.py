"""``ramal user``: who may log in to the admin API."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.table import Table
from rich.text import Text

from supervisor.access.identity import cost_of
from supervisor.access.passwords import PasswordError, Passwords, check_password
from supervisor.cli.key import role_of
from supervisor.cli.listing import show_rows
from supervisor.cli.running import database, run
from supervisor.database.api_keys import Role, find_tenant
from supervisor.database.users import (
    NO_SECOND_FACTOR,
    User,
    add_user,
    canonical,
    change_user,
    find_user,
    list_users,
    remove_user,
)
from supervisor.settings import load_settings

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Create, list, set and remove users."
)

UserName = Annotated[str, typer.Argument(metavar="USERNAME", help="What they log in with.")]
RoleOption = typer.Option(help="admin, operator or viewer.")


@app.command()
def create(
    username: UserName,
    *,
    role: Annotated[str, RoleOption],
    name: Annotated[str, typer.Option(help="Who it is.")] = "",
    tenant: Annotated[
        str | None, typer.Option(help="Its name; the whole installation if left out.")
    ] = None,
) -> None:
    """Make a user; the password is asked for, or read from standard input.

    Example: ramal user create ana@alfa.example --role operator --tenant "Alfa"
    """
    password = _password((username, name))
    run(_create(username, password, role_of(role), name, tenant))
    typer.echo(f"The user {canonical(username)} can log in.")


@app.command("list")
def list_all(
    *, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """Show every user, and when they logged in last.

    Example: ramal user list
    """
    users = run(_list())
    show_rows(users, as_json=as_json, to_json=asdict, table=_table, none="There are no users yet.")


@app.command("set")
def change(
    username: UserName,
    *,
    role: Annotated[str | None, RoleOption] = None,
    name: Annotated[str | None, typer.Option(help="Who it is.")] = None,
    password: Annotated[
        bool, typer.Option("--password", help="Ask for a new password; all logins are over.")
    ] = False,
    enabled: Annotated[
        bool | None, typer.Option("--enable/--disable", help="Whether they may log in.")
    ] = None,
    no_second_factor: Annotated[
        bool, typer.Option("--no-second-factor", help="For a lost telephone.")
    ] = False,
) -> None:
    """Change a user.

    Example: ramal user set ana@alfa.example --password
    """
    columns: dict[str, Any] = {}
    if role is not None:
        columns["role"] = role_of(role)
    if name is not None:
        columns["name"] = name
    if enabled is not None:
        columns["enabled"] = enabled
    if no_second_factor:
        columns |= NO_SECOND_FACTOR
    user = run(_find(username)) if password else None
    given = _password((user.username, name or user.name)) if user else None
    run(_change(username, columns, given))
    typer.echo(f"The user {canonical(username)} is changed.")


@app.command()
def remove(username: UserName) -> None:
    """Remove a user; their logins are over.

    Example: ramal user remove ana@alfa.example
    """
    run(_remove(username))
    typer.echo(f"The user {canonical(username)} is removed.")


def _password(names: tuple[str, ...]) -> str:
    """From the terminal, twice, or the first line of standard input: never an argument, which
    everybody on the machine could read. Raises ``PasswordError``."""
    if sys.stdin.isatty():
        given = str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    else:
        given = sys.stdin.readline().rstrip("\r\n")
        if not given:
            raise PasswordError("There is no password on standard input; write it there, one line.")
    check_password(given, names)
    return given


async def _hashed(password: str) -> str:
    return await Passwords(cost_of(load_settings().auth)).hash(password)


async def _create(username: str, password: str, role: Role, name: str, tenant: str | None) -> None:
    async with database() as connection:
        tenant_id: UUID | None = None if tenant is None else await find_tenant(connection, tenant)
        kept = await _hashed(password)
        await add_user(connection, username, kept, role, name=name, tenant_id=tenant_id)


async def _list() -> list[User]:
    async with database() as connection:
        return await list_users(connection)


async def _find(username: str) -> User:
    async with database() as connection:
        return await find_user(connection, username)


async def _change(username: str, columns: dict[str, Any], password: str | None) -> None:
    async with database() as connection:
        user = await find_user(connection, username)
        if password is not None:
            columns["password_hash"] = await _hashed(password)
        if columns:
            await change_user(connection, user.id, columns)


async def _remove(username: str) -> None:
    async with database() as connection:
        await remove_user(connection, (await find_user(connection, username)).id)


def _table(users: Sequence[User]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("user", "name", "role", "tenant", "last login", "state"):
        table.add_column(column, overflow="fold")
    for user in users:
        last = f"{user.last_login_at:%Y-%m-%d %H:%M}" if user.last_login_at else "never"
        tenant, state = Text(user.tenant or "(all)"), _state(user)
        table.add_row(user.username, Text(user.name), user.role, tenant, last, state)
    return table


def _state(user: User) -> str:
    if not user.enabled:
        return "disabled"
    return "good, with a second factor" if user.second_factor else "good"
