"""The interlock: whatever happens, in whatever order, a door has its own granted authorisation."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.door import DoorError, DoorOrder, Doors
from conversation.doorkeeper import DOOR_LIMIT_S, Doorkeeper
from conversation.flow import DoorFailed, DoorOpened, Event, OpenDoor
from conversation.interlock import AGE_LIMIT_S, Interlock, RefusedOrderError
from conversation.journal import Entry
from conversation.owned_tasks import OwnedTasks
from conversation.record import CallRecord

CALL, OTHER_CALL = uuid4(), uuid4()
FIRST, SECOND = uuid4(), uuid4()


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def entry(kind: str, call: UUID = CALL, **data: Any) -> Entry:
    return Entry(call, 1, datetime.now(UTC), kind, data)


def decision(said: str, id_: UUID = FIRST, call: UUID = CALL) -> Entry:
    return entry("authorisation", call, id=str(id_), decision=said)


def ordered(id_: UUID = FIRST) -> Entry:
    return entry("door.ordered", authorisation=str(id_))


def refuses(interlock: Interlock, id_: UUID = FIRST) -> str:
    with pytest.raises(RefusedOrderError) as refusal:
        interlock.check(id_)
    return str(refusal.value)


@pytest.mark.parametrize("said", ["yes", "leave_at_desk", "leave_in_locker"])
def test_a_door_may_open_for_a_granted_authorisation_of_this_call(said: str) -> None:
    interlock = Interlock(CALL)
    interlock.see(decision(said))
    interlock.check(FIRST)


@pytest.mark.parametrize(
    "seen",
    [
        [],
        [decision("no")],
        [decision("coming_down")],
        [decision("yes", SECOND)],
        [decision("yes", call=OTHER_CALL)],
        [entry("turn", id=str(FIRST), decision="yes")],
        [decision("yes"), decision("no", SECOND)],
    ],
)
def test_nothing_else_opens_a_door(seen: list[Entry]) -> None:
    interlock = Interlock(CALL)
    for each in seen:
        interlock.see(each)
    assert "no such authorisation" in refuses(interlock)


def test_an_authorisation_opens_once() -> None:
    interlock = Interlock(CALL)
    for each in (decision("yes"), ordered()):
        interlock.see(each)
    assert "used already" in refuses(interlock)


def test_a_second_yes_of_the_same_resident_is_an_authorisation_of_its_own() -> None:
    interlock = Interlock(CALL)
    for each in (decision("yes"), ordered(), decision("yes", SECOND)):
        interlock.see(each)
    interlock.check(SECOND)


def test_an_old_authorisation_opens_nothing() -> None:
    clock = Clock()
    interlock = Interlock(CALL, clock)
    interlock.see(decision("yes"))
    interlock.see(decision("yes", SECOND), age_s=AGE_LIMIT_S - 1)
    clock.now += 2
    interlock.check(FIRST)
    assert "older" in refuses(interlock, SECOND)


def test_a_clock_that_was_set_back_makes_no_authorisation_younger_than_now() -> None:
    clock = Clock()
    interlock = Interlock(CALL, clock)
    interlock.see(decision("yes"), age_s=-3600)
    clock.now += AGE_LIMIT_S + 1
    assert "older" in refuses(interlock)


# ------------------------------------------------------------------ the keeper, whatever happens


@dataclass
class Lock:
    """A door that notes its orders, and opens or not."""

    name: str = "gate"
    driver: str = "test"
    stuck: bool = False
    orders: list[DoorOrder] = field(default_factory=list)

    async def open(self, order: DoorOrder) -> None:
        self.orders.append(order)
        if self.stuck:
            raise DoorError("it is stuck")


class Journal:
    """Keeps entries in a list."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def write(self, entry: Entry) -> None:
        self.entries.append(entry)

    def of(self, kind: str) -> list[Entry]:
        return [each for each in self.entries if each.kind == kind]


