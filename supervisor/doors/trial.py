"""A door tried without a visitor: a call of its own, with its own authorisation in the log."""

import asyncio
import getpass
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final
from uuid import UUID, uuid4

from conversation.door import Door, DoorError, Doors
from conversation.doorkeeper import Doorkeeper
from conversation.flow import Event
from conversation.interlock import Interlock
from conversation.journal import Entry
from conversation.owned_tasks import OwnedTasks
from conversation.record import CallRecord
from conversation.telephone import TelephoneError
from supervisor.alarms import Alarms
from supervisor.calls import telephone
from supervisor.database.doors import DoorRow
from supervisor.database.pool import Connection
from supervisor.database.records import store_entries
from supervisor.doors.locksmith import Locksmith
from supervisor.doors.phone import DoorPhone
from supervisor.doors.settings import DoorProblem
from supervisor.errors import OperatorError
from supervisor.metrics import Metrics
from supervisor.settings import Settings

CONNECT_LIMIT_S: Final = 5.0
WHO: Final = "ramal door test"


class TrialError(OperatorError):
    """The door did not open, or cannot be tried; the message says why."""


class _Kept:
    """Takes a journal's entries."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def write(self, entry: Entry) -> None:
        """Keep it until the trial is over."""
        self.entries.append(entry)


async def try_door(
    settings: Settings, connection: Connection, condominium_id: UUID, row: DoorRow
) -> UUID:
    """Open a door, and record that as a call; returns its id. Raises :class:`TrialError`."""
    if row.driver in ("dtmf", "none"):
        raise TrialError(_not_without_a_visitor(row))
    call_id, journal = uuid4(), _Kept()
    interlock = Interlock(call_id)
    record = CallRecord(call_id, journal, interlock.see)
    record.write("call.started", {"condominium_id": str(condominium_id), "caller": WHO})
    try:
        async with _made(settings, row) as door:
            doors = Doors({row.name: door}, row.name)
            failures: list[BaseException] = []
            tasks = OwnedTasks(failures.append)
            keeper = Doorkeeper(record, interlock, doors, tasks, _nobody_waits)
            await keeper.open_for_operator(row.name, WHO, getpass.getuser())
    except (DoorError, DoorProblem) as error:
        raise TrialError(f"The door {row.name} did not open: {error}.") from error
    finally:
        record.write("call.ended", {"reason": "completed"})
        await store_entries(connection, journal.entries)
    return call_id


def _nobody_waits(_: Event) -> None:
    """There is no flow that would have to be told."""


@asynccontextmanager
async def _made(settings: Settings, row: DoorRow) -> AsyncIterator[Door]:
    metrics = Metrics()
    alarms = Alarms(metrics)
    async with telephone(settings, metrics, alarms) as phones, AsyncExitStack() as resources:
        if row.driver == "dialplan":
            await _connected(phones.doors)
        smith = Locksmith(phones.doors, settings.outgoing, metrics, alarms, resources)
        yield await smith.door(WHO, row)


async def _connected(phone: DoorPhone) -> None:
    try:
        async with asyncio.timeout(CONNECT_LIMIT_S):
            await phone.connected()
    except TelephoneError as error:
        raise DoorError(str(error)) from error
    except TimeoutError:
        raise DoorError("Asterisk does not answer; see: ramal doctor") from None


def _not_without_a_visitor(row: DoorRow) -> str:
    if row.driver == "none":
        return f"Nothing opens the door {row.name}: its driver is none."
    return (
        f"The door {row.name} opens by keys sent to the intercom that calls: dial the extension "
        "from there, then POST /api/v1/calls/ID/open."
    )
