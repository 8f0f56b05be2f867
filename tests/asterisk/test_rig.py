"""The rig itself: an Asterisk from the shipped configuration, and phones of our own."""

import asyncio

import numpy as np
import pytest

from tests.asterisk import g711
from tests.asterisk.asterisk import AsteriskServer
from tests.asterisk.audiosocket_echo import echoing
from tests.asterisk.configuration import Site
from tests.asterisk.installation import Installation
from tests.asterisk.phone import CallRefused, End, switched_on
from tests.asterisk.rtp import spread_ms
from tests.asterisk.sound import likeness, sweep

pytestmark = pytest.mark.asterisk

GATE, RESIDENT = ("gate", "gate-password"), ("201", "resident-password")
FRAME_SAMPLES = 160
TWO_PHONES = Site(phones=dict([GATE, RESIDENT]), applications={"700": ["Dial(PJSIP/201,20)"]})


async def test_the_shipped_configuration_starts_without_a_complaint(
    installation: Installation,
) -> None:
    site = Site(numbers={"1001": 9101}, phones=dict([GATE]), dead_phones=("209",))
    async with AsteriskServer(installation, site) as asterisk:
        log = asterisk.log()
    complaints = [line for line in log.splitlines() if "ERROR" in line or "WARNING" in line]
    assert "modules will be loaded" in log
    assert complaints == []


async def test_two_servers_run_side_by_side(installation: Installation) -> None:
    async with (
        AsteriskServer(installation, Site(numbers={"1001": 9101})) as one,
        AsteriskServer(installation, Site(numbers={"2002": 9202})) as other,
    ):
        assert "1001" in await one.cli("dialplan show ramal")
        assert "2002" in await other.cli("dialplan show ramal")


async def test_a_phone_hears_its_own_voice_through_audiosocket(installation: Installation) -> None:
    spoken = sweep(seconds=2.0)
    async with echoing() as echo:
        site = Site(numbers={"1001": echo.port}, phones=dict([GATE]))
        async with (
            AsteriskServer(installation, site) as asterisk,
            switched_on(*GATE, asterisk.sip) as phone,
        ):
            call = await phone.dial("1001")
            await call.heard.more()  # the echo is there: nothing of what follows is lost
            await call.say(spoken)
            heard = call.heard
            async with asyncio.timeout(10):
                enough = 0.98 * len(spoken) / FRAME_SAMPLES
                while (
                    len(heard.loud_at_s) < enough or heard.packets[-1].at_s == heard.loud_at_s[-1]
                ):
                    await heard.more()
            await call.hang_up()
    # glued, and paced as a whole: a busy machine may hold packets up, but loses and adds none
    glued = np.concatenate([g711.decode(p.payload, p.payload_type) for p in heard.packets])
    assert likeness(spoken, glued) > 0.95
    assert np.mean(spread_ms(heard.packets)) == pytest.approx(20, abs=1)
    assert len(echo.ids) == 1


async def test_keys_pressed_on_a_phone_reach_the_agent(installation: Installation) -> None:
    async with echoing() as echo:
        site = Site(numbers={"1001": echo.port}, phones=dict([GATE]))
        async with (
            AsteriskServer(installation, site) as asterisk,
            switched_on(*GATE, asterisk.sip) as phone,
        ):
            call = await phone.dial("1001")
            await call.press("50#")
            await asyncio.sleep(0.2)
    assert echo.digits == ["5", "0", "#"]


async def test_a_wrong_password_is_refused(installation: Installation) -> None:
    async with AsteriskServer(installation, TWO_PHONES) as asterisk:
        with pytest.raises(CallRefused) as refused:
            async with switched_on("gate", "guessed", asterisk.sip):
                pass
    assert refused.value.status == 401


async def test_one_phone_calls_another_and_they_hear_each_other(installation: Installation) -> None:
    said_by_caller, said_by_called = sweep(1.0), sweep(1.0)[::-1].copy()
    async with (
        AsteriskServer(installation, TWO_PHONES) as asterisk,
        switched_on(*GATE, asterisk.sip) as gate,
        switched_on(*RESIDENT, asterisk.sip) as resident,
    ):
        dialling = asyncio.create_task(gate.dial("700"))
        called = await resident.next_call(timeout_s=5)
        called.ring()
        called.answer()
        calling = await dialling
        await asyncio.gather(calling.say(said_by_caller), called.say(said_by_called))
        await asyncio.sleep(0.3)
        await called.hang_up()
        assert await calling.ended(timeout_s=5) is End.THEY_HUNG_UP
    assert likeness(said_by_caller, called.heard.samples()) > 0.95
    assert likeness(said_by_called, calling.heard.samples()) > 0.95


@pytest.mark.parametrize("status", [486, 603, 480])
async def test_a_phone_that_refuses_is_told_to_its_caller(
    installation: Installation, status: int
) -> None:
    async with (
        AsteriskServer(installation, TWO_PHONES) as asterisk,
        switched_on(*GATE, asterisk.sip) as gate,
        switched_on(*RESIDENT, asterisk.sip) as resident,
    ):
        dialling = asyncio.create_task(gate.dial("700"))
        called = await resident.next_call(timeout_s=5)
        await called.reject(status)
        with pytest.raises(CallRefused):
            await dialling
        assert await called.ended(timeout_s=1) is End.REJECTED


async def test_a_caller_who_gives_up_stops_the_ringing(installation: Installation) -> None:
    async with (
        AsteriskServer(installation, TWO_PHONES) as asterisk,
        switched_on(*GATE, asterisk.sip) as gate,
        switched_on(*RESIDENT, asterisk.sip) as resident,
    ):
        dialling = asyncio.create_task(gate.dial("700"))
        called = await resident.next_call(timeout_s=5)
        called.ring()
        dialling.cancel()
        assert await called.ended(timeout_s=5) is End.CANCELLED
