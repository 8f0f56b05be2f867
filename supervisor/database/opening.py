"""Which database is used: the operator's, or the embedded one for as long as we run."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from supervisor.database.embedded import EmbeddedPostgres
from supervisor.settings import Settings


@asynccontextmanager
async def database_url(settings: Settings) -> AsyncIterator[str]:
    """The connection string to use inside the block.

    Without one in the settings the embedded PostgreSQL is started under ``data_dir``, and stopped
    after the block unless another of our processes uses it. Raises ``EmbeddedError``.
    """
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    server = EmbeddedPostgres(settings.data_dir)
    url = await asyncio.to_thread(server.start)
    try:
        yield url
    finally:
        await asyncio.to_thread(server.stop)
