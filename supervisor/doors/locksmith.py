"""Makes doors of rows: one maker per worker, which owns what its doors share."""

import asyncio
import time
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from conversation.door import Door, DoorError, DoorOrder, Doors
from supervisor.alarms import Alarms
from supervisor.database.doors import DoorRow
from supervisor.doors.address import check_address
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
from supervisor.outgoing.addresses import AddressGuard
from supervisor.outgoing.client import Outgoing, outgoing
from supervisor.outgoing.signature import is_secret
from supervisor.settings import OutgoingSettings


class Locksmith:
    """``resources`` closes what was opened for the doors when the worker ends. A door that does not
    open is an alarm: somebody who may come in stands before it."""

    def __init__(
        self,
        phone: DoorPhone,
        settings: OutgoingSettings,
        metrics: Metrics,
        alarms: Alarms,
        resources: AsyncExitStack,
    ) -> None:
        self._phone = phone
        self._settings = settings
        self._metrics = metrics
        self._alarms = alarms
        self._resources = resources
        self._opening = asyncio.Lock()
        self._outgoing: Outgoing | None = None

    async def doors(self, place: str, rows: Iterable[DoorRow], wanted: str | None) -> Doors:
        """The doors of the condominium ``place``; ``wanted`` is the one that the extension names,
        if it does.

        A door of the driver ``none`` is not among them: nothing can be ordered of it. Raises
        :class:`~supervisor.doors.settings.DoorProblem`.
        """
        known = {row.name: row for row in rows}
        made = {
            name: await self.door(place, row) for name, row in known.items() if row.driver != "none"
        }
        default = wanted or _default(known)
        if default is not None and default not in known:
            names = ", ".join(sorted(known)) or "none"
            raise DoorProblem(f'its condominium has no door "{default}"; there are: {names}')
        return Doors(made, default if default in made else None)

    async def door(self, place: str, row: DoorRow) -> Door:
        """A door that is counted and watched.

        Raises :class:`~supervisor.doors.settings.DoorProblem`.
        """
        try:
            return _Watched(place, await self._make(row), self._metrics, self._alarms)
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
                    outgoing(AddressGuard.of(self._settings))
                )
            return self._outgoing


def _default(rows: dict[str, DoorRow]) -> str | None:
    """The default door, or the only one there is."""
    named = next((row.name for row in rows.values() if row.is_default), None)
    return named or (next(iter(rows)) if len(rows) == 1 else None)


@dataclass(frozen=True, slots=True)
class _Watched:
    """A door whose orders are counted and timed, and whose failures are told."""

    place: str
    door: Door
    metrics: Metrics
    alarms: Alarms

    @property
    def name(self) -> str:
        """The door's."""
        return self.door.name

    @property
    def driver(self) -> str:
        """The door's."""
        return self.door.driver

    async def open(self, order: DoorOrder) -> None:
        """Open it, and tell how that went; who was given up had no answer."""
        began, failure = time.monotonic(), "no answer came in time"
        try:
            await self.door.open(order)
            failure = ""
        except DoorError as error:
            failure = str(error)
            raise
        finally:
            self._tell(failure, time.monotonic() - began)

    def _tell(self, failure: str, took_s: float) -> None:
        outcome = "failed" if failure else "opened"
        self.metrics.doors.labels(driver=self.driver, outcome=outcome).inc()
        self.metrics.door_seconds.labels(driver=self.driver).observe(took_s)
        told = f"The door {self.name} of {self.place}"
        subject = f"{self.place}/{self.name}"
        if failure:
            text = f"{told} did not open: {failure}."
            self.alarms.raise_alarm("door.failed", text, subject=subject, driver=self.driver)
        else:
            self.alarms.end_alarm("door.failed", f"{told} opens again.", subject=subject)
