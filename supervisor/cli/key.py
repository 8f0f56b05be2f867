"""``ramal key``: who may use the HTTP API."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from supervisor.cli.listing import show_rows
from supervisor.cli.running import database, run
from supervisor.database.api_keys import (
    ROLES,
    ApiKey,
    ApiKeyError,
    Role,
    create_key,
    find_tenant,
    list_keys,
    revoke_key,
    rotate_key,
)

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Create, list, rotate and revoke API keys."
)

Days = Annotated[
    int | None,
    typer.Option(min=1, max=36500, help="How long it is good; for ever if left out."),
]
Prefix = Annotated[str, typer.Argument(metavar="PREFIX", help="As `ramal key list` shows it.")]


@app.command()
def create(
    *,
    name: Annotated[str, typer.Option(help="Whose it is, or what for.")],
    role: Annotated[str, typer.Option(help="admin, operator or viewer.")],
    tenant: Annotated[
        str | None, typer.Option(help="Its name; the whole installation if left out.")
    ] = None,
    days: Days = None,
) -> None:
    """Make a key and print it; it cannot be shown again.

    Example: ramal key create --name "Painel" --role viewer --tenant "Alfa" --days 90
    """
    typer.echo(run(_create(name, role_of(role), tenant, _end(days))))


@app.command("list")
def list_all(
    *, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """Show every key by its prefix, and when it was last used.

    Example: ramal key list
    """
    keys = run(_list())
    show_rows(keys, as_json=as_json, to_json=asdict, table=_table, none="There are no keys yet.")


@app.command()
def revoke(prefix: Prefix) -> None:
    """End a key now.

    Example: ramal key revoke 3f9a2b6c1d04
    """
    key = run(_revoke(prefix))
    typer.echo(f'The key {key.prefix} ("{key.name}") is revoked.')


@app.command()
def rotate(
    prefix: Prefix,
    *,
    overlap_hours: Annotated[
        float, typer.Option(min=0, max=8760, help="How long the old key is still good.")
    ] = 24.0,
    days: Days = None,
) -> None:
    """Print a new key like another one, which stays good for a while.

    Example: ramal key rotate 3f9a2b6c1d04 --overlap-hours 48
    """
    typer.echo(run(_rotate(prefix, timedelta(hours=overlap_hours), _end(days))))


async def _create(name: str, role: Role, tenant: str | None, expires_at: datetime | None) -> str:
    async with database() as connection:
        tenant_id = None if tenant is None else await find_tenant(connection, tenant)
        return await create_key(connection, name, role, tenant_id=tenant_id, expires_at=expires_at)


async def _list() -> list[ApiKey]:
    async with database() as connection:
        return await list_keys(connection)


async def _revoke(prefix: str) -> ApiKey:
    async with database() as connection:
        return await revoke_key(connection, prefix)


async def _rotate(prefix: str, overlap: timedelta, expires_at: datetime | None) -> str:
    async with database() as connection:
        return await rotate_key(connection, prefix, overlap, expires_at=expires_at)


def _end(days: int | None) -> datetime | None:
    return None if days is None else datetime.now(UTC) + timedelta(days=days)


def role_of(given: str) -> Role:
    """The role of that name. Raises ``ApiKeyError``."""
    for role in ROLES:
        if role == given:
            return role
    raise ApiKeyError(f'There is no role "{given}"; use {", ".join(ROLES)}.')


def _table(keys: Sequence[ApiKey]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("prefix", "name", "role", "tenant", "last used", "state"):
        table.add_column(column, overflow="fold")
    for key in keys:
        used = f"{key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never"
        table.add_row(
            key.prefix, Text(key.name), key.role, Text(key.tenant or "(all)"), used, _state(key)
        )
    return table


def _state(key: ApiKey) -> str:
    if key.revoked_at:
        return "revoked"
    if key.expires_at is None:
        return "good"
    over = key.expires_at <= datetime.now(UTC)
    return f"{'expired' if over else 'until'} {key.expires_at:%Y-%m-%d %H:%M}"
