"""The program's own telephone driver against the built-in exchange: the demo's way to call out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from pydantic import SecretStr

from conversation.flow import CallOutcome
from conversation.telephone import TelephoneError
from supervisor.ami.client import AmiClient
from supervisor.ami.telephone import AmiTelephone
from supervisor.settings import AmiSettings
from supervisor.simulation.exchange import Exchange, Habit, Leg, Phone


class Residents:
    def __init__(self) -> None:
        self.legs: list[Leg] = []
        self.answered = asyncio.Event()

    async def answer(self, leg: Leg) -> None:
        self.legs.append(leg)
        self.answered.set()
        await asyncio.Event().wait()


@asynccontextmanager
async def telephone(
    residents: Residents, phones: dict[str, Phone]
) -> AsyncIterator[tuple[AmiTelephone, Exchange, AmiClient]]:
    exchange = Exchange(phones, residents.answer, user="ramal", secret="s3cret", doors={"gate"})
    port = await exchange.start()
    client = AmiClient("127.0.0.1", port, "ramal", "s3cret")
    settings = AmiSettings(port=port, secret=SecretStr("s3cret"))
    try:
        async with AmiTelephone(client, settings).running() as phone, asyncio.timeout(20):
            await client.connected()
            yield phone, exchange, client
    finally:
        await exchange.close()
    assert exchange.errors == []


@pytest.mark.parametrize(
    ("phone", "outcome", "rang"),
    [
        (Phone(Habit.ANSWERS, 0.05), CallOutcome.ANSWERED, True),
        (Phone(Habit.BUSY, 0.05), CallOutcome.BUSY, False),
        (Phone(Habit.REJECTS, 0.05), CallOutcome.REJECTED, False),
        (Phone(Habit.NEVER_ANSWERS), CallOutcome.NO_ANSWER, True),
        (Phone(Habit.UNREACHABLE), CallOutcome.UNREACHABLE, False),
        (None, CallOutcome.UNREACHABLE, False),
    ],
)
async def test_every_way_a_phone_behaves_is_understood(
    phone: Phone | None, outcome: CallOutcome, rang: bool
) -> None:
    residents, rings = Residents(), asyncio.Event()
    leg_id = uuid4()
    async with telephone(residents, {"2501": phone} if phone else {}) as (driver, _, _):
        ended = await driver.call(
            "2501", leg_id, ring_s=0.3, return_port=19702, on_ringing=rings.set
        )
        assert (ended, rings.is_set()) == (outcome, rang)
        if outcome is CallOutcome.ANSWERED:
            await residents.answered.wait()
            assert residents.legs == [Leg("2501", str(leg_id), "127.0.0.1", 19702)]


async def test_a_visitor_who_leaves_stops_the_ringing() -> None:
    residents, rings, leg_id = Residents(), asyncio.Event(), uuid4()
    async with telephone(residents, {"2501": Phone(Habit.ANSWERS, 60)}) as (
        driver,
        exchange,
        client,
    ):
        call = asyncio.create_task(
            driver.call("2501", leg_id, ring_s=60, return_port=1, on_ringing=rings.set)
        )
        await rings.wait()
        hung_up = asyncio.Event()
        with client.watching("Hangup", lambda _: hung_up.set()):
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)
            await hung_up.wait()
        assert exchange.channel(str(leg_id)) is None
    assert residents.legs == []


async def test_a_transfer_is_carried_out_after_the_agents_end_of_the_call() -> None:
    async with telephone(Residents(), {}) as (driver, exchange, client):
        call_id, agent_ends = uuid4(), asyncio.Event()

        async def talk() -> None:
            await agent_ends.wait()

        told = asyncio.Event()
        with client.watching("UserEvent", lambda _: told.set()):
            call = asyncio.create_task(exchange.place("gate", str(call_id), talk()))
            await told.wait()
        await driver.transfer(call_id, "2000")
        agent_ends.set()
        channel = await call
    assert (channel.sent_to, driver.caller(call_id)) == ("2000", "gate")


async def test_a_door_of_the_dialplan_opens_and_one_that_is_not_there_does_not() -> None:
    async with telephone(Residents(), {}) as (driver, exchange, _):
        await driver.doors.run_dialplan("ramal-door", "gate", {}, limit_s=5)
        for context, door in (("ramal-door", "barn"), ("trunk", "gate")):
            with pytest.raises(TelephoneError, match="without an answer"):
                await driver.doors.run_dialplan(context, door, {}, limit_s=5)
        assert exchange.opened == ["gate"]
