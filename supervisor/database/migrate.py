"""Bringing the schema up to date: alembic's revisions, which travel inside the package.

Alembic and SQLAlchemy take most of a second to import, so they are only imported when the
database is behind.
"""

import asyncio
import threading
from pathlib import Path
from typing import Final

import asyncpg

from supervisor.database.pool import (
    Connection,
    DatabaseError,
    HopelessDatabaseError,
    connected,
)

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK_KEY = 0x52616D616C
"""Of the advisory lock ("Ramal" in ASCII): of two migrations at once, one waits."""
MIGRATION_LIMIT_S = 600.0
_ONE_AT_A_TIME: Final = threading.Lock()


async def migrate(url: str) -> list[str]:
    """Apply what is missing and return the revisions that were, oldest first.

    Safe to call again and from several processes at once. Raises ``DatabaseError``.
    """
    async with connected(url) as connection:
        if await schema_version(connection) == newest_version():
            return []
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK_KEY, timeout=MIGRATION_LIMIT_S)
        before = await schema_version(connection)
        missing = [name for name in _versions() if before is None or name > before]
        if missing or before != newest_version():
            await _upgrade(url, before)
        return missing


async def schema_version(connection: Connection) -> str | None:
    """The newest revision that was applied; ``None`` for a database without our schema."""
    if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
        return None
    version: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    return version


def newest_version() -> str:
    """The revision that this program needs."""
    return _versions()[-1]


def _versions() -> list[str]:
    """Revisions are numbered by their files, ``r0001_first_schema.py``: no import is needed."""
    files = sorted((MIGRATIONS / "versions").glob("r[0-9]*.py"))
    return [file.name[1:5] for file in files]


async def _upgrade(url: str, before: str | None) -> None:
    if before is not None and before > newest_version():
        raise HopelessDatabaseError(
            f"The database's schema ({before}) is newer than this program ({newest_version()}); "
            "install the newer version of ramal."
        )
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    try:
        await asyncio.to_thread(_run_alone, url)
    except DBAPIError as error:
        reason = str(error.orig).rpartition(">: ")[2]
        raise DatabaseError(
            f"The schema cannot be changed ({reason}); nothing was. If it is a matter of rights, "
            "run ramal migrate as the database's owner."
        ) from error


def _run_alone(url: str) -> None:
    """Alembic keeps the migration under way in module globals: two at once, of two databases,
    would write into each other's. A thread also keeps its long import off the event loop."""
    with _ONE_AT_A_TIME:
        asyncio.run(_run_alembic(url))


async def _run_alembic(url: str) -> None:
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from sqlalchemy import Connection as SyncConnection  # noqa: PLC0415
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415
    from sqlalchemy.pool import NullPool  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))

    async def connect_like_us() -> Connection:
        return await asyncpg.connect(url, command_timeout=MIGRATION_LIMIT_S)

    def upgrade(connection: SyncConnection) -> None:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=connect_like_us, poolclass=NullPool
    )
    try:
        async with engine.begin() as connection:
            await connection.run_sync(upgrade)
    finally:
        await engine.dispose()
