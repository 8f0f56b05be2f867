"""The ``ramal`` command in this process, and a supervisor with real workers."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from supervisor.cli import main
from supervisor.server import Server, running_server
from supervisor.settings import LogSettings, Settings, load_settings
from tests.supervisor.terminals import Servers, environment

Ramal = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ramal(
    capsys: pytest.CaptureFixture[str],
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Ramal:
    """Runs a command and returns its status, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("RAMAL_LOG__LEVEL", "error")

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as caught:
            main(list(arguments))
        out, err = capsys.readouterr()
        return int(caught.value.code or 0), out, err

    return run


@pytest.fixture
def settings(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Two workers on a fresh database, with a data directory of their own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    return load_settings(
        database_url=SecretStr(database_url),
        workers=2,
        drain_s=1.0,
        log=LogSettings(format="json"),
    )


@pytest.fixture
async def server(settings: Settings) -> AsyncIterator[Server]:
    """A supervisor that runs."""
    async with running_server(settings) as server:
        yield server


@pytest.fixture
async def servers(database_url: str, tmp_path: Path) -> AsyncIterator[Servers]:
    servers = Servers(tmp_path, environment(DATABASE_URL=database_url))
    yield servers
    await servers.close()
