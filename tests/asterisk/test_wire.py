"""The package ``audiosocket`` with a real Asterisk and a SIP phone at the other end."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import numpy as np
import pytest

from audiosocket.connection import Connection
from audiosocket.listener import EndReason
from audiosocket.server import AudioSocketServer
from audiosocket.slin import Samples
from tests.asterisk.asterisk import AsteriskServer
from tests.asterisk.configuration import Site
from tests.asterisk.installation import Installation
from tests.asterisk.manager import managing
from tests.asterisk.phone import Call, End, switched_on
from tests.asterisk.rtp import spread_ms
from tests.asterisk.sound import likeness, sweep

pytestmark = pytest.mark.asterisk

GATE = ("gate", "gate-password")


class Agent:
    """A listener that keeps what it is told."""

    def __init__(self) -> None:
        self.heard: list[Samples] = []
        self.digits: list[str] = []
        self.ended: asyncio.Future[EndReason] = asyncio.get_running_loop().create_future()
        self.connected: asyncio.Future[Connection] = asyncio.get_running_loop().create_future()

    def call_started(self, connection: Connection) -> None:
        self.connected.set_result(connection)

    def audio_received(self, samples: Samples, rate_hz: int) -> None:
        assert rate_hz == 8000
        self.heard.append(samples)

    def audio_gap(self, gap_ms: int) -> None:
        self.heard.append(np.zeros(gap_ms * 8, dtype=np.int16))

    def dtmf_received(self, digit: str) -> None:
        self.digits.append(digit)

    def call_ended(self, reason: EndReason) -> None:
        self.ended.set_result(reason)


@asynccontextmanager
async def a_call(installation: Installation) -> AsyncIterator[tuple[Call, Agent, Connection]]:
    """A visitor on the phone with our agent; an end on our side is announced to Asterisk."""
    agent = Agent()
    server = AudioSocketServer(lambda _: agent)
    await server.start()
    site = Site(numbers={"1001": server.port}, phones=dict([GATE]))
    async with (
        AsteriskServer(installation, site) as asterisk,
        switched_on(*GATE, asterisk.sip) as gate,
        managing(asterisk) as manager,
    ):
        call = await gate.dial("1001")
        connection = await asyncio.wait_for(agent.connected, 5)
        told = await manager.event("UserEvent", UserEvent="AudioSocketCall")
        assert connection.call_id == UUID(told["uuid"])
        await manager.action("Setvar", Channel=told["chan"], Variable="RAMAL_END", Value="1")
        yield call, agent, connection
    await server.close()


async def test_all_that_was_said_is_heard_before_the_line_goes_dead(
    installation: Installation,
) -> None:
    last_words = sweep(seconds=1.5)
    async with a_call(installation) as (call, agent, connection):
        connection.playback.enqueue(last_words.tobytes())
        assert await connection.hang_up() is EndReason.HUNG_UP
        assert await call.ended(timeout_s=3) is End.THEY_HUNG_UP
    assert likeness(last_words, call.heard.samples()) > 0.95
    assert await agent.ended is EndReason.HUNG_UP


async def test_the_agent_hears_what_the_visitor_says_and_presses(
    installation: Installation,
) -> None:
    spoken = sweep(seconds=1.5)
    async with a_call(installation) as (call, agent, _):
        await call.say(spoken)
        await call.press("7*")
        await asyncio.sleep(0.3)
        await call.hang_up()
        assert await asyncio.wait_for(agent.ended, 3) is EndReason.PEER_CLOSED
    assert likeness(spoken, np.concatenate(agent.heard)) > 0.95
    assert agent.digits == ["7", "*"]


async def test_a_phone_that_suppresses_silence_is_not_cut_off(installation: Installation) -> None:
    async with a_call(installation) as (call, _, _):
        call.mute()
        muted_at_s = time.monotonic()
        await asyncio.sleep(3.0)  # Asterisk gives up after 2 s without a frame from either side
        assert call.end is None
    since = [p for p in call.heard.packets if p.at_s > muted_at_s]
    assert len(since) > 100
    assert np.median(spread_ms(since)) == pytest.approx(20, abs=2)


async def test_what_is_flushed_is_not_heard(installation: Installation) -> None:
    async with a_call(installation) as (call, _, connection):
        clip = connection.playback.enqueue(sweep(seconds=5.0).tobytes())
        await clip.started
        await asyncio.sleep(0.5)
        connection.playback.flush()
        flushed_at_s = time.monotonic()
        await asyncio.sleep(0.5)
    assert call.heard.loud_at_s[-1] - flushed_at_s < 0.3
    assert (await clip.done).complete is False
