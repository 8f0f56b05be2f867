"""Makes doors of rows: one maker per worker, which owns what its doors share."""

import asyncio
import time
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from conversation.door import Door, DoorError, DoorOrder, Doors
from supervisor.database.doors import DoorRow
from supervisor.doors.address import check_address, guard_of
from supervisor.doors.dialplan import DialplanDoor
from supervisor.doors.dtmf import DtmfDoor
from supervisor.doors.phone import DoorPhone
from supervisor.doors.settings import (
    DialplanSettings,
    DoorProblem,
    DtmfSettings,
    WebhookSettings,
    driver_settings,
)
from supervisor.doors.webhook import WebhookDoor
from supervisor.metrics import Metrics
from supervisor.outgoing.client import Outgoing, outgoing
from supervisor.outgoing.signature import is_secret
from supervisor.settings import OutgoingSettings


class Locksmith:
    """``resources`` closes what was opened for the doors when the worker ends."""

    def __init__(
        self,
        phone: DoorPhone,
        settings: OutgoingSettings,
        metrics: Metrics,
        resources: AsyncExitStack,
    ) -> None:
        self._phone = phone
        self._settings = settings
        self._metrics = metrics
        self._resources = resources
        self._opening = asyncio.Lock()
        self._outgoing: Outgoing | None = None

    async def doors(self, rows: Iterable[DoorRow], wanted: str | None) -> Doors:
        """The doors of a condominium; ``wanted`` is the one that the extension names, if it does.

        A door of the driver ``none`` is not among them: nothing can be ordered of it. Raises
        :class:`~supervisor.doors.settings.DoorProblem`.
        """
        known = {row.name: row for row in rows}
        made = {name: await self.door(row) for name, row in known.items() if row.driver != "none"}
        default = wanted or _default(known)
        if default is not None and default not in known:
            names = ", ".join(sorted(known)) or "none"
            raise DoorProblem(f'its condominium has no door "{default}"; there are: {names}')
        return Doors(made, default if default in made else None)

    async def door(self, row: DoorRow) -> Door:
        """A door that is counted. Raises :class:`~supervisor.doors.settings.DoorProblem`."""
        try:
            return _Counted(await self._make(row), self._metrics)
        except DoorProblem as problem:
            raise DoorProblem(f'the door "{row.name}": {problem}') from None

    async def _make(self, row: DoorRow) -> Door:
        match driver_settings(row.driver, row.settings):
            case DtmfSettings() as settings:
                return DtmfDoor(row.name, settings, self._phone)
            case DialplanSettings() as settings:
                return DialplanDoor(row.name, settings, self._phone)
            case WebhookSettings() as settings:
                if row.secret is None or not is_secret(row.secret):
                    raise DoorProblem("it has no secret to sign requests with")
                check_address(settings, self._settings)
                return WebhookDoor(row.name, settings, row.secret, await self._client())
        raise DoorProblem(f"nothing is opened by {row.driver}")

    async def _client(self) -> Outgoing:
        async with self._opening:
            if self._outgoing is None:
                self._outgoing = await self._resources.enter_async_context(
                    outgoing(guard_of(self._settings))
                )
            return self._outgoing


def _default(rows: dict[str, DoorRow]) -> str | None:
    """The default door, or the only one there is."""
    named = next((row.name for row in rows.values() if row.is_default), None)
    return named or (next(iter(rows)) if len(rows) == 1 else None)


@dataclass(frozen=True, slots=True)
class _Counted:
    """A door whose orders are counted and timed."""

    door: Door
    metrics: Metrics

    @property
    def name(self) -> str:
        """The door's."""
        return self.door.name

    @property
    def driver(self) -> str:
        """The door's."""
        return self.door.driver

    async def open(self, order: DoorOrder) -> None:
        """Open it, and count how that went."""
        began, outcome = time.monotonic(), "abandoned"
        try:
            await self.door.open(order)
            outcome = "opened"
        except DoorError:
            outcome = "failed"
            raise
        finally:
            self.metrics.doors.labels(driver=self.driver, outcome=outcome).inc()
            self.metrics.door_seconds.labels(driver=self.driver).observe(time.monotonic() - began)
