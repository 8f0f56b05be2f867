"""16 kHz from phone to agent and back, through the shipped dialplan and a real Asterisk."""

import asyncio
from uuid import uuid4

import numpy as np
import pytest
from pydantic import SecretStr

from audiosocket.clock import MediaClock
from audiosocket.connection import Connection
from audiosocket.listener import IgnoringListener
from audiosocket.server import AudioSocketServer
from audiosocket.slin import Samples
from conversation.flow import CallOutcome
from supervisor.ami.client import AmiClient
from supervisor.ami.telephone import AmiTelephone
from supervisor.ari.client import AriClient
from supervisor.ari.telephone import AriTelephone
from supervisor.settings import AmiSettings, AriSettings
from tests.asterisk.asterisk import AsteriskServer
from tests.asterisk.audiosocket_echo import SLIN16, Behaviour, echoing
from tests.asterisk.configuration import Site
from tests.asterisk.installation import Installation
from tests.asterisk.manager import managing
from tests.asterisk.phone import Call, End, switched_on
from tests.asterisk.sdp import WIDE
from tests.asterisk.sound import likeness, sweep, tone, tone_share
from tests.asterisk.waiting import eventually

pytestmark = pytest.mark.asterisk

PHONES = {"gate": "gate-password", "201": "resident-password", "guard": "guard-password"}
WIDE_HZ = 16000
FROM_PHONE_HZ, FROM_AGENT_HZ = 5500.0, 6500.0
"""Both are above 4 kHz: no line at 8 kHz carries them, nor anything that was made from one."""
TALK_S = 1.0


class WidePair(IgnoringListener):
    """An agent that says one tone and keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[Samples] = []
        self.rates: set[int] = set()
        self.started = asyncio.Event()

    def call_started(self, connection: Connection) -> None:
        """Say a tone at the line's rate."""
        connection.playback.enqueue(tone(TALK_S, FROM_AGENT_HZ, WIDE_HZ).tobytes())
        self.started.set()

    def audio_received(self, samples: Samples, rate_hz: int) -> None:
        """Keep it."""
        self.heard.append(samples)
        self.rates.add(rate_hz)


async def _talk(call: Call, agent: WidePair) -> None:
    await asyncio.wait_for(agent.started.wait(), 5)
    await call.say(tone(TALK_S, FROM_PHONE_HZ, WIDE_HZ))
    await asyncio.sleep(0.3)  # what is still on its way


def _share(pieces: list[Samples], hz: float) -> float:
    return tone_share(np.concatenate(pieces), hz, WIDE_HZ)


async def test_a_visitor_and_the_agent_hear_each_other_above_4_khz(
    installation: Installation,
) -> None:
    agent = WidePair()
    server = AudioSocketServer(lambda _: agent, rate_hz=WIDE_HZ, clock=MediaClock())
    await server.start()
    site = Site(numbers={"1001": server.port}, audio="slin16", phones=PHONES)
    async with (
        AsteriskServer(installation, site) as asterisk,
        switched_on("gate", PHONES["gate"], asterisk.sip, WIDE) as gate,
    ):
        call = await gate.dial("1001")
        await _talk(call, agent)
    await server.close()
    assert agent.rates == {WIDE_HZ}
    assert _share(agent.heard, FROM_PHONE_HZ) > 0.9
    assert tone_share(call.heard.samples(), FROM_AGENT_HZ, WIDE_HZ) > 0.9


@pytest.mark.parametrize("driver", ["ami", "ari"])
async def test_a_resident_and_the_agent_hear_each_other_above_4_khz(
    installation: Installation, driver: str
) -> None:
    agent, leg = WidePair(), uuid4()
    server = AudioSocketServer(lambda _: agent, rate_hz=WIDE_HZ, clock=MediaClock())
    await server.start()
    async with (
        AsteriskServer(installation, Site(phones=PHONES)) as asterisk,
        switched_on("201", PHONES["201"], asterisk.sip, WIDE) as resident,
        _telephone(asterisk, driver).running() as telephone,
    ):
        await _connected(telephone)
        calling = asyncio.create_task(
            telephone.call("201", leg, ring_s=10, return_port=server.port, on_ringing=lambda: None)
        )
        call = await resident.next_call(timeout_s=5)
        call.answer()
        assert await calling is CallOutcome.ANSWERED
        await _talk(call, agent)
        await telephone.hang_up(leg)
        assert await call.ended(timeout_s=5) is End.THEY_HUNG_UP
    await server.close()
    assert agent.rates == {WIDE_HZ}
    assert _share(agent.heard, FROM_PHONE_HZ) > 0.9
    assert tone_share(call.heard.samples(), FROM_AGENT_HZ, WIDE_HZ) > 0.9


