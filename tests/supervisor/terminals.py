"""``ramal serve`` in processes of their own, as somebody at a terminal would start them."""

import asyncio
import os
import sys
from pathlib import Path

import psutil

from tests.supervisor.serving import eventually

SERVE = (sys.executable, "-c", "from supervisor.cli import main; main()", "serve")
Process = asyncio.subprocess.Process


class Terminal:
    """A ``ramal serve`` and the file that it prints to, which its children may have open longer."""

    def __init__(self, process: Process, file: Path) -> None:
        self.process = process
        self._file = file

    @property
    def printed(self) -> str:
        """All of it so far."""
        return self._file.read_text()

    async def says(self, words: str) -> None:
        """Wait until it has printed these words."""

        async def read() -> str:
            return self.printed

        await eventually(read, lambda printed: words in printed)

    async def ends(self) -> int:
        """Its exit status, once it has ended by itself."""
        return await asyncio.wait_for(self.process.wait(), 40)


class Servers:
    """Starts servers on one data directory, and ends those that a test leaves."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder = folder
        self._environment = environment
        self._started: list[Terminal] = []

    async def start(self, *options: str, **environment: str) -> Terminal:
        file = self._folder / f"printed-{len(self._started)}"
        with file.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                *SERVE,
                *options,
                env={**self._environment, **environment},
                cwd=self._folder,
                stdout=output,
                stderr=asyncio.subprocess.STDOUT,
            )
        self._started.append(Terminal(process, file))
        return self._started[-1]

    async def close(self) -> None:
        for terminal in self._started:
            if terminal.process.returncode is None:
                terminal.process.terminate()
        for terminal in self._started:
            try:
                await asyncio.wait_for(terminal.process.wait(), 20)
            except TimeoutError:
                terminal.process.kill()
                await terminal.process.wait()


def environment(**more: str) -> dict[str, str]:
    """A small server's, that says little."""
    return {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "RAMAL_DRAIN_S": "20",
        "RAMAL_WORKERS": "1",
        "RAMAL_SPARE_WORKER": "false",
        "RAMAL_LOG__FORMAT": "json",
        "RAMAL_LOG__LEVEL": "warning",
        **more,
    }


async def replace(servers: Servers, old: Terminal, *options: str, **variables: str) -> Terminal:
    """Start a server that takes the place of ``old``, and wait until it has."""
    new = await servers.start("--replace", *options, **variables)
    await new.says("takes all new calls")
    await old.says(f"Process {new.process.pid} takes all new calls")
    return new


def family(terminal: Terminal) -> list[int]:
    """The processes that it started, and theirs."""
    process = psutil.Process(terminal.process.pid)
    return [each.pid for each in process.children(recursive=True)]


def first_key(printed: str) -> str:
    """What is in the file that a server named when it started."""
    path = printed.partition("The first key of the API, an admin's, is in ")[2].partition(";")[0]
    return Path(path).read_text().strip()
