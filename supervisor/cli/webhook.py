"""``ramal webhook``: where events are sent, and what became of them."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.table import Table
from rich.text import Text

from supervisor.cli.listing import show_rows
from supervisor.cli.running import database, run
from supervisor.database.webhooks import (
    Endpoint,
    Sent,
    WebhookError,
    add_endpoint,
    enable_endpoint,
    list_deliveries,
    list_endpoints,
    ping,
    redeliver,
    remove_endpoint,
    rotate_secret,
)
from supervisor.outgoing.addresses import AddressGuard
from supervisor.settings import load_settings
from supervisor.webhooks.payloads import SUBSCRIBABLE

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="List, add, test and look into webhooks."
)

Id = Annotated[UUID, typer.Argument(metavar="ID", help="As `ramal webhook list` shows it.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
STATES = ("queued", "delivered", "dead")


@app.command("list")
def list_all(*, as_json: AsJson = False) -> None:
    """Show every webhook, and how it goes.

    Example: ramal webhook list
    """
    rows = run(_list())
    show_rows(
        rows, as_json=as_json, to_json=asdict, table=_endpoints, none="There are no webhooks yet."
    )


@app.command()
def add(
    *,
    url: Annotated[str, typer.Option(help="Where events are sent: https://...")],
    event: Annotated[
        list[str] | None, typer.Option(help="Which events, again for each; all if left out.")
    ] = None,
    tenant: Annotated[
        str | None, typer.Option(help="Its name; the whole installation if left out.")
    ] = None,
    condominium: Annotated[str | None, typer.Option(help="Only what happens there.")] = None,
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
) -> None:
    """Add a webhook and print its id and its secret; the secret cannot be shown again.

    Example: ramal webhook add --url https://hooks.example.com/ramal --event call.ended
    """
    if objection := AddressGuard.of(load_settings().outgoing).objection(url):
        raise WebhookError(f"No event can be sent to this URL: {objection}.")
    for each in event or ():
        if each not in SUBSCRIBABLE:
            raise WebhookError(f'There is no event "{each}"; use {", ".join(SUBSCRIBABLE)}.')

    async def work() -> tuple[UUID, str]:
        async with database() as connection:
            return await add_endpoint(
                connection,
                url,
                event or (),
                tenant=tenant,
                condominium=condominium,
                description=description,
            )

    made, secret = run(work())
    typer.echo(f"{made}\n{secret}")


@app.command()
def remove(webhook: Id) -> None:
    """Remove a webhook, and what was or would be sent to it.

    Example: ramal webhook remove 6f1c0d0a-4a4e-4a3c-9d53-1f5f1f6f2a10
    """
    run(_doing(remove_endpoint, webhook))
    typer.echo(f"The webhook {webhook} is removed.")


@app.command()
def enable(webhook: Id) -> None:
    """Send to a webhook again, first what waited.

    Example: ramal webhook enable 6f1c0d0a-4a4e-4a3c-9d53-1f5f1f6f2a10
    """
    run(_doing(enable_endpoint, webhook, True))
    typer.echo(f"The webhook {webhook} is enabled.")


@app.command()
def disable(webhook: Id) -> None:
    """Send nothing to a webhook; what happens meanwhile is not kept for it.

    Example: ramal webhook disable 6f1c0d0a-4a4e-4a3c-9d53-1f5f1f6f2a10
    """
    run(_doing(enable_endpoint, webhook, False))
    typer.echo(f"The webhook {webhook} is disabled.")


@app.command()
def rotate(
    webhook: Id,
    *,
    overlap_hours: Annotated[
        float, typer.Option(min=0, max=720, help="How long the old secret signs as well.")
    ] = 24.0,
) -> None:
    """Print a new secret.

    Example: ramal webhook rotate 6f1c0d0a-4a4e-4a3c-9d53-1f5f1f6f2a10 --overlap-hours 48
    """
    typer.echo(run(_doing(rotate_secret, webhook, timedelta(hours=overlap_hours))))


@app.command()
def test(webhook: Id) -> None:
    """Send a ping, by the server that runs.

    Example: ramal webhook test 6f1c0d0a-4a4e-4a3c-9d53-1f5f1f6f2a10
    """
    run(_doing(ping, webhook))
    typer.echo(f"A ping is on its way; see: ramal webhook deliveries {webhook}")


@app.command()
def deliveries(
    webhook: Id,
    *,
    state: Annotated[str | None, typer.Option(help="queued, delivered or dead.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    as_json: AsJson = False,
) -> None:
    """Show what was sent to a webhook, the newest first, with the last attempt of each.

    Example: ramal webhook deliveries 6f1c0d0a-4a4e-4a3c-9d53-1f5f1f6f2a10 --state dead
    """
    if state is not None and state not in STATES:
        raise WebhookError(f'There is no state "{state}"; use {", ".join(STATES)}.')
    rows = run(_doing(list_deliveries, webhook, state, limit))
    show_rows(
        rows,
        as_json=as_json,
        to_json=asdict,
        table=_deliveries,
        none="There are no such deliveries.",
    )


@app.command("redeliver")
def send_again(
    webhook: Id,
    *,
    delivery: Annotated[UUID | None, typer.Option(help="Only this one, dead or not.")] = None,
) -> None:
    """Send again what was given up.

    Example: ramal webhook redeliver 6f1c0d0a-4a4e-4a3c-9d53-1f5f1f6f2a10
    """
    count = run(_doing(redeliver, webhook, delivery))
    typer.echo(f"{count} deliveries are on their way again.")


async def _list() -> list[Endpoint]:
    async with database() as connection:
        return await list_endpoints(connection)


async def _doing(work: Any, *arguments: Any) -> Any:
    async with database() as connection:
        return await work(connection, *arguments)


def _endpoints(rows: Sequence[Endpoint]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("id", "url", "of", "events", "state", "waiting", "dead"):
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(
            str(row.id),
            Text(row.url),
            Text(row.condominium or row.tenant or "(all)"),
            ", ".join(row.events) or "(all)",
            Text(_state(row)),
            str(row.waiting),
            str(row.dead),
        )
    return table


def _state(row: Endpoint) -> str:
    if not row.enabled:
        return f"disabled: {row.disabled_reason}" if row.disabled_reason else "disabled"
    return f"failing since {row.failing_since:%Y-%m-%d %H:%M}" if row.failing_since else "good"


def _deliveries(rows: Sequence[Sent]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("at", "id", "event", "state", "attempts", "ms", "answer"):
        table.add_column(column, overflow="fold")
    for row in rows:
        latency = "" if row.latency_ms is None else f"{row.latency_ms:.0f}"
        answer = row.error or (str(row.status) if row.status else "")
        at = f"{row.created_at:%Y-%m-%d %H:%M:%S}"
        cells = (at, str(row.id), row.event, row.state, str(row.attempts), latency)
        table.add_row(*cells, Text(answer))
    return table