class Repeating(IgnoringListener):
    """Says back what it hears, at the line's rate."""

    def call_started(self, connection: Connection) -> None:
        """Remember whom to answer."""
        self.connection = connection

    def audio_received(self, samples: Samples, rate_hz: int) -> None:
        """Say it back."""
        self.connection.playback.enqueue(samples.tobytes())


@pytest.mark.parametrize(("audio", "rate_hz"), [("slin", WIDE_HZ), ("slin16", 8000)])
async def test_a_dialplan_and_an_extension_that_disagree_are_understood_all_the_same(
    installation: Installation, audio: str, rate_hz: int
) -> None:
    server = AudioSocketServer(lambda _: Repeating(), rate_hz=rate_hz, clock=MediaClock())
    await server.start()
    site = Site(numbers={"1001": server.port}, audio=audio, phones=PHONES)
    async with (
        AsteriskServer(installation, site) as asterisk,
        switched_on("gate", PHONES["gate"], asterisk.sip) as gate,
    ):
        call = await gate.dial("1001")
        await call.heard.more()
        await call.say(sweep(seconds=1.0))
        await asyncio.sleep(0.5)
        assert call.end is None
    await server.close()
    assert likeness(sweep(seconds=1.0), call.heard.samples()) > 0.9


async def test_a_wide_call_outlives_the_process_that_served_it(
    installation: Installation,
) -> None:
    async with echoing(Behaviour.DIES) as echo:
        site = Site(numbers={"1001": echo.port}, audio="slin16", phones=PHONES)
        async with (
            AsteriskServer(installation, site) as asterisk,
            switched_on("gate", PHONES["gate"], asterisk.sip) as gate,
            managing(asterisk) as manager,
        ):
            call = await gate.dial("1001")
            await manager.event("UserEvent", UserEvent="AudioSocketCall", attempt="2")
            await call.say(sweep(seconds=1.0))
            await call.press("5")
            await asyncio.sleep(0.3)
            assert call.end is None
    assert likeness(sweep(seconds=1.0), call.heard.samples()) > 0.9
    assert (len(echo.ids), len(set(echo.ids)), echo.kinds) == (2, 1, {SLIN16})
    assert echo.digits == ["5"]


@pytest.mark.parametrize("driver", ["ami", "ari"])
async def test_a_wide_call_is_handed_over_after_our_end(
    installation: Installation, driver: str
) -> None:
    async with echoing() as echo:
        site = Site(
            numbers={"1001": echo.port},
            audio="slin16",
            phones=PHONES,
            transfers={"guard": ["Dial(PJSIP/guard,20)", "Hangup()"]},
        )
        async with (
            AsteriskServer(installation, site) as asterisk,
            switched_on("gate", PHONES["gate"], asterisk.sip) as gate,
            switched_on("guard", PHONES["guard"], asterisk.sip) as guard,
            _telephone(asterisk, driver).running() as telephone,
        ):
            await _connected(telephone)
            await gate.dial("1001")
            await asyncio.wait_for(echo.connected.wait(), 5)
            await eventually(lambda: telephone.caller(echo.ids[0]) is not None)
            await telephone.transfer(echo.ids[0], "guard")
            echo.say_goodbye()
            await guard.next_call(timeout_s=5)
    assert len(echo.ids) == 1


async def test_without_a_server_a_wide_caller_reaches_the_guard(
    installation: Installation, unused_tcp_port: int
) -> None:
    site = Site(
        numbers={"1001": unused_tcp_port},
        audio="slin16",
        phones=PHONES,
        transfers={"guard": ["Dial(PJSIP/guard,20)", "Hangup()"]},
    )
    async with (
        AsteriskServer(installation, site) as asterisk,
        switched_on("gate", PHONES["gate"], asterisk.sip) as gate,
        switched_on("guard", PHONES["guard"], asterisk.sip) as guard,
    ):
        await gate.dial("1001")
        await guard.next_call(timeout_s=10)


def _telephone(asterisk: AsteriskServer, driver: str) -> AmiTelephone | AriTelephone:
    if driver == "ami":
        host, port = asterisk.ami
        ami = AmiSettings(port=port, secret=SecretStr(asterisk.ami_secret), audio="slin16")
        return AmiTelephone(AmiClient(host, port, "ramal", asterisk.ami_secret), ami)
    host, port = asterisk.ari
    ari = AriSettings(port=port, secret=SecretStr(asterisk.ari_secret))
    return AriTelephone(AriClient(host, port, "ramal", asterisk.ari_secret), ari)


async def _connected(telephone: AmiTelephone | AriTelephone) -> None:
    async with asyncio.timeout(5):
        await telephone.connected()
