"""``ramal serve`` and ``ramal migrate``."""

from typing import Annotated

import typer

from supervisor.cli.running import prepare, run
from supervisor.database.migrate import migrate as apply_migrations
from supervisor.database.migrate import newest_version
from supervisor.database.opening import database_url
from supervisor.settings import Settings


def serve(
    *,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace",
            help="Take the place of the server that runs on this data directory, without refusing "
            "or losing a call; start where none runs.",
        ),
    ] = False,
) -> None:
    """Answer every enabled extension until SIGTERM or Ctrl-C.

    Running calls may then finish; a second Ctrl-C ends them at once. Changes of the extensions
    table take effect while it runs. A new version takes the place of one that runs, and lets it
    finish its calls: ramal serve --replace

    Example: DATABASE_URL=postgresql://ramal@db/ramal ramal serve
    """
    from supervisor.server import serve as serve_until_told  # noqa: PLC0415

    settings = prepare()
    run(serve_until_told(settings, replace=replace))


def migrate() -> None:
    """Bring the database's schema up to date; safe to run again, and from several machines.

    Example: DATABASE_URL=postgresql://ramal@db/ramal ramal migrate
    """
    applied = run(_migrate(prepare()))
    if applied:
        typer.echo(f"Applied {', '.join(applied)}; the schema is at {newest_version()}.")
    else:
        typer.echo(f"The schema is up to date ({newest_version()}).")


async def _migrate(settings: Settings) -> list[str]:
    async with database_url(settings) as url:
        return await apply_migrations(url)