class Keeper:
    """A doorkeeper with its door and its journal."""

    def __init__(self, lock: Lock) -> None:
        self.lock = lock
        self.journal = Journal()
        self.posted: list[Event] = []
        self.failures: list[BaseException] = []
        interlock = Interlock(CALL)
        self.record = CallRecord(CALL, self.journal, interlock.see)
        self.tasks = OwnedTasks(self.failures.append)
        self.keeper = Doorkeeper(
            self.record, interlock, Doors({"gate": lock}, "gate"), self.tasks, self.posted.append
        )

    def decides(self, said: str, id_: UUID) -> None:
        self.record.write("authorisation", {"id": str(id_), "decision": said})


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["yes", "no", "leave_at_desk", "coming_down", "open", "operator", "wait"]),
        st.sampled_from([FIRST, SECOND, uuid4()]),
    ),
    max_size=14,
)


@given(STEPS, st.booleans())
def test_no_sequence_of_events_opens_a_door_without_its_own_granted_authorisation(
    steps: list[tuple[str, UUID]], stuck: bool
) -> None:
    keeper = asyncio.run(lived_through(steps, stuck))
    assert not keeper.failures
    orders = [str(order.authorisation) for order in keeper.lock.orders]
    written = [each.data["authorisation"] for each in keeper.journal.of("door.ordered")]
    assert sorted(orders) == sorted(written)
    for order in set(orders):
        granted = [
            each
            for each in keeper.journal.of("authorisation")
            if each.data["id"] == order and each.data["decision"] in ("yes", "leave_at_desk")
        ]
        assert orders.count(order) <= len(granted)
    opened = len(keeper.journal.of("door.opened"))
    assert opened == (0 if stuck else len(orders))


async def lived_through(steps: list[tuple[str, UUID]], stuck: bool) -> Keeper:
    keeper = Keeper(Lock(stuck=stuck))
    for what, id_ in steps:
        if what == "open":
            keeper.keeper.open(OpenDoor(id_))
        elif what == "operator":
            try:
                await keeper.keeper.open_for_operator(None, "desk", "key-1")
            except DoorError:
                assert stuck
        elif what == "wait":
            await asyncio.sleep(0)
        else:
            keeper.decides(what, id_)
    await keeper.tasks.finish(5)
    return keeper


async def test_an_opened_door_is_recorded_with_how_long_it_took_and_posted() -> None:
    keeper = Keeper(Lock())
    keeper.decides("yes", FIRST)
    keeper.keeper.open(OpenDoor(FIRST))
    await keeper.tasks.finish(5)
    facts = {"authorisation": str(FIRST), "door": "gate", "driver": "test"}
    assert [each.data for each in keeper.journal.of("door.ordered")] == [facts]
    opened = keeper.journal.of("door.opened")[0].data
    assert opened.items() >= facts.items() and opened["took_ms"] >= 0
    assert keeper.posted == [DoorOpened(FIRST, "gate")]


async def test_a_door_that_fails_is_recorded_with_the_reason_and_posted() -> None:
    keeper = Keeper(Lock(stuck=True))
    keeper.decides("yes", FIRST)
    keeper.keeper.open(OpenDoor(FIRST))
    await keeper.tasks.finish(5)
    assert keeper.journal.of("door.failed")[0].data["reason"] == "it is stuck"
    assert keeper.posted == [DoorFailed(FIRST, "it is stuck")]


async def test_a_door_that_is_not_there_is_told_like_one_that_does_not_open() -> None:
    keeper = Keeper(Lock())
    keeper.decides("yes", FIRST)
    keeper.keeper.open(OpenDoor(FIRST, "garage"))
    assert isinstance(keeper.posted[0], DoorFailed)
    assert 'no door "garage"' in keeper.posted[0].reason
    assert keeper.lock.orders == []


async def test_a_defect_of_a_driver_is_told_to_the_flow_too() -> None:
    class Broken(Lock):
        async def open(self, order: DoorOrder) -> None:
            raise ZeroDivisionError

    keeper = Keeper(Broken())
    keeper.decides("yes", FIRST)
    keeper.keeper.open(OpenDoor(FIRST))
    await keeper.tasks.finish(5)
    assert isinstance(keeper.posted[0], DoorFailed)


