"""Everything that a demo needs to be up: database, sample condominium, extension, supervisor."""

import asyncio
import fcntl
import random
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from importlib import resources
from itertools import islice
from pathlib import Path
from typing import Any

from supervisor.database.condominiums import find_or_create_condominium
from supervisor.database.directory import UnitRow, store_units
from supervisor.database.directory_file import read_directory
from supervisor.database.doors import DoorRow, add_door, load_doors
from supervisor.database.embedded import EmbeddedPostgres
from supervisor.database.extensions import (
    Extension,
    NewExtension,
    add_extension,
    change_extension,
    find_extension,
    list_extensions,
)
from supervisor.database.migrate import migrate
from supervisor.database.pool import Connection, Pool, connected, pooled
from supervisor.demo.scenario import Scenario
from supervisor.errors import OperatorError
from supervisor.server import Server, running_server
from supervisor.settings import LogSettings, Settings

CONDOMINIUM = "Residencial Ipê"
NUMBER = "1001"
DOOR = "gate"
"""Opened by the exchange's dialplan."""
HOST = "127.0.0.1"
AMI_USER = "ramal"
VOICE_SPEED = 1.25
"""The demo's doorman speaks briskly, so that a whole visit fits into a quarter of a minute."""

LOGS = LogSettings(level="warning", format="console")
"""Of the demo's processes: what goes wrong, and nothing else, as the call is on the same screen."""

PORTS = range(20_000, 30_000)
"""Where the extension's ports are chosen: below those that Linux gives to outgoing connections."""

LISTENING_WITHIN_S = 40.0
LOOK_AGAIN_S = 0.05


@dataclass(frozen=True, slots=True)
class Stage:
    """A supervisor that answers :data:`NUMBER` on ``port``; ``pool`` reads its database."""

    port: int
    pool: Pool
    database_url: str
    server: Server


@asynccontextmanager
async def database(folder: Path) -> AsyncIterator[str]:
    """The demo's own embedded PostgreSQL under ``folder``, migrated, with the sample directory.

    It is kept from one demo to the next, and with it the visit log. Raises ``OperatorError``.
    """
    server = EmbeddedPostgres(folder, durable=False)
    url = await asyncio.to_thread(server.start)
    try:
        await migrate(url)
        async with connected(url) as connection:
            await _load_sample(connection)
        yield url
    finally:
        await asyncio.to_thread(server.stop)


def sample_units() -> list[UnitRow]:
    """The directory of the sample condominium."""
    with resources.as_file(resources.files("supervisor.demo") / "sample.csv") as file:
        return read_directory(file)


@asynccontextmanager
async def supervised(
    url: str, folder: Path, scenario: Scenario, *, ami_port: int, ami_secret: str
) -> AsyncIterator[Stage]:
    """A supervisor with one worker process that answers the extension, until the block ends."""
    settings = _settings(url, folder, ami_port, ami_secret)
    async with pooled(url, size=2) as pool:
        async with pool.acquire() as connection:
            extension = await _put_extension(connection, scenario)
        async with running_server(settings) as server:
            await _listening(pool)
            yield Stage(extension.port, pool, url, server)


async def _load_sample(connection: Connection) -> None:
    async with connection.transaction():
        condominium_id = await find_or_create_condominium(connection, CONDOMINIUM)
        await store_units(connection, condominium_id, sample_units(), replace=True)
        if not await load_doors(connection, condominium_id):
            await add_door(connection, condominium_id, DoorRow(DOOR, "dialplan", {}))


async def _put_extension(connection: Connection, scenario: Scenario) -> Extension:
    """The extension's row for this run: free ports, this scenario's settings, not served yet."""
    port, return_port = free_ports(2)
    new = NewExtension(NUMBER, port, return_port, settings=dict(scenario.agent_settings))
    if any(row.number == NUMBER for row in await list_extensions(connection)):
        changes = {"port": port, "return_port": return_port, "settings": new.settings}
        extension = await change_extension(connection, NUMBER, changes)
    else:
        extension = await add_extension(connection, CONDOMINIUM, new)
    await connection.execute(
        "UPDATE extensions SET status = 'new', status_reason = NULL WHERE id = $1", extension.id
    )
    return extension


async def _listening(pool: Pool) -> None:
    """Wait until a worker answers. Raises :class:`OperatorError` if none does."""
    try:
        async with asyncio.timeout(LISTENING_WITHIN_S):
            while (row := await find_extension(pool, NUMBER)).status != "listening":
                if row.status == "failed":
                    raise OperatorError(f"The demo's extension is not served: {row.status_reason}.")
                await asyncio.sleep(LOOK_AGAIN_S)
    except TimeoutError:
        raise OperatorError(
            f"The demo's worker did not answer within {LISTENING_WITHIN_S:g} s; "
            "the lines above say why."
        ) from None


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


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Keep a second demo out of ``folder``: two would fight over one database and extension.

    Raises :class:`OperatorError` if one is running there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "demo.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OperatorError(
                f"Another demo is running in {folder.absolute()}; wait for its end or stop it."
            ) from None
        yield


def _settings(url: str, folder: Path, ami_port: int, ami_secret: str) -> Settings:
    """The demo's own settings: neither ``ramal.toml`` nor the environment has a say."""
    data: dict[str, Any] = {
        "database_url": url,
        "data_dir": str(folder),
        "host": HOST,
        "workers": 1,
        "drain_s": 5.0,
        "ami": {"host": HOST, "port": ami_port, "user": AMI_USER, "secret": ami_secret},
        "tts": {"speed": VOICE_SPEED},
        "log": LOGS.model_dump(),
    }
    return Settings.from_supervisor(data)
