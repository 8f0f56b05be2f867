"""What the commands share: an event loop, settings, a migrated database."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from supervisor.database.migrate import migrate
from supervisor.database.opening import database_url
from supervisor.database.pool import REFUSED, Connection, DatabaseError, connected
from supervisor.logs import configure_logs
from supervisor.settings import Settings, load_settings

Result = TypeVar("Result")


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine on uvloop to its end. Raises ``DatabaseError`` for what it refuses."""
    import uvloop  # noqa: PLC0415

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            return runner.run(work)
        except REFUSED as error:
            raise DatabaseError(
                f"PostgreSQL refuses this ({error}); connect as the user that ran "
                "ramal migrate, or put the database right."
            ) from error


def prepare() -> Settings:
    """The settings, with logs going where they say. Raises ``SettingsError``."""
    settings = load_settings()
    configure_logs(settings.log)
    return settings


@asynccontextmanager
async def database() -> AsyncIterator[Connection]:
    """A connection to the database of the settings, migrated; raises ``OperatorError``."""
    settings = prepare()
    async with database_url(settings) as url:
        await migrate(url)
        async with connected(url) as connection:
            yield connection
