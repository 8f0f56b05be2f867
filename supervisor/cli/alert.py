"""``ramal alert``: what somebody should look at, and whether people would hear of it."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from supervisor.alarms import Alarm
from supervisor.alerts.messenger import messenger_of
from supervisor.alerts.post import wording
from supervisor.cli.listing import show_rows
from supervisor.cli.running import database, prepare, run
from supervisor.errors import OperatorError

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="List alerts, and test who is told of them."
)
MOST_LISTED = 200


@app.command("list")
def list_all(
    *,
    everything: Annotated[bool, typer.Option("--all", help="Those that are over too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the alerts that are neither over nor acknowledged, the newest first.

    Example: ramal alert list --all
    """
    rows = run(_list(everything))
    show_rows(rows, as_json=as_json, to_json=dict, table=_table, none="There are no such alerts.")


@app.command()
def test() -> None:
    """Send a message to every address of alerts.urls.

    Example: ramal alert test
    """
    settings = prepare().alerts
    if not settings.urls:
        raise OperatorError("No address is set; put one into alerts.urls (docs/webhooks.md).")
    alarm = Alarm("test", "Somebody wants to know whether you get this.", datetime.now(UTC))
    if not asyncio.run(messenger_of(settings).tell(*wording(alarm))):
        raise OperatorError("Not every address took it; the log above says which one did not.")
    typer.echo(f"Sent to {len(settings.urls)} addresses.")


async def _list(everything: bool) -> list[dict[str, Any]]:
    async with database() as connection:
        rows = await connection.fetch(
            """SELECT id, kind, subject, text, facts, raised_at, last_at, times, over_at,
                   acknowledged_at, acknowledged_by
               FROM alerts WHERE $1 OR (over_at IS NULL AND acknowledged_at IS NULL)
               ORDER BY raised_at DESC, id DESC LIMIT $2""",
            everything,
            MOST_LISTED,
        )
        return [dict(row) for row in rows]


def _table(rows: Sequence[dict[str, Any]]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("since", "last", "times", "kind", "subject", "state", "text"):
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(
            f"{row['raised_at']:%Y-%m-%d %H:%M}",
            f"{row['last_at']:%Y-%m-%d %H:%M}",
            str(row["times"]),
            row["kind"],
            Text(row["subject"]),
            _state(row),
            Text(row["text"]),
        )
    return table


def _state(row: dict[str, Any]) -> str:
    if row["over_at"]:
        return "over"
    return f"seen by {row['acknowledged_by']}" if row["acknowledged_at"] else "open"
