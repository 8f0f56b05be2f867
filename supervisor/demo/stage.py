"""The demo's own stage: a database that stays from one demo to the next, and one extension."""

import fcntl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict
from pathlib import Path

from supervisor.database.condominiums import find_or_create_condominium
from supervisor.database.directory import store_units
from supervisor.database.doors import DoorRow, add_door, load_doors
from supervisor.database.extensions import (
    Extension,
    add_extension,
    change_extension,
    find_extension,
    list_extensions,
)
from supervisor.database.handbooks import store_handbook
from supervisor.database.pool import Connection, connected, pooled
from supervisor.errors import OperatorError
from supervisor.server import running_server
from supervisor.simulation.scenario import Scenario
from supervisor.simulation.stage import (
    CONDOMINIUM,
    DOOR,
    Stage,
    embedded_database,
    extension_of,
    listening,
    sample_units,
    stage_settings,
)

NUMBERS = {"doorman": "1001", "receptionist": "2001"}
"""The demo's extensions, by who answers."""


@asynccontextmanager
async def database(folder: Path) -> AsyncIterator[str]:
    """The demo's own embedded PostgreSQL under ``folder``, migrated, with the sample directory.

    It is kept from one demo to the next, and with it the visit log. Raises ``OperatorError``.
    """
    async with embedded_database(folder) as url:
        async with connected(url) as connection:
            await _load_sample(connection)
        yield url


@asynccontextmanager
async def supervised(
    url: str, folder: Path, scenario: Scenario, *, ami_port: int, ami_secret: str
) -> AsyncIterator[Stage]:
    """A supervisor with one worker process that answers the extension, until the block ends."""
    settings = stage_settings(url, folder, ami_port=ami_port, ami_secret=ami_secret)
    async with pooled(url, size=2) as pool:
        async with pool.acquire() as connection:
            extension = await _put_extension(connection, scenario)
            if scenario.handbook is not None:
                await store_handbook(connection, extension.id, dict(scenario.handbook))
        async with running_server(settings) as server:
            await listening(pool, extension.number)
            yield Stage(extension, pool, url, server, folder)


async def _load_sample(connection: Connection) -> None:
    async with connection.transaction():
        condominium_id = await find_or_create_condominium(connection, CONDOMINIUM)
        await store_units(connection, condominium_id, sample_units(), replace=True)
        if not await load_doors(connection, condominium_id):
            await add_door(connection, condominium_id, DoorRow(DOOR, "dialplan", {}))


async def _put_extension(connection: Connection, scenario: Scenario) -> Extension:
    """The extension's row for this run: free ports, this scenario's settings, not served yet."""
    new = extension_of(scenario, NUMBERS.get(scenario.flow, "3001"))
    place = scenario.condominium or CONDOMINIUM
    if any(row.number == new.number for row in await list_extensions(connection)):
        await change_extension(connection, new.number, asdict(new))
    else:
        await add_extension(connection, place, new)
    await connection.execute(
        """UPDATE extensions SET status = 'new', status_reason = NULL, condominium_id = $2
           WHERE number = $1""",
        new.number,
        await find_or_create_condominium(connection, place),
    )
    return await find_extension(connection, new.number)


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
