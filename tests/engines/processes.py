"""Real engines processes for the tests."""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from engines.address import Address

ROOT = Path(__file__).parents[2]
PROGRAM = "from supervisor.cli import main; main()"
TOKEN = "a token of two dozen letters"


class EnginesProcess:
    """``ramal engines`` as a process of its own."""

    def __init__(self, address: Address, process: asyncio.subprocess.Process) -> None:
        self.address = address
        self.process = process

    @asynccontextmanager
    async def session(self) -> AsyncIterator[aiohttp.ClientSession]:
        path = self.address.path
        connector = aiohttp.UnixConnector(path) if path else aiohttp.TCPConnector()
        async with aiohttp.ClientSession(
            base_url=self.address.base_url,
            connector=connector,
            headers={"Authorization": f"Bearer {TOKEN}"},
        ) as session:
            yield session

    async def until_ready(self) -> None:
        async with asyncio.timeout(60), self.session() as session:
            while True:
                assert self.process.returncode is None, "the engines ended"
                try:
                    async with session.get("/readyz") as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientConnectionError:
                    pass
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()


@asynccontextmanager
async def unhurried_process() -> AsyncIterator[EnginesProcess]:
    """A warm process of :mod:`tests.engines.unhurried`."""
    with tempfile.TemporaryDirectory(prefix="ramal-") as folder:
        path = f"{folder}/engines.sock"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.engines.unhurried", path),
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        engines = EnginesProcess(Address(path=path), process)
        try:
            await engines.until_ready()
            yield engines
        finally:
            await engines.kill()


@asynccontextmanager
async def engines_process(
    *arguments: str, listen: str | None = None, program: str = PROGRAM, **environment: str
) -> AsyncIterator[EnginesProcess]:
    """A warm process; ``environment`` are more settings, ``RAMAL_...``; ``program`` is Python."""
    with tempfile.TemporaryDirectory(prefix="ramal-") as folder:
        address = listen or f"unix:{folder}/engines.sock"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", program),
            *("engines", "--listen", address, *arguments),
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "RAMAL_ENGINES__TOKEN": TOKEN,
                **environment,
            },
            cwd=folder,
        )
        engines = EnginesProcess(Address.parse(address), process)
        try:
            await engines.until_ready()
            yield engines
        finally:
            await engines.kill()
