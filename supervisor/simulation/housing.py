"""An extension for each scenario, in a condominium as the scenario describes it."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from supervisor.admission.secrets import SecretHash
from supervisor.database.condominiums import find_or_create_condominium
from supervisor.database.directory import store_units
from supervisor.database.doors import DoorRow, add_door
from supervisor.database.extensions import (
    Extension,
    add_extension,
    remove_extension,
)
from supervisor.database.handbooks import store_handbook
from supervisor.database.pool import Connection, Pool
from supervisor.errors import OperatorError
from supervisor.simulation.canned_model import canned_model
from supervisor.simulation.lists import lists_of
from supervisor.simulation.scenario import Scenario
from supervisor.simulation.stage import CONDOMINIUM, DOOR, extension_of, listening, sample_units

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

    def __init__(self, pool: Pool, hashes: Callable[[], SecretHash]) -> None:
        self._pool = pool
        self._hashes = hashes
        self._built: dict[str, Scenario] = {}
        self._one_at_a_time = asyncio.Lock()
        self._numbers = itertools.count(FIRST_NUMBER)

    @asynccontextmanager
    async def extension(self, scenario: Scenario) -> AsyncIterator[Extension]:
        """An extension that answers, during the block. Raises :class:`OperatorError`."""
        async with AsyncExitStack() as stack:
            url: str | None = None
            if scenario.model is not None:
                url = await stack.enter_async_context(canned_model(scenario.model))
            async with self._one_at_a_time, self._pool.acquire() as connection:
                extension = await self._add(connection, scenario, url)
            place = extension.condominium_id
            await stack.enter_async_context(lists_of(self._pool, self._hashes, place, scenario))
            try:
                await listening(self._pool, extension.number)
                yield extension
            finally:
                async with self._pool.acquire() as connection:
                    await remove_extension(connection, extension.number)

    async def _add(
        self, connection: Connection, scenario: Scenario, model_url: str | None
    ) -> Extension:
        name = await self._condominium(connection, scenario)
        new = extension_of(scenario, str(next(self._numbers)))
        async with connection.transaction():
            extension = await add_extension(connection, name, new)
            if scenario.handbook is not None:
                await store_handbook(connection, extension.id, dict(scenario.handbook))
            if model_url is not None:
                await _ask_model(connection, scenario.name, extension, model_url)
        return extension

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


async def _ask_model(connection: Connection, tenant: str, extension: Extension, url: str) -> None:
    """Models are tenants': the business gets one of its own."""
    tenant_id = await connection.fetchval(
        "INSERT INTO tenants (name) VALUES ($1) RETURNING id", f"{tenant} {extension.number}"
    )
    await connection.execute(
        "UPDATE condominiums SET tenant_id = $1 WHERE id = $2", tenant_id, extension.condominium_id
    )
    await connection.execute(
        "INSERT INTO language_models (tenant_id, base_url, models) VALUES ($1, $2, $3)",
        tenant_id,
        url,
        ["canned"],
    )


async def _build(connection: Connection, name: str, scenario: Scenario) -> None:
    own = scenario.directory
    units = sample_units() if own is None else [unit.row() for unit in own]
    async with connection.transaction():
        condominium_id = await find_or_create_condominium(connection, name)
        await store_units(connection, condominium_id, units, replace=True)
        if scenario.door != "none":
            door = DOOR if scenario.door == "opens" else BROKEN_DOOR
            await add_door(connection, condominium_id, DoorRow(door, "dialplan", {}))
