"""Whom a scenario's residents expect, and their PINs, in the database while its call goes on."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from supervisor.admission.secrets import SecretHash
from supervisor.database.pool import Connection, Pool
from supervisor.database.visitor_list import (
    add_visitor,
    find_unit_id,
    remove_pin,
    remove_visitor,
)
from supervisor.errors import OperatorError
from supervisor.simulation.scenario import ExpectedVisitor, ResidentPin, Scenario

MADE_BY: Final = "scenario"
_BEGAN_BEFORE: Final = timedelta(days=1)


@asynccontextmanager
async def lists_of(
    pool: Pool, hashes: Callable[[], SecretHash], condominium_id: UUID, scenario: Scenario
) -> AsyncIterator[None]:
    """Have the scenario's lists and PINs in the database during the block.

    Raises ``OperatorError`` for a unit or a resident that is not there.
    """
    async with pool.acquire() as connection:
        lists = _Lists(connection, condominium_id, hashes)
        expected = [await lists.expect(visitor) for visitor in scenario.visitors]
        pinned = [await lists.give_pin(pin) for pin in scenario.pins]
    try:
        yield
    finally:
        async with pool.acquire() as connection:
            for visitor_id in expected:
                await remove_visitor(connection, visitor_id)
            for resident_id in pinned:
                await remove_pin(connection, resident_id)


class _Lists:
    """Of one condominium. Codes and PINs are those that the scenario names, so that its people
    know them."""

    def __init__(
        self, connection: Connection, condominium_id: UUID, hashes: Callable[[], SecretHash]
    ) -> None:
        self._connection = connection
        self._condominium_id = condominium_id
        self._hashes = hashes

    async def expect(self, visitor: ExpectedVisitor) -> UUID:
        """Put somebody on a unit's list."""
        place = self._condominium_id
        block = visitor.block or None
        unit_id = await find_unit_id(self._connection, place, visitor.unit, block)
        ends_at = datetime.now(UTC) + timedelta(hours=visitor.ends_in_h)
        columns = {
            "name": visitor.name,
            "lets_in": visitor.lets_in,
            "starts_at": ends_at - _BEGAN_BEFORE,
            "ends_at": ends_at,
            "made_by": MADE_BY,
            "code_hash": self._hashes().code(place, visitor.code) if visitor.code else None,
        }
        return await add_visitor(self._connection, place, unit_id, columns)

    async def give_pin(self, pin: ResidentPin) -> UUID:
        """Give a resident a PIN."""
        resident_id: UUID | None = await self._connection.fetchval(
            """SELECT r.id FROM residents r JOIN units u ON u.id = r.unit_id
               WHERE r.name = $1 AND u.condominium_id = $2""",
            pin.resident,
            self._condominium_id,
        )
        if resident_id is None:
            raise OperatorError(f'Nobody called "{pin.resident}" lives there.')
        await self._connection.execute(
            "INSERT INTO resident_pins (resident_id, pin_hash, made_by) VALUES ($1, $2, $3)",
            resident_id,
            self._hashes().pin(resident_id, pin.pin),
            MADE_BY,
        )
        return resident_id
