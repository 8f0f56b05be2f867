from collections.abc import AsyncIterator

import pytest

from supervisor.database.pool import Pool
from tests.api.serving import Api, serving


@pytest.fixture
async def api(database_url: str, database: Pool) -> AsyncIterator[Api]:
    async with serving(database_url, database) as api:
        yield api
