"""An extension for each scenario, in a condominium as the scenario describes it."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from supervisor.database.condominiums import find_or_create_condominium
from supervisor.database.directory import store_units
from supervisor.database.doors import DoorRow, add_door
from supervisor.database.extensions import (
    Extension,
    NewExtension,
    add_extension,
    remove_extension,
)
from supervisor.database.pool import Connection, Pool
from supervisor.errors import OperatorError
from supervisor.simulation.scenario import Scenario
from supervisor.simulation.stage import CONDOMINIUM, DOOR, free_ports, listening, sample_units

BROKEN_DOOR = "broken"
"""A door that the exchange's dialplan does not have."""

CONDOMINIUMS = {
    "opens": CONDOMINIUM,
    "fails": "Residencial Jatobá",
    "none": "Residencial Aroeira",
}
"""With the sample directory, by what becomes of their doors."""

FIRST_NUMBER = 1001


class Housing:
    """Puts scenarios' extensions into the database, and takes them out again."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._built: dict[str, Scenario] = {}
        self._one_at_a_time = asyncio.Lock()
        self._numbers = itertools.count(FIRST_NUMBER)

    @asynccontextmanager
    async def extension(self, scenario: Scenario) -> AsyncIterator[Extension]:
        """An extension that answers, during the block. Raises :class:`OperatorError`."""
        async with self._one_at_a_time, self._pool.acquire() as connection:
            name = await self._condominium(connection, scenario)
            port, return_port = free_ports(2)
            number = str(next(self._numbers))
            settings = dict(scenario.agent_settings)
            new = NewExtension(number, port, return_port, settings=settings)
            extension = await add_extension(connection, name, new)
        try:
            await listening(self._pool, number)
            yield extension
        finally:
            async with self._pool.acquire() as connection:
                await remove_extension(connection, number)

    async def _condominium(self, connection: Connection, scenario: Scenario) -> str:
        """The name of the condominium that fits, built if it is the first time."""
        name = scenario.condominium or CONDOMINIUMS[scenario.door]
        before = self._built.get(name)
        if before is None:
            await _build(connection, name, scenario)
            self._built[name] = scenario
        elif (before.directory, before.door) != (scenario.directory, scenario.door):
            raise OperatorError(
                f'"{scenario.name}" and "{before.name}" describe "{name}" differently; '
                "give one of the condominiums another name."
            )
        return name


async def _build(connection: Connection, name: str, scenario: Scenario) -> None:
    own = scenario.directory
    units = sample_units() if own is None else [unit.row() for unit in own]
    async with connection.transaction():
        condominium_id = await find_or_create_condominium(connection, name)
        await store_units(connection, condominium_id, units, replace=True)
        if scenario.door != "none":
            door = DOOR if scenario.door == "opens" else BROKEN_DOOR
            await add_door(connection, condominium_id, DoorRow(door, "dialplan", {}))
