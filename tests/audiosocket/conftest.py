import asyncio
from collections.abc import Callable

import pytest
import uvloop

ON_REAL_SOCKETS = ("test_server", "test_caller")


def pytest_asyncio_loop_factories(
    item: pytest.Item,
) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """What touches sockets is tested under both loops that the program runs on."""
    factories: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
        "asyncio": asyncio.new_event_loop
    }
    if item.path.stem in ON_REAL_SOCKETS:
        factories["uvloop"] = uvloop.new_event_loop
    return factories
