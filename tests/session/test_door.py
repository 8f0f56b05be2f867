"""A door in a call: ordered by the flow or by an operator, while the conversation goes on."""

import asyncio
from collections.abc import Callable, Sequence
from uuid import uuid4

import pytest

from conversation.door import DoorError, DoorOrder, Doors
from conversation.flow import DoorFailed, DoorOpened, OpenDoor, Record
from tests.session.call import (
    Action,
    CallStarted,
    Event,
    HangUp,
    Heard,
    Party,
    PartyLeft,
    Say,
    calling,
)

WORD = uuid4()
YES = Record("authorisation", {"id": str(WORD), "decision": "yes"})


class Gate:
    """A door that opens when a test lets it."""

    name, driver = "gate", "test"

    def __init__(self) -> None:
        self.orders: list[DoorOrder] = []
        self.free = asyncio.Event()
        self.stuck = False

    async def open(self, order: DoorOrder) -> None:
        self.orders.append(order)
        await self.free.wait()
        if self.stuck:
            raise DoorError("it is stuck")

    def __call__(self) -> Doors:
        return Doors({"gate": self}, "gate")


def lets_in(*first: Action) -> "list[tuple[type[Event], Sequence[Action]]]":
    return [
        (CallStarted, [*first, OpenDoor(WORD), Say(Party.VISITOR, "entrada autorizada")]),
        (Heard, [Say(Party.VISITOR, "pois não")]),
        (DoorOpened, [Say(Party.VISITOR, "portão aberto"), HangUp(Party.VISITOR)]),
        (DoorFailed, [Say(Party.VISITOR, "não abriu"), HangUp(Party.VISITOR)]),
    ]


def reacting(
    table: "list[tuple[type[Event], Sequence[Action]]]",
) -> Callable[[Event], Sequence[Action]]:
    return lambda event: next((does for kind, does in table if isinstance(event, kind)), ())


async def test_the_conversation_goes_on_while_a_door_takes_its_time() -> None:
    gate = Gate()
    async with calling(reacting(lets_in(YES)), ["obrigado"], doors=gate()) as call:
        await call.journal.wait_for("turn", speaker="agent", text="entrada autorizada")
        await call.visitor_says("obrigado")
        await call.journal.wait_for("turn", speaker="agent", text="pois não")
        assert [order.authorisation for order in gate.orders] == [WORD]
        gate.free.set()
        await call.journal.wait_for("door.opened", authorisation=str(WORD))
        await call.journal.wait_for("turn", speaker="agent", text="portão aberto")
        await asyncio.wait_for(call.ended, 10)


async def test_a_flow_that_opens_without_an_authorisation_is_refused() -> None:
    gate = Gate()
    async with calling(reacting(lets_in()), doors=gate()) as call:
        await call.journal.wait_for("turn", speaker="agent", text="não abriu")
        await asyncio.wait_for(call.ended, 10)
    assert gate.orders == []
    assert [entry.kind for entry in call.journal.entries if "door" in entry.kind] == ["door.failed"]


async def test_a_door_that_answers_after_the_visitor_left_is_recorded_all_the_same() -> None:
    gate = Gate()
    async with calling(reacting(lets_in(YES)), doors=gate()) as call:
        await call.journal.wait_for("door.ordered")
        await call.visitor.hang_up()
        async with asyncio.timeout(5):
            while PartyLeft not in [type(event) for event in call.flow.events]:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        gate.free.set()
        await asyncio.wait_for(call.ended, 10)
    kinds = [entry.kind for entry in call.journal.entries]
    assert kinds.index("door.opened") < kinds.index("call.ended")


async def test_an_operator_opens_and_learns_whether_it_did() -> None:
    gate = Gate()
    gate.free.set()
    async with calling(lambda _: (), doors=gate()) as call:
        await call.journal.wait_for("call.started")
        await call.session.open_door(None, "front desk", "key-7")
        gate.stuck = True
        with pytest.raises(DoorError, match="stuck"):
            await call.session.open_door("gate", "front desk", "key-7")
        with pytest.raises(DoorError, match="garage"):
            await call.session.open_door("garage", "front desk", "key-7")
    words = [entry.data for entry in call.journal.entries if entry.kind == "authorisation"]
    assert [(word["by"], word["key"]) for word in words] == [("operator", "front desk")] * 2
    assert len({word["id"] for word in words}) == 2
