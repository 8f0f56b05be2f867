"""A real Chromium, or a skip that says why there is none; and our API to open in it."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from supervisor.database.pool import Pool
from tests.api.serving import Api, serving
from tests.browser.fetch import Browser, find_or_fetch
from tests.browser.watching import LIMIT_MS, Watched, watched_page
from tests.packages.fetching import Unavailable


@pytest.fixture(scope="session")
def browser(pytestconfig: pytest.Config) -> Browser:
    """Found, or fetched once per machine. RAMAL_REQUIRE_BROWSER=1 makes its absence a failure."""
    terminal = pytestconfig.pluginmanager.getplugin("terminalreporter")
    try:
        return find_or_fetch(terminal.write_line)
    except Unavailable as error:
        if os.environ.get("RAMAL_REQUIRE_BROWSER"):
            pytest.fail(f"RAMAL_REQUIRE_BROWSER is set, but: {error}", pytrace=False)
        pytest.skip(str(error))


@pytest.fixture
async def watched(browser: Browser, tmp_path: Path) -> AsyncIterator[Watched]:
    """A fresh page. Whatever the test does, in the end the console is clean and nothing left."""
    expect.set_options(timeout=LIMIT_MS)
    async with watched_page(browser, tmp_path) as watched:
        yield watched
        assert watched.complaints == []
        assert watched.leaving == []


@pytest.fixture
async def api(database_url: str, database: Pool) -> AsyncIterator[Api]:
    async with serving(database_url, database) as api:
        yield api
