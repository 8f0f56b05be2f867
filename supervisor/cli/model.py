"""``ramal model``: the language models that doormen ask where the rules are not sure."""

import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from supervisor.cli.running import database, run
from supervisor.database.condominiums import DEFAULT_TENANT
from supervisor.database.language_models import (
    LanguageModelError,
    LanguageModelRow,
    language_model_of_tenant,
    list_language_models,
    remove_language_model,
    store_language_model,
)
from supervisor.model_probe import Probed, probe
from supervisor.outgoing.addresses import ANYWHERE, AddressGuard
from supervisor.outgoing.client import outgoing
from supervisor.settings import load_settings

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="List, set, test and remove language models."
)

Tenant = Annotated[str, typer.Option(help="Whose doormen ask it.")]


@app.command("list")
def list_all() -> None:
    """Show which tenants have a language model; keys are not shown.

    Example: ramal model list
    """
    rows = run(_list())
    if not rows:
        typer.echo("No tenant has a language model: the rules do without.")
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("tenant", "url", "models", "deadline", "key"):
        table.add_column(column, overflow="fold")
    for tenant, row, has_key in rows:
        cells = (tenant, row.base_url, ", ".join(row.models), f"{row.deadline_ms} ms")
        table.add_row(*map(Text, cells), "set" if has_key else "none")
    Console().print(table)


@app.command("set")
def change(
    models: Annotated[
        list[str], typer.Argument(metavar="MODEL...", help="Tried in this order, up to five.")
    ],
    *,
    url: Annotated[str, typer.Option(help="The API, up to /v1.")],
    tenant: Tenant = DEFAULT_TENANT,
    deadline_ms: Annotated[
        int, typer.Option(min=200, max=5000, help="For all slots and models of a turn.")
    ] = 1200,
    key_from_stdin: Annotated[
        bool, typer.Option("--key-stdin", help="Read the API's key from the standard input.")
    ] = False,
) -> None:
    """Set a tenant's language model; new calls ask it. A key that is not given stays as it was,
    unless the URL is another.

    Example: ramal model set gpt-4.1-mini --url https://api.openai.com/v1 --key-stdin < key
    """
    if not url.startswith(("http://", "https://")) or " " in url:
        raise LanguageModelError(f'"{url}" is no URL; write it like https://api.openai.com/v1')
    if len(models) > 5 or not all(map(str.strip, models)):
        raise LanguageModelError("Name one to five models.")
    key = sys.stdin.readline().strip() if key_from_stdin else None
    if key_from_stdin and not key:
        raise LanguageModelError("There is no key on the standard input; give one: ... < key")
    row = LanguageModelRow(url.rstrip("/"), tuple(models), key, deadline_ms)
    run(_store(tenant, row, keeps_key=not key_from_stdin))
    typer.echo(f"The doormen of {tenant} ask {', '.join(models)} where the rules are not sure.")


@app.command()
def test(*, tenant: Tenant = DEFAULT_TENANT) -> None:
    """Ask each of a tenant's models something, and say what is wrong; exit 1 if anything is.

    Example: ramal model test
    """
    results = run(_test(tenant))
    for each in results:
        typer.echo(f"{each.model}: {each.text}")
    if not all(each.works for each in results):
        raise typer.Exit(1)


@app.command()
def remove(*, tenant: Tenant = DEFAULT_TENANT) -> None:
    """Ask no language model any more, and forget its key.

    Example: ramal model remove
    """
    run(_remove(tenant))
    typer.echo(f"The doormen of {tenant} go by the rules alone.")


async def _list() -> list[tuple[str, LanguageModelRow, bool]]:
    async with database() as connection:
        return await list_language_models(connection)


async def _store(tenant: str, row: LanguageModelRow, *, keeps_key: bool) -> None:
    async with database() as connection:
        await store_language_model(connection, tenant, row, keeps_key=keeps_key)


async def _remove(tenant: str) -> None:
    async with database() as connection:
        await remove_language_model(connection, tenant)


async def _test(tenant: str) -> list[Probed]:
    async with database() as connection:
        row = await language_model_of_tenant(connection, tenant)
    guard = AddressGuard.of(load_settings().outgoing) if row.guarded else ANYWHERE
    async with outgoing(guard) as client:
        return [await probe(client, row, model) for model in row.models]