async def test_a_door_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent(Lock):
        async def open(self, order: DoorOrder) -> None:
            await asyncio.Event().wait()

    monkeypatch.setattr("conversation.doorkeeper.DOOR_LIMIT_S", 0.05)
    keeper = Keeper(Silent())
    keeper.decides("yes", FIRST)
    keeper.keeper.open(OpenDoor(FIRST))
    await keeper.tasks.finish(5)
    assert isinstance(keeper.posted[0], DoorFailed)
    assert "within" in keeper.posted[0].reason


async def test_an_operator_who_opens_is_recorded_by_the_name_of_their_key() -> None:
    keeper = Keeper(Lock())
    await keeper.keeper.open_for_operator("gate", "front desk", "key-7")
    told = keeper.journal.of("authorisation")[0].data
    assert (told["by"], told["key"], told["key_id"]) == ("operator", "front desk", "key-7")
    assert [str(order.authorisation) for order in keeper.lock.orders] == [told["id"]]


async def test_an_operator_who_names_no_door_of_ours_leaves_no_authorisation_behind() -> None:
    keeper = Keeper(Lock())
    with pytest.raises(DoorError, match="garage"):
        await keeper.keeper.open_for_operator("garage", "front desk", "key-7")
    assert keeper.journal.entries == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([decision("yes"), ordered()], DoorFailed),
        ([decision("yes"), ordered(), entry("door.opened", authorisation=str(FIRST))], DoorOpened),
        ([decision("yes"), ordered(), entry("door.failed", authorisation=str(FIRST))], DoorFailed),
    ],
)
async def test_a_resumed_call_hears_what_became_of_its_order_and_opens_nothing_again(
    before: list[Entry], after: type[Event]
) -> None:
    keeper = Keeper(Lock())
    keeper.keeper.remember(before)
    keeper.keeper.open(OpenDoor(FIRST))
    await keeper.tasks.finish(5)
    assert [type(event) for event in keeper.posted] == [after]
    assert keeper.lock.orders == []


async def test_an_authorisation_from_before_the_crash_ages_by_its_record() -> None:
    keeper = Keeper(Lock())
    at = datetime.now(UTC) - timedelta(seconds=AGE_LIMIT_S + 5)
    old = Entry(CALL, 1, at, "authorisation", {"id": str(FIRST), "decision": "yes"})
    keeper.keeper.remember([old])
    keeper.keeper.open(OpenDoor(FIRST))
    assert isinstance(keeper.posted[0], DoorFailed) and keeper.lock.orders == []


def test_a_door_is_given_up_before_the_operator_who_asked_is() -> None:
    from supervisor.workers.steering import ANSWER_LIMIT_S  # noqa: PLC0415

    assert DOOR_LIMIT_S < ANSWER_LIMIT_S


ADMISSION = uuid4()


def admission(ground: str = "code", *, lets_in: object = True, call: UUID = CALL) -> Entry:
    return entry("admission", call, id=str(ADMISSION), ground=ground, lets_in=lets_in)


def beforehand(by: str = "code", id_: UUID = FIRST, named: UUID = ADMISSION) -> Entry:
    return entry("authorisation", id=str(id_), decision="yes", by=by, admission=str(named))


def test_what_was_given_beforehand_opens_a_door_with_its_admission() -> None:
    interlock = Interlock(CALL)
    interlock.see(admission())
    interlock.see(beforehand())
    interlock.check(FIRST)


@pytest.mark.parametrize(
    "seen",
    [
        [beforehand()],
        [beforehand(), admission()],
        [admission(), beforehand("pin")],
        [admission("name"), beforehand()],
        [admission(), beforehand(named=uuid4())],
        [admission(lets_in=False), beforehand()],
        [admission(lets_in="yes"), beforehand()],
        [admission(call=OTHER_CALL), beforehand()],
        [admission(), beforehand(id_=SECOND), beforehand()],
        [admission(), beforehand(id_=SECOND), admission(), beforehand()],
    ],
)
def test_without_an_unused_one_of_this_call_and_ground_it_opens_none(seen: list[Entry]) -> None:
    interlock = Interlock(CALL)
    for each in seen:
        interlock.see(each)
    assert "no such authorisation" in refuses(interlock)
