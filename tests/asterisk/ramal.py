"""``ramal serve`` as an operator runs it, against a database and an Asterisk of the tests."""

import asyncio
import json
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.asterisk.asterisk import AsteriskServer

ROOT = Path(__file__).parents[2]
PROGRAM = (sys.executable, "-c", "from supervisor.cli import main; main()")
COMMAND_TIMEOUT_S = 60.0
READY_TIMEOUT_S = 90.0
"""Engines are loaded and prompts are spoken before an extension listens."""

STOP_TIMEOUT_S = 20.0
LOG_TAIL_LINES = 80


class RamalFailed(Exception):
    """A command did not do what it should; the message ends with what it said."""


@dataclass(frozen=True, slots=True)
class Line:
    """An extension that is to be answered."""

    number: str
    port: int
    return_port: int
    flow: str = "doorman"
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ramal:
    """A program with its settings: every command of it sees the same database and Asterisk."""

    database_url: str
    folder: Path
    asterisk: AsteriskServer
    variables: Mapping[str, str] = field(default_factory=dict)
    """Further settings, by their ``RAMAL_`` variables."""

    async def run(self, *arguments: str, good: Collection[int] = (0,)) -> str:
        """Run a command to its end and return what it printed. Raises :class:`RamalFailed` for an
        exit status that is not ``good``."""
        process = await asyncio.create_subprocess_exec(
            *(*PROGRAM, *arguments),
            env=self.environment,
            cwd=self.folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(COMMAND_TIMEOUT_S):
            printed, complained = await process.communicate()
        if process.returncode not in good:
            raise RamalFailed(f"ramal {' '.join(arguments)}: {complained.decode()}")
        return printed.decode()

    async def set_up(self, condominium: str, directory: str, lines: list[Line]) -> None:
        """What an operator does once: add the extensions, import who lives where."""
        for line in lines:
            await self.run(
                *("extension", "add", "--number", line.number, "--condominium", condominium),
                *("--port", str(line.port), "--return-port", str(line.return_port)),
                *("--flow", line.flow, "--settings", json.dumps(dict(line.settings))),
            )
        file = self.folder / "directory.csv"
        file.write_text(directory)
        await self.run("directory", "import", str(file), "--condominium", condominium)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[int]:
        """``ramal serve`` until the block ends, every extension listening; gives its process id.

        An error in the block takes the end of the server's log with it.
        """
        log = self.folder / "serve.log"
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                *(*PROGRAM, "serve"),
                env=self.environment,
                cwd=self.folder,
                stdout=output,
                stderr=output,
            )
        try:
            await self._until_listening(process)
            yield process.pid
        except BaseException as error:
            error.add_note(self.log_tail())
            raise
        finally:
            await _stop(process)

    def log_tail(self) -> str:
        """The end of the server's log, for a failure's report."""
        lines = (self.folder / "serve.log").read_text(errors="replace").splitlines()
        return "\n".join(["ramal serve logged last:", *lines[-LOG_TAIL_LINES:]])

    @property
    def environment(self) -> dict[str, str]:
        """The machine's environment with the settings of this test in place of its own."""
        host, port = self.asterisk.ami
        own = {name: value for name, value in os.environ.items() if not name.startswith("RAMAL_")}
        return {
            **own,
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": self.database_url,
            "RAMAL_DATA_DIR": str(self.folder / "var"),
            "RAMAL_WORKERS": "1",
            "RAMAL_HTTP__PORT": "0",
            "RAMAL_DRAIN_S": "2",
            "RAMAL_LOG__FORMAT": "json",
            "RAMAL_AMI__HOST": host,
            "RAMAL_AMI__PORT": str(port),
            "RAMAL_AMI__USER": self.asterisk.ami_user,
            "RAMAL_AMI__SECRET": self.asterisk.ami_secret,
            **self.variables,
        }

    async def _until_listening(self, process: asyncio.subprocess.Process) -> None:
        async with asyncio.timeout(READY_TIMEOUT_S):
            while True:
                rows = json.loads(await self.run("extension", "list", "--json"))
                if all(row["status"] == "listening" for row in rows):
                    return
                failed = [row["status_reason"] for row in rows if row["status"] == "failed"]
                if failed or process.returncode is not None:
                    raise RamalFailed(f"ramal serve: {failed or process.returncode}")
                await asyncio.sleep(0.2)


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), STOP_TIMEOUT_S)
    except TimeoutError:
        process.kill()
        await process.wait()


def password() -> str:
    """One for a phone of the tests."""
    return secrets.token_hex(8)
