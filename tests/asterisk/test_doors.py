"""Doors on a real Asterisk: keys that reach the intercom, and the dialplan's own extensions."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest

from conversation.door import DoorError, DoorOrder
from supervisor.calls import Phones
from supervisor.doors.dialplan import DialplanDoor
from supervisor.doors.dtmf import DtmfDoor
from supervisor.doors.settings import DialplanSettings, DtmfSettings
from tests.asterisk.asterisk import AsteriskServer
from tests.asterisk.audiosocket_echo import Echo, echoing
from tests.asterisk.configuration import Site
from tests.asterisk.installation import Installation
from tests.asterisk.phone import Phone, switched_on
from tests.asterisk.test_telephone import eventually, telephone_of

pytestmark = pytest.mark.asterisk

OPENED = "Set(GLOBAL(OPENED)=${RAMAL_DOOR}/${RAMAL_CALL}/${RAMAL_AUTHORISATION})"
DOORS = {
    "gate": [OPENED, "Answer()", "Hangup()"],
    "stuck": ["Hangup(21)"],
    "silent": ["Wait(20)"],
}


@dataclass(slots=True)
class Entrance:
    """An intercom at the gate, and the agent that it calls."""

    telephone: Phones
    asterisk: AsteriskServer
    intercom: Phone
    agent: Echo


@pytest.fixture(params=["ami", "ari"])
async def entrance(
    installation: Installation, request: pytest.FixtureRequest
) -> AsyncIterator[Entrance]:
    async with AsyncExitStack() as stack:
        agent = await stack.enter_async_context(echoing())
        site = Site(numbers={"1001": agent.port}, phones={"gate": "gate-password"}, doors=DOORS)
        asterisk = await stack.enter_async_context(AsteriskServer(installation, site))
        intercom = await stack.enter_async_context(
            switched_on("gate", "gate-password", asterisk.sip)
        )
        telephone = await stack.enter_async_context(telephone_of(asterisk, request.param))
        yield Entrance(telephone, asterisk, intercom, agent)


def order(call_id: UUID | None = None, door: str = "gate") -> DoorOrder:
    return DoorOrder(call_id or uuid4(), uuid4(), door)


async def test_the_intercom_receives_the_keys_that_open_it_and_the_call_goes_on(
    entrance: Entrance,
) -> None:
    call = await entrance.intercom.dial("1001")
    await asyncio.wait_for(entrance.agent.connected.wait(), 5)
    visitor = entrance.agent.ids[0]
    await eventually(lambda: entrance.telephone.caller(visitor) is not None)
    door = DtmfDoor("gate", DtmfSettings(digits="*09"), entrance.telephone.doors)
    await door.open(order(visitor))
    await eventually(lambda: call.heard.digits == ["*", "0", "9"])
    before = len(call.heard.packets)
    await eventually(lambda: len(call.heard.packets) > before)
    assert call.end is None


async def test_keys_take_the_time_that_they_are_pressed_and_no_more(entrance: Entrance) -> None:
    await entrance.intercom.dial("1001")
    await asyncio.wait_for(entrance.agent.connected.wait(), 5)
    visitor = entrance.agent.ids[0]
    await eventually(lambda: entrance.telephone.caller(visitor) is not None)
    settings = DtmfSettings(digits="99", on_ms=200, gap_ms=100)
    began = time.monotonic()
    await DtmfDoor("gate", settings, entrance.telephone.doors).open(order(visitor))
    assert 0.48 < time.monotonic() - began < 0.95


async def test_keys_cannot_be_sent_to_a_call_that_asterisk_did_not_tell_of(
    entrance: Entrance,
) -> None:
    with pytest.raises(DoorError, match="which channel"):
        await DtmfDoor("gate", DtmfSettings(), entrance.telephone.doors).open(order())


async def test_the_dialplans_door_runs_with_what_it_has_to_know(entrance: Entrance) -> None:
    wanted = order()
    await DialplanDoor("gate", DialplanSettings(), entrance.telephone.doors).open(wanted)
    told = await entrance.asterisk.cli("dialplan show globals")
    assert f"OPENED=gate/{wanted.call_id}/{wanted.authorisation}" in told


@pytest.mark.parametrize("extension", ["stuck", "nowhere"])
async def test_a_dialplan_that_does_not_answer_has_opened_nothing(
    entrance: Entrance, extension: str
) -> None:
    door = DialplanDoor("gate", DialplanSettings(extension=extension), entrance.telephone.doors)
    with pytest.raises(DoorError, match="without an answer"):
        await door.open(order())


async def test_a_dialplan_that_takes_too_long_is_given_up(
    entrance: Entrance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supervisor.doors.dialplan.LIMIT_S", 0.5)
    door = DialplanDoor("gate", DialplanSettings(extension="silent"), entrance.telephone.doors)
    with pytest.raises(DoorError):
        await door.open(order())


async def test_nothing_but_a_name_gets_into_the_dialplan(entrance: Entrance) -> None:
    evil = DoorOrder(uuid4(), uuid4(), "gate\r\nAction: Logoff")
    with pytest.raises(DoorError, match="no name of a door"):
        await DialplanDoor("gate", DialplanSettings(), entrance.telephone.doors).open(evil)


async def test_an_asterisk_that_is_away_opens_nothing(entrance: Entrance) -> None:
    await entrance.asterisk.crash()
    with pytest.raises(DoorError):
        await DialplanDoor("gate", DialplanSettings(), entrance.telephone.doors).open(order())
