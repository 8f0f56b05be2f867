"""The dialplan and the manager's user that we ship in deploy/asterisk, in a real Asterisk."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from tests.asterisk.asterisk import AsteriskServer
from tests.asterisk.audiosocket_echo import Behaviour, Echo, echoing
from tests.asterisk.configuration import Site
from tests.asterisk.installation import Installation
from tests.asterisk.manager import ManagerSession, managing
from tests.asterisk.phone import End, Phone, switched_on
from tests.asterisk.sound import likeness, sweep, tone_share

pytestmark = pytest.mark.asterisk

PHONES = {"gate": "gate-password", "201": "resident-password", "guard": "guard-password"}
SERVED_S = 4.0
"""A call shorter than 3 s served nobody, says the dialplan, which counts whole seconds."""

GUARD = {"guard": ["Dial(PJSIP/guard,20)", "Hangup()"]}


@asynccontextmanager
async def a_visitor_at(
    installation: Installation, site: Site
) -> AsyncIterator[tuple[Phone, ManagerSession, AsteriskServer]]:
    async with (
        AsteriskServer(installation, site) as asterisk,
        switched_on("gate", PHONES["gate"], asterisk.sip) as gate,
        managing(asterisk) as manager,
    ):
        yield gate, manager, asterisk


def site_of(echo: Echo, **more: object) -> Site:
    return Site(numbers={"1001": echo.port}, phones=PHONES, **more)  # type: ignore[arg-type]


async def test_the_manager_is_told_who_calls_under_the_uuid_of_the_audio(
    installation: Installation,
) -> None:
    async with echoing() as echo, a_visitor_at(installation, site_of(echo)) as (gate, manager, _):
        await gate.dial("1001")
        told = await manager.event("UserEvent", UserEvent="AudioSocketCall")
        await echo.connected.wait()
    assert UUID(told["uuid"]) == echo.ids[0]
    assert told["chan"].startswith("PJSIP/gate-")
    assert (told["from"], told["to"], told["attempt"]) == ("gate", "1001", "1")


async def test_a_caller_id_cannot_write_headers_of_its_own(installation: Installation) -> None:
    async with echoing() as echo:
        forged = [
            r"Set(CALLERID(num)=11\,uuid: forged\,chan: PJSIP/other)",
            f"Gosub(ramal-answer,s,1({echo.port}))",
        ]
        site = site_of(echo, applications={"666": forged})
        async with a_visitor_at(installation, site) as (gate, manager, _):
            await gate.dial("666")
            told = await manager.event("UserEvent", UserEvent="AudioSocketCall")
            await echo.connected.wait()
    assert UUID(told["uuid"]) == echo.ids[0]
    assert told["chan"].startswith("PJSIP/gate-")
    assert told["from"] == "11uuidforgedchanPJSIPother"


async def test_a_call_outlives_the_process_that_served_it(installation: Installation) -> None:
    spoken = sweep(seconds=1.0)
    async with (
        echoing(Behaviour.DIES) as echo,
        a_visitor_at(installation, site_of(echo)) as (gate, manager, _),
    ):
        call = await gate.dial("1001")
        await manager.event("UserEvent", UserEvent="AudioSocketCall", attempt="2")
        await call.say(spoken)
        await asyncio.sleep(0.3)  # what is still on its way back
        assert call.end is None
    assert likeness(spoken, call.heard.samples()) > 0.95
    assert len(echo.ids) == 2
    assert echo.ids[0] == echo.ids[1]


async def test_an_end_that_the_server_announced_is_final_at_once(
    installation: Installation,
) -> None:
    async with echoing() as echo, a_visitor_at(installation, site_of(echo)) as (gate, manager, _):
        call = await gate.dial("1001")
        told = await manager.event("UserEvent", UserEvent="AudioSocketCall")
        await echo.connected.wait()
        done = await manager.action(
            "Setvar", Channel=told["chan"], Variable="RAMAL_END", Value="finished"
        )
        echo.say_goodbye()
        assert await call.ended(timeout_s=5) is End.THEY_HUNG_UP
    assert done["Response"] == "Success"
    assert len(echo.ids) == 1


async def test_without_a_manager_an_end_is_believed_the_second_time(
    installation: Installation,
) -> None:
    served = [Behaviour.ECHOES, Behaviour.SAYS_GOODBYE]
    async with echoing(*served) as echo, a_visitor_at(installation, site_of(echo)) as (gate, *_):
        call = await gate.dial("1001")
        await call.say(sweep(seconds=SERVED_S))
        echo.say_goodbye()
        assert await call.ended(timeout_s=5) is End.THEY_HUNG_UP
    assert len(echo.ids) == 2
    assert echo.ids[0] == echo.ids[1]


async def test_the_caller_is_handed_over_where_the_server_says(installation: Installation) -> None:
    async with echoing() as echo:
        site = site_of(echo, transfers=GUARD)
        async with (
            a_visitor_at(installation, site) as (gate, manager, asterisk),
            switched_on("guard", PHONES["guard"], asterisk.sip) as guard,
        ):
            call = await gate.dial("1001")
            told = await manager.event("UserEvent", UserEvent="AudioSocketCall")
            await manager.action(
                "Setvar", Channel=told["chan"], Variable="RAMAL_NEXT", Value="guard"
            )
            await echo.connected.wait()
            echo.say_goodbye()
            at_guard = await guard.next_call(timeout_s=5)
            at_guard.answer()
            await asyncio.sleep(0.5)  # the two are being connected
            await call.say(sweep(seconds=1.0))
            await asyncio.sleep(0.3)
    assert likeness(sweep(seconds=1.0), at_guard.heard.samples()) > 0.95


async def test_a_caller_whom_nobody_answers_comes_back_to_the_agent(
    installation: Installation,
) -> None:
    spoken = sweep(seconds=1.0)
    async with echoing() as echo:
        site = site_of(echo, transfers=GUARD)
        async with (
            a_visitor_at(installation, site) as (gate, manager, asterisk),
            switched_on("guard", PHONES["guard"], asterisk.sip) as guard,
        ):
            call = await gate.dial("1001")
            await handed_over(manager, echo, "guard")
            at_guard = await guard.next_call(timeout_s=5)
            await at_guard.reject(486)
            await echo.connected.wait()
            await call.say(spoken)
            await asyncio.sleep(0.3)
            assert call.end is None
    assert likeness(spoken, call.heard.samples()) > 0.95
    assert echo.ids[0] == echo.ids[1]


async def test_a_caller_who_cannot_be_handed_over_at_all_is_not_sent_round_for_ever(
    installation: Installation,
) -> None:
    async with echoing() as echo, a_visitor_at(installation, site_of(echo)) as (gate, manager, _):
        call = await gate.dial("1001")
        for _ in range(3):
            await handed_over(manager, echo, "nowhere")
        assert await call.ended(timeout_s=12) is End.THEY_HUNG_UP
    assert len(echo.ids) == 3
    assert tone_share(call.heard.samples(), hz=425) > 0.2


async def test_a_hand_over_leads_nowhere_but_where_the_operator_allows(
    installation: Installation,
) -> None:
    async with echoing() as echo:
        site = site_of(echo, applications={"0800": ["Dial(PJSIP/guard,20)"]})
        async with (
            a_visitor_at(installation, site) as (gate, manager, asterisk),
            switched_on("guard", PHONES["guard"], asterisk.sip) as guard,
        ):
            call = await gate.dial("1001")
            told = await manager.event("UserEvent", UserEvent="AudioSocketCall")
            await manager.action(
                "Setvar", Channel=told["chan"], Variable="RAMAL_NEXT", Value="0800"
            )
            await echo.connected.wait()
            echo.connected.clear()
            echo.say_goodbye()
            await echo.connected.wait()
            assert call.end is None, "the caller is with the agent again"
            with pytest.raises(TimeoutError):
                await guard.next_call(timeout_s=0.2)


async def test_without_a_server_the_caller_hears_a_tone_and_not_silence(
    installation: Installation,
) -> None:
    site = Site(numbers={"1001": closed_port()}, phones=PHONES)
    async with a_visitor_at(installation, site) as (gate, *_):
        call = await gate.dial("1001")
        assert await call.ended(timeout_s=12) is End.THEY_HUNG_UP
    assert tone_share(call.heard.samples(), hz=425) > 0.5


async def test_without_a_server_the_caller_hears_the_operators_apology(
    installation: Installation, tmp_path: Path
) -> None:
    apology = sweep(seconds=1.0)
    (tmp_path / "sorry.sln").write_bytes(apology.tobytes())
    site = Site(
        numbers={"1001": closed_port()},
        phones=PHONES,
        globals={"RAMAL_SORRY": str(tmp_path / "sorry")},
    )
    async with a_visitor_at(installation, site) as (gate, *_):
        call = await gate.dial("1001")
        assert await call.ended(timeout_s=12) is End.THEY_HUNG_UP
    assert likeness(apology, call.heard.samples()) > 0.95


async def test_without_a_server_the_caller_reaches_the_guard(installation: Installation) -> None:
    site = Site(numbers={"1001": closed_port()}, phones=PHONES, transfers=GUARD)
    async with (
        a_visitor_at(installation, site) as (gate, _, asterisk),
        switched_on("guard", PHONES["guard"], asterisk.sip) as guard,
    ):
        await gate.dial("1001")
        at_guard = await guard.next_call(timeout_s=10)
        at_guard.ring()
    assert "gate" in at_guard.caller


async def test_after_three_deaths_the_caller_is_not_left_waiting(
    installation: Installation,
) -> None:
    deaths = [Behaviour.DIES] * 4
    async with echoing(*deaths) as echo:
        site = site_of(echo, transfers=GUARD)
        async with (
            a_visitor_at(installation, site) as (gate, _, asterisk),
            switched_on("guard", PHONES["guard"], asterisk.sip) as guard,
        ):
            await gate.dial("1001")
            await guard.next_call(timeout_s=10)
    assert len(echo.ids) == 3
    assert len(set(echo.ids)) == 1


async def test_an_answered_resident_reaches_the_return_port_under_our_uuid(
    installation: Installation,
) -> None:
    leg = uuid4()
    async with (
        echoing() as echo,
        a_visitor_at(installation, Site(phones=PHONES)) as (_, manager, asterisk),
        switched_on("201", PHONES["201"], asterisk.sip) as resident,
    ):
        await originate(manager, leg, echo.port)
        call = await resident.next_call(timeout_s=5)
        call.answer()
        await echo.connected.wait()
        await call.say(sweep(seconds=1.0))
        await asyncio.sleep(0.3)
    assert echo.ids == [leg]
    assert likeness(sweep(seconds=1.0), call.heard.samples()) > 0.95


async def test_a_resident_too_is_handed_over_where_the_server_says(
    installation: Installation,
) -> None:
    leg = uuid4()
    async with (
        echoing() as echo,
        a_visitor_at(installation, Site(phones=PHONES, transfers=GUARD)) as (_, manager, asterisk),
        switched_on("201", PHONES["201"], asterisk.sip) as resident,
        switched_on("guard", PHONES["guard"], asterisk.sip) as guard,
    ):
        await originate(manager, leg, echo.port)
        call = await resident.next_call(timeout_s=5)
        call.answer()
        await echo.connected.wait()
        told = await manager.event("UserEvent", UserEvent="AudioSocketCall", uuid=str(leg))
        await manager.action("Setvar", Channel=told["chan"], Variable="RAMAL_NEXT", Value="guard")
        echo.say_goodbye()
        await guard.next_call(timeout_s=5)
        assert call.end is None


async def test_our_manager_may_neither_run_commands_nor_programs(
    installation: Installation,
) -> None:
    async with a_visitor_at(installation, Site(phones=PHONES)) as (_, manager, _):
        command = await manager.action("Command", Command="core show channels")
        program = await manager.action(
            "Originate", Channel="PJSIP/gate", Application="System", Data="true", Async="true"
        )
        settings = await manager.action("GetConfig", Filename="manager.conf")
    assert {command["Response"], program["Response"], settings["Response"]} == {"Error"}


async def handed_over(manager: ManagerSession, echo: Echo, destination: str) -> None:
    """Hand the caller over once the agent has them."""
    told = await manager.event("UserEvent", UserEvent="AudioSocketCall")
    await echo.connected.wait()
    await manager.action("Setvar", Channel=told["chan"], Variable="RAMAL_NEXT", Value=destination)
    echo.connected.clear()
    echo.say_goodbye()


async def originate(manager: ManagerSession, leg: UUID, return_port: int) -> None:
    answer = await manager.action(
        "Originate",
        Channel="PJSIP/201",
        ChannelId=str(leg),
        Context="ramal-resident",
        Exten="s",
        Priority="1",
        Variable=f"RAMAL_LEG={leg},RAMAL_RETURN_PORT={return_port}",
        Timeout="10000",
        Async="true",
    )
    assert answer["Response"] == "Success", answer


def closed_port() -> int:
    """A port of loopback that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
