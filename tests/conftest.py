"""What any test may ask for: a real PostgreSQL with our schema, a database of its own each."""

import asyncio
import logging
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings

from supervisor.database.embedded import EmbeddedPostgres
from supervisor.database.migrate import migrate
from supervisor.database.pool import Pool, connected, pooled

settings.register_profile(
    "busy machines", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("busy machines")
"""How long an example takes says who else uses the machine: benchmarks look at the time."""


@pytest.fixture(autouse=True)
def any_http_port(monkeypatch: pytest.MonkeyPatch) -> None:
    """No server under test takes the port that one in use may have."""
    monkeypatch.setenv("RAMAL_HTTP__PORT", "0")


async def _execute(url: str, statement: str) -> None:
    async with connected(url) as connection:
        await connection.execute(statement)


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny checkpoint of XTTS, which loads inside ``narrow_decoder`` only."""
    from tests.tts.tiny_xtts import narrow_decoder, write_checkpoint  # noqa: PLC0415

    with narrow_decoder():
        return write_checkpoint(tmp_path_factory.mktemp("xtts"))


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """A command that a test runs in this process sets the logs up; the next test shall not see."""
    root = logging.getLogger()
    level, handlers, settings = root.level, root.handlers[:], structlog.get_config()
    yield
    root.setLevel(level)
    root.handlers[:] = handlers
    structlog.configure(**settings)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[EmbeddedPostgres]:
    """One embedded server for the whole run; its database ``ramal`` is the migrated template."""
    folder = Path(tempfile.mkdtemp(prefix="ramal-test-"))
    server = EmbeddedPostgres(folder, durable=False)
    try:
        asyncio.run(migrate(server.start()))
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database_url(postgres_server: EmbeddedPostgres) -> Iterator[str]:
    """The connection string of a fresh, migrated, empty database."""
    name = f"test_{secrets.token_hex(6)}"
    maintenance = postgres_server.url("postgres")
    asyncio.run(_execute(maintenance, f"CREATE DATABASE {name} TEMPLATE ramal"))
    yield postgres_server.url(name)
    asyncio.run(_execute(maintenance, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Pool]:
    """A pool on a fresh database."""
    async with pooled(database_url) as pool:
        yield pool
