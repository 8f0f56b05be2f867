"""The Asterisk of this machine, or a skip that says why there is none."""

import os

import pytest

from tests.asterisk.fetch import find_or_fetch
from tests.asterisk.installation import Installation
from tests.packages.fetching import Unavailable


@pytest.fixture(scope="session")
def installation(pytestconfig: pytest.Config) -> Installation:
    """Found, or fetched once per machine. RAMAL_REQUIRE_ASTERISK=1 makes its absence a failure."""
    terminal = pytestconfig.pluginmanager.getplugin("terminalreporter")
    try:
        return find_or_fetch(terminal.write_line)
    except Unavailable as error:
        if os.environ.get("RAMAL_REQUIRE_ASTERISK"):
            pytest.fail(f"RAMAL_REQUIRE_ASTERISK is set, but: {error}", pytrace=False)
        pytest.skip(str(error))
