"""Visitor and resident joined on real connections: what one says the other hears, and soon."""

import asyncio
import time
from collections.abc import Callable, Sequence

import numpy as np

from audiosocket.listener import EndReason
from conversation.flow import Join, Part, Parted
from conversation.tones import waiting_chime
from tests.asterisk.sound import likeness, sweep
from tests.session.call import (
    Action,
    Call,
    CallOut,
    CallOutEnded,
    CallStarted,
    Event,
    Expecting,
    HangUp,
    Heard,
    KeyPressed,
    Party,
    PartyLeft,
    Say,
    calling,
    speak,
)
from tests.speech import say, silence

VISITOR, RESIDENT = Party.VISITOR, Party.RESIDENT
LATENCY_LIMIT_S = 0.2
"""From a caller's frame to the other's ear; 30 to 60 ms on a quiet machine."""


def joins(limit_s: float = 30.0, **by_event: Sequence[Action]) -> Callable[..., Sequence[Action]]:
    """A flow that joins visitor and resident as soon as the resident is there."""

    def react(event: Event) -> Sequence[Action]:
        if (name := type(event).__name__) in by_event:
            return by_event[name]
        if isinstance(event, CallStarted):
            return [CallOut("201", 20)]
        if isinstance(event, CallOutEnded):
            return [Say(RESIDENT, "vou passar"), Say(VISITOR, "vou passar"), Join(limit_s)]
        if isinstance(event, PartyLeft):
            other = VISITOR if event.party is RESIDENT else RESIDENT
            return [Say(other, "a conversa acabou"), HangUp(other)]
        return ()

    return react


def heard_by(caller: object, since: int = 0) -> "np.ndarray[tuple[int], np.dtype[np.int16]]":
    frames = caller.heard.frames[since:]  # type: ignore[attr-defined]
    return np.frombuffer(b"".join(frame.audio for frame in frames), "<i2")


async def joined(call: Call) -> None:
    await call.journal.wait_for("joined")
    await speak(call.visitor, silence(100))


async def test_what_one_says_the_other_hears_both_ways_at_once() -> None:
    async with calling(joins()) as call:
        await joined(call)
        assert call.resident is not None
        low, high = sweep(1.0), sweep(1.0)[::-1].copy()
        await asyncio.gather(speak(call.visitor, low), speak(call.resident, high))
        await speak(call.visitor, silence(300))
        assert likeness(low, heard_by(call.resident)) > 0.9
        assert likeness(high, heard_by(call.visitor)) > 0.9
        assert likeness(low, heard_by(call.visitor)) < 0.5, "nobody hears their own voice"
        assert call.recogniser.fed_samples == 0, "nothing is recognised meanwhile"


async def test_the_voice_arrives_within_a_few_frames() -> None:
    async with calling(joins()) as call:
        await joined(call)
        assert call.resident is not None
        latencies = []
        for _ in range(5):
            before = len(call.resident.heard.frames)
            began = time.monotonic()
            await speak(call.visitor, sweep(0.2))
            await speak(call.visitor, silence(300))
            loud = next(
                frame
                for frame in call.resident.heard.frames[before:]
                if np.abs(np.frombuffer(frame.audio, "<i2")).max() > 1000
            )
            latencies.append(loud.at - began)
        assert min(latencies) < LATENCY_LIMIT_S


async def test_keys_come_to_us_while_they_talk_and_a_part_brings_us_back() -> None:
    def react(event: Event) -> Sequence[Action]:
        if isinstance(event, KeyPressed):
            return [Part(), Say(RESIDENT, "voltei", expecting=Expecting.AUTHORISATION)]
        if isinstance(event, Heard):
            return [Say(RESIDENT, "certo"), HangUp(RESIDENT), HangUp(VISITOR)]
        return joins()(event)

    call = Call(react, ["pode subir"])
    call.waiting_sound = waiting_chime()
    await call.start()
    await joined(call)
    assert call.resident is not None
    call.resident.press("*")
    await call.journal.wait_for("turn", party=RESIDENT, text="voltei")
    assert KeyPressed(RESIDENT, "*") in call.flow.events
    parted = await call.journal.wait_for("parted")
    assert parted.data["reason"] == "agent"
    before = len(call.visitor.heard.frames)
    await speak(call.resident, say("pode subir"))
    await call.journal.wait_for("turn", party=RESIDENT, speaker=RESIDENT, text="pode subir")
    assert likeness(say("pode subir"), heard_by(call.visitor, before)) < 0.6
    await call.journal.wait_for("call.ended")
    await call.stop()


async def test_a_talk_ends_at_its_limit_and_the_flow_is_told() -> None:
    ends = [Say(VISITOR, "acabou"), HangUp(RESIDENT), HangUp(VISITOR)]
    async with calling(joins(0.3, Parted=ends)) as call:
        parted = await call.journal.wait_for("parted")
        assert parted.data["reason"] == "time_limit"
        assert 0.2 < parted.data["talked_s"] < 5
        await call.journal.wait_for("turn", text="acabou")
    assert Parted() in call.flow.events


async def test_when_one_hangs_up_the_other_is_told_and_released() -> None:
    async with calling(joins()) as call:
        await joined(call)
        assert call.resident is not None
        await call.resident.hang_up()
        parted = await call.journal.wait_for("parted")
        assert parted.data["reason"] == "resident_left"
        await call.journal.wait_for("turn", party=VISITOR, text="a conversa acabou")
        assert await asyncio.wait_for(call.visitor.ended, 10) is EndReason.PEER_HANGUP


async def test_a_visitor_who_hangs_up_releases_the_resident() -> None:
    async with calling(joins()) as call:
        await joined(call)
        assert call.resident is not None
        await call.visitor.hang_up()
        await call.journal.wait_for("parted", reason="visitor_left")
        await call.journal.wait_for("turn", party=RESIDENT, text="a conversa acabou")
        assert await asyncio.wait_for(call.resident.ended, 10) is EndReason.PEER_HANGUP


async def test_a_long_talk_is_not_an_idle_call() -> None:
    async with calling(
        joins(), idle_limit_s=1.0, waiting_every_s=0.3, reprompt_after_s=0.3
    ) as call:
        await joined(call)
        assert call.resident is not None
        before = len(call.flow.events)
        call.resident.press("5")
        await speak(call.visitor, silence(1500))
        assert call.flow.events[before:] == [KeyPressed(RESIDENT, "5")]


async def test_our_words_go_before_the_talk_which_goes_on_after_them() -> None:
    react = joins(KeyPressed=[Say(VISITOR, "entrada liberada por favor")])
    async with calling(react) as call:
        await joined(call)
        assert call.resident is not None
        call.resident.press("1")
        said = await call.journal.wait_for("turn", text="entrada liberada por favor")
        assert said.data["complete"]
        before = len(call.visitor.heard.frames)
        await speak(call.resident, sweep(0.5))
        await speak(call.resident, silence(300))
        assert likeness(sweep(0.5), heard_by(call.visitor, before)) > 0.9
