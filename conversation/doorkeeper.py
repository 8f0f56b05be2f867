"""Opens doors for one call: checked against its journal, recorded, timed, and never waited for."""

import asyncio
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Final
from uuid import UUID, uuid4

import structlog

from conversation.door import Door, DoorError, DoorOrder, Doors
from conversation.flow import DoorFailed, DoorOpened, Event, OpenDoor
from conversation.interlock import Interlock, RefusedOrderError
from conversation.journal import Entry
from conversation.owned_tasks import OwnedTasks
from conversation.record import CallRecord

DOOR_LIMIT_S: Final = 6.0
"""The longest that a door may take: the visitor stands there and hears nothing. Operators who open
one wait as long, and are answered within 8 s (``supervisor/workers/steering.py``)."""

log = structlog.get_logger(__name__)


class Doorkeeper:
    """Carries out a call's door orders and posts how they went."""

    def __init__(
        self,
        record: CallRecord,
        interlock: Interlock,
        doors: Doors,
        tasks: OwnedTasks,
        post: Callable[[Event], None],
    ) -> None:
        self._record = record
        self._interlock = interlock
        self._doors = doors
        self._tasks = tasks
        self._post = post

    def remember(self, entries: Iterable[Entry]) -> None:
        """Go on from what the call's journal held when its last process died."""
        now = datetime.now(UTC)
        for entry in entries:
            self._interlock.see(entry, age_s=(now - entry.at).total_seconds())

    def open(self, action: OpenDoor) -> None:
        """Order a door for the flow, which hears of it as ``DoorOpened`` or ``DoorFailed``.

        An authorisation that was used before, in a process that died, opens nothing again: the
        flow hears what the journal knows of that time.
        """
        try:
            door, order = self._order(action.authorisation, action.door)
        except RefusedOrderError as refusal:
            self._refused(action.authorisation, refusal)
        except DoorError as error:
            self._failed(DoorOrder(self._record.call_id, action.authorisation, ""), str(error))
        else:
            self._tasks.start(self._carry_out(door, order))

    async def open_for_operator(self, door: str | None, key: str, key_id: str) -> None:
        """Open a door on the word of whoever has a key of the API: an authorisation of its own.

        Raises :class:`~conversation.door.DoorError` where it did not open.
        """
        found = self._doors.find(door)
        authorisation = uuid4()
        told = {"id": str(authorisation), "decision": "yes", "by": "operator"}
        self._record.write("authorisation", {**told, "key": key, "key_id": key_id})
        failure: list[str] = []
        order = self._order(authorisation, found.name)[1]
        await asyncio.shield(self._tasks.start(self._carry_out(found, order, failure.append)))
        if failure:
            raise DoorError(failure[0])

    def _order(self, authorisation: UUID, name: str | None) -> tuple[Door, DoorOrder]:
        """Check and record an order, in one step of the event loop: no two can be for one word."""
        self._interlock.check(authorisation)
        door = self._doors.find(name)
        order = DoorOrder(self._record.call_id, authorisation, door.name)
        self._record.write("door.ordered", _facts(order, door))
        return door, order

    async def _carry_out(
        self, door: Door, order: DoorOrder, tell: Callable[[str], None] | None = None
    ) -> None:
        began = time.monotonic()
        reason = await _why_not(door, order)
        facts = {**_facts(order, door), "took_ms": round((time.monotonic() - began) * 1000)}
        if reason is None:
            self._record.write("door.opened", facts)
            self._post(DoorOpened(order.authorisation, order.door))
            return
        if tell is not None:
            tell(reason)
        self._record.write("door.failed", {**facts, "reason": reason})
        self._post(DoorFailed(order.authorisation, reason))

    def _refused(self, authorisation: UUID, refusal: RefusedOrderError) -> None:
        if refusal.opened:
            self._post(DoorOpened(authorisation))
            return
        self._failed(DoorOrder(self._record.call_id, authorisation, ""), str(refusal))

    def _failed(self, order: DoorOrder, reason: str) -> None:
        """Nothing was ordered: told all the same, somebody stands at the gate."""
        log.error("door_not_ordered", reason=reason, authorisation=str(order.authorisation))
        facts = {"authorisation": str(order.authorisation), "reason": reason}
        self._record.write("door.failed", facts)
        self._post(DoorFailed(order.authorisation, reason))


async def _why_not(door: Door, order: DoorOrder) -> str | None:
    """Open the door; why it did not, if it did not."""
    try:
        async with asyncio.timeout(DOOR_LIMIT_S):
            await door.open(order)
    except TimeoutError:
        return f"the door did not answer within {DOOR_LIMIT_S:g} s"
    except DoorError as error:
        return str(error)
    except Exception:
        # whatever it is, the visitor must hear that the door is closed
        log.exception("door_defect", door=door.name, driver=door.driver)
        return "a defect of ours; the log has it"
    return None


def _facts(order: DoorOrder, door: Door) -> dict[str, str]:
    return {
        "authorisation": str(order.authorisation),
        "door": order.door,
        "driver": door.driver,
    }
