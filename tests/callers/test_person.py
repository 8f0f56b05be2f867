"""Simulated people on real AudioSocket legs, against a small scripted agent."""

import asyncio
from collections.abc import Sequence
from uuid import uuid4

import numpy as np
import pytest

from audiosocket.clock import MediaClock
from audiosocket.listener import EndReason
from audiosocket.slin import Samples
from supervisor.callers.measures import barge_in_ms, voice_to_voice_ms
from supervisor.callers.person import Leg, Person
from supervisor.callers.steps import (
    HangUp,
    Interrupt,
    Listen,
    Press,
    Say,
    StayOnLine,
    StaySilent,
    Step,
)
from supervisor.callers.street import street_noise
from tests.callers.scripted_agent import Manners, scripted_agent, tone

SPEECH = {"hello": tone(0.3, 250), "stop": tone(0.4, 300)}


async def live(port: int, steps: Sequence[Step], street: Samples | None = None) -> Leg:
    person = Person("visitor", steps, SPEECH, clock=MediaClock(), street=street)
    async with asyncio.timeout(15):
        return await person.call("127.0.0.1", port, uuid4())


async def test_a_person_waits_for_the_greeting_and_gets_an_answer() -> None:
    async with scripted_agent(Manners()) as (port, _):
        leg = await live(port, [Listen(quiet_ms=200), Say("hello"), StayOnLine(5)])
    greeting, answer = leg.sounds
    [said] = leg.said
    assert greeting.end + 0.2 <= said.start + 0.03
    latency_ms = voice_to_voice_ms(said, leg.sounds, before=leg.ended_at)
    assert latency_ms is not None
    assert 200 <= latency_ms < 3000  # the agent waits 200 ms; how much more is the machine's affair
    assert answer.start > said.end
    assert (leg.ended_by, leg.unmet) == (EndReason.PEER_HANGUP, None)


async def test_the_other_side_hears_exactly_what_was_said() -> None:
    async with scripted_agent(Manners()) as (port, calls):
        await live(port, [Listen(quiet_ms=100), Say("hello"), StayOnLine(5)])
    heard = np.concatenate(calls[0].heard).astype(float)
    said = SPEECH["hello"].astype(float)
    match = np.correlate(heard, said, "valid")
    at = int(match.argmax())
    assert np.array_equal(heard[at : at + said.size], said)


async def test_an_interruption_is_measured_until_the_agent_is_silent() -> None:
    async with scripted_agent(Manners(greeting=tone(3.0))) as (port, _):
        leg = await live(port, [Interrupt("stop", after_ms=400), StayOnLine(5)])
    [said] = leg.said
    silence_ms = barge_in_ms(said, leg.sounds)
    assert silence_ms is not None
    assert 0 < silence_ms < 2000  # the greeting would go on for 2.6 s
    assert said.start - leg.sounds[0].start >= 0.37


async def test_an_agent_that_talks_on_is_seen_to_talk_on() -> None:
    manners = Manners(greeting=tone(1.5), stops_when_interrupted=False)
    async with scripted_agent(manners) as (port, _):
        leg = await live(port, [Interrupt("stop", after_ms=200), StayOnLine(5)])
    silence_ms = barge_in_ms(leg.said[0], leg.sounds)
    assert silence_ms is not None
    assert silence_ms > 1000


async def test_keys_arrive_in_order() -> None:
    async with scripted_agent(Manners()) as (port, calls):
        await live(port, [Listen(quiet_ms=100), Press("50#"), HangUp()])
        await calls[0].ended
    assert calls[0].keys == "50#"


async def test_a_person_who_hangs_up_does_it_as_a_phone_does() -> None:
    async with scripted_agent(Manners()) as (port, calls):
        leg = await live(port, [StaySilent(0.1), HangUp()])
        assert await calls[0].ended is EndReason.PEER_CLOSED
    assert leg.unmet is None


async def test_silence_over_the_whole_time_is_kept() -> None:
    async with scripted_agent(Manners()) as (port, _):
        leg = await live(port, [StaySilent(0.5)])
    assert leg.ended_at - leg.connected_at >= 0.5
    assert leg.said == []


async def test_what_never_comes_is_named_as_unmet() -> None:
    async with scripted_agent(Manners(greeting=np.zeros(0, np.int16))) as (port, _):
        leg = await live(port, [Listen(within_s=0.2), Say("hello")])
    assert leg.unmet == "waited for the other side to speak and finish, in vain"
    assert leg.said == []


async def test_an_agent_that_leaves_too_early_is_named_as_the_reason() -> None:
    async with scripted_agent(Manners()) as (port, _):
        leg = await live(port, [Say("hello"), Listen(quiet_ms=5000), Say("hello")])
    assert leg.unmet == "wanted to say “hello”, but the line had ended"


async def test_the_street_is_heard_before_during_and_after_speech() -> None:
    street = street_noise(2.0, 15, seed=3)
    async with scripted_agent(Manners()) as (port, calls):
        await live(port, [StaySilent(0.3), Say("hello"), StaySilent(0.3)], street)
    heard = np.concatenate(calls[0].heard)
    levels = np.sqrt((heard[: heard.size // 160 * 160].reshape(-1, 160).astype(float) ** 2).mean(1))
    assert np.median(levels[:10]) > 50
    assert np.median(levels[-10:]) > 50
    assert levels.max() > 3000


async def test_nobody_at_the_other_end_is_an_error_of_the_connection() -> None:
    async with scripted_agent(Manners()) as (port, _):
        pass
    with pytest.raises(ConnectionRefusedError):
        await live(port, [Listen()])


async def test_staying_as_long_as_was_meant_is_no_failure() -> None:
    async with scripted_agent(Manners()) as (port, _):
        leg = await live(port, [StayOnLine(0.3, go_on=True)])
    assert leg.unmet is None


async def test_an_agent_that_never_hangs_up_is_one_if_it_should() -> None:
    async with scripted_agent(Manners()) as (port, _):
        leg = await live(port, [StayOnLine(0.3)])
    assert leg.unmet == "waited 0.3 s for the other side to hang up, in vain"
