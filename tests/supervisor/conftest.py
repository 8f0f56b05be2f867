"""The ``ramal`` command in this process, for tests of what it prints and how it ends."""

from collections.abc import Callable
from pathlib import Path

import pytest

from supervisor.cli import main

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
