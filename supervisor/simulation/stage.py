"""What every simulated call needs to be up: a database, a condominium, an extension, a server."""

import asyncio
import random
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import resources
from itertools import islice
from pathlib import Path
from typing import Any

from supervisor.database.directory import UnitRow
from supervisor.database.directory_file import read_directory
from supervisor.database.embedded import EmbeddedPostgres
from supervisor.database.extensions import Extension, NewExtension, find_extension
from supervisor.database.migrate import migrate
from supervisor.database.pool import Pool
from supervisor.errors import OperatorError
from supervisor.server import Server
from supervisor.settings import LogSettings, Settings
from supervisor.simulation.scenario import Scenario

CONDOMINIUM = "Residencial Ipê"
DOOR = "gate"
"""Opened by the exchange's dialplan."""
HOST = "127.0.0.1"
AMI_USER = "ramal"
INTERCOM = "9001"
"""The number that the visitor's intercom calls from."""
VOICE_SPEED = 1.25
"""The simulated doorman speaks briskly, so that a whole visit fits into a quarter of a minute."""

LOGS = LogSettings(level="warning", format="console")
"""Of the processes: what goes wrong, and nothing else, as the calls are on the same screen."""

PORTS = range(20_000, 30_000)
"""Where extensions' ports are chosen: below those that Linux gives to outgoing connections."""

LISTENING_WITHIN_S = 40.0
LOOK_AGAIN_S = 0.05


@dataclass(frozen=True, slots=True)
class Stage:
    """A supervisor that answers an extension; ``pool`` reads its database."""

    extension: Extension
    pool: Pool
    database_url: str
    server: Server
    data_dir: Path


@asynccontextmanager
async def embedded_database(folder: Path) -> AsyncIterator[str]:
    """An embedded PostgreSQL of one's own under ``folder``, migrated. Raises ``OperatorError``."""
    server = EmbeddedPostgres(folder, durable=False)
    url = await asyncio.to_thread(server.start)
    try:
        await migrate(url)
        yield url
    finally:
        await asyncio.to_thread(server.stop)


def sample_units() -> list[UnitRow]:
    """The directory of the sample condominium."""
    with resources.as_file(resources.files("supervisor.demo") / "sample.csv") as file:
        return read_directory(file)


async def listening(pool: Pool, number: str) -> None:
    """Wait until a worker answers the extension. Raises :class:`OperatorError` if none does."""
    try:
        async with asyncio.timeout(LISTENING_WITHIN_S):
            while (row := await find_extension(pool, number)).status != "listening":
                if row.status == "failed":
                    raise OperatorError(f"Extension {number} is not served: {row.status_reason}.")
                await asyncio.sleep(LOOK_AGAIN_S)
    except TimeoutError:
        raise OperatorError(
            f"No worker answered extension {number} within {LISTENING_WITHIN_S:g} s; "
            "the lines above say why."
        ) from None


def extension_of(scenario: Scenario, number: str) -> NewExtension:
    """The extension that a scenario is played on, on free ports. Raises :class:`OperatorError`."""
    port, return_port = free_ports(2)
    return NewExtension(
        *(number, port, return_port, scenario.flow, scenario.language),
        settings=dict(scenario.agent_settings),
    )


def free_ports(count: int, candidates: Sequence[int] = ()) -> list[int]:
    """The first of ``candidates`` that nobody listens on now, else some of :data:`PORTS`.

    Raises :class:`OperatorError` if there are not so many.
    """
    candidates = candidates or random.sample(PORTS, 50)
    free = list(islice(filter(_is_free, candidates), count))
    if len(free) < count:
        raise OperatorError("No free port was found on this machine; stop what takes them all.")
    return free


def _is_free(port: int) -> bool:
    try:
        socket.create_server((HOST, port)).close()
    except OSError:
        return False
    return True


def stage_settings(
    url: str, folder: Path, *, ami_port: int, ami_secret: str, workers: int = 1
) -> Settings:
    """The server's settings: neither ``ramal.toml`` nor the environment has a say."""
    data: dict[str, Any] = {
        "database_url": url,
        "data_dir": str(folder),
        "host": HOST,
        "workers": workers,
        "drain_s": 5.0,
        "ami": {"host": HOST, "port": ami_port, "user": AMI_USER, "secret": ami_secret},
        "tts": {"speed": VOICE_SPEED},
        "log": LOGS.model_dump(),
    }
    return Settings.from_supervisor(data)
