"""A session on a real connection: who speaks when, what is recorded, and how a call ends."""

import asyncio
import time
from collections.abc import Sequence

import numpy as np
import pytest

from conversation.flow import TimeIsUp, WentQuiet
from stt.vad import Samples
from tests.session.call import (
    LONG_TEXT,
    Action,
    Call,
    CallStarted,
    Event,
    Expecting,
    HangUp,
    Heard,
    KeyPressed,
    LogVisit,
    PartyLeft,
    Say,
    calling,
    speak,
)
from tests.session.reacting import (
    GREETING,
    VISITOR,
    answers,
    heard_sound,
    kinds,
    loudness_of,
    quiet_line,
)
from tests.speech import say


async def test_the_greeting_comes_at_once_and_a_turn_is_answered_within_half_a_second() -> None:
    react = answers(Heard=[Say(VISITOR, "um momento")])
    async with calling(react, ["entrega para o quinhentos e um"]) as call:
        await call.journal.wait_for("turn", speaker="agent", text=GREETING)
        await call.visitor_says("entrega para o quinhentos e um")
        answer = await call.journal.wait_for("turn", speaker="agent", text="um momento")
        assert call.journal.turns("visitor") == ["entrega para o quinhentos e um"]
        assert answer.data["complete"]
        assert not any(event.interrupted for event in call.flow.events if isinstance(event, Heard))
        assert 150 < answer.data["voice_to_voice_ms"] < 1500
    greeting = call.journal.entries[1]
    assert (greeting.kind, greeting.data["text"]) == ("speaking", GREETING)


async def test_an_interruption_silences_us_and_what_was_heard_of_us_is_recorded() -> None:
    react = answers(CallStarted=[Say(VISITOR, LONG_TEXT)], Heard=[Say(VISITOR, "pois não")])
    async with calling(react, ["não espera"]) as call:
        await heard_sound(call)
        await quiet_line(call, 800)
        began = time.monotonic()
        await call.visitor_says("não espera por favor")
        silent_at = call.visitor.heard.silence_after(began, lasting_frames=5)
        assert silent_at is not None and silent_at - began < 0.6
        cut = await call.journal.wait_for("turn", speaker="agent", text=LONG_TEXT)
        assert not cut.data["complete"]
        assert 500 < cut.data["heard_ms"] < len(say(LONG_TEXT)) / 8
        await call.journal.wait_for("turn", speaker="agent", text="pois não")
        assert [event.interrupted for event in call.flow.events if isinstance(event, Heard)] == [
            True
        ]


@pytest.mark.parametrize("words", ["aham", "alô", "está chovendo", ""])
async def test_a_sign_of_listening_does_not_take_the_floor(words: str) -> None:
    react = answers(CallStarted=[Say(VISITOR, LONG_TEXT)])
    async with calling(react, [words]) as call:
        await heard_sound(call)
        await quiet_line(call, 400)
        await call.visitor_says("aham")
        turn = await call.journal.wait_for("turn", speaker="agent", text=LONG_TEXT)
        assert turn.data["complete"]
        assert Heard not in kinds(call)


async def test_our_own_echo_does_not_interrupt_us() -> None:
    react = answers(CallStarted=[Say(VISITOR, LONG_TEXT)])
    async with calling(react, ["qualquer coisa"] * 5) as call:
        await heard_sound(call)
        await quiet_line(call, 200)
        turn = asyncio.create_task(call.journal.wait_for("turn", speaker="agent", text=LONG_TEXT))
        while not turn.done():
            frame = np.frombuffer(call.visitor.heard.frames[-8].audio, "<i2")
            await speak(call.visitor, (frame * 0.4).astype(np.int16))
        assert turn.result().data["complete"]
        assert Heard not in kinds(call)


async def test_what_must_be_heard_is_not_interrupted() -> None:
    react = answers(
        CallStarted=[Say(VISITOR, LONG_TEXT, interruptible=False), HangUp(VISITOR)],
    )
    async with calling(react, ["espera aí"]) as call:
        await heard_sound(call)
        await call.visitor_says("espera aí por favor")
        turn = await call.journal.wait_for("turn", speaker="agent", text=LONG_TEXT)
        assert turn.data["complete"]
        await call.journal.wait_for("call.ended", reason="completed")
    assert (await call.journal.wait_for("turn", speaker="visitor")).data["ignored"]


async def test_a_silent_visitor_is_asked_again_and_then_left() -> None:
    def react(event: Event) -> Sequence[Action]:
        if isinstance(event, CallStarted):
            return [Say(VISITOR, "quem é", expecting=Expecting.PURPOSE)]
        if isinstance(event, WentQuiet) and event.times < 3:
            return [Say(VISITOR, "alguém aí", expecting=Expecting.PURPOSE)]
        if isinstance(event, WentQuiet):
            return [LogVisit("silent"), HangUp(VISITOR)]
        return ()

    async with calling(react, reprompt_after_s=0.2) as call:
        await call.journal.wait_for("visit", outcome="silent")
        await call.journal.wait_for("call.ended", reason="completed")
        assert call.journal.turns("agent") == ["quem é", "alguém aí", "alguém aí"]
        assert call.phone.ends == [call.session.call_id]


async def test_keys_answer_at_once_and_stop_our_words() -> None:
    react = answers(CallStarted=[Say(VISITOR, LONG_TEXT)])
    async with calling(react) as call:
        await heard_sound(call)
        call.visitor.press("5")
        cut = await call.journal.wait_for("turn", speaker="agent", text=LONG_TEXT)
        assert not cut.data["complete"]
        await call.flow.wait_for(KeyPressed(VISITOR, "5", interrupted=True))


async def test_a_key_over_our_last_words_cuts_nothing_off() -> None:
    react = answers(CallStarted=[Say(VISITOR, LONG_TEXT)])
    async with calling(react) as call:
        await heard_sound(call)
        await quiet_line(call, len(say(LONG_TEXT)) // 8 - 700)
        call.visitor.press("5")
        await call.journal.wait_for("turn", speaker="agent", text=LONG_TEXT)
        await call.flow.wait_for(KeyPressed(VISITOR, "5", interrupted=False))


async def test_words_over_our_last_words_cut_nothing_off() -> None:
    react = answers(CallStarted=[Say(VISITOR, LONG_TEXT)], Heard=[Say(VISITOR, "pois não")])
    async with calling(react, ["não espera"]) as call:
        await heard_sound(call)
        await quiet_line(call, len(say(LONG_TEXT)) // 8 - 900)
        await call.visitor_says("não espera por favor")
        await call.journal.wait_for("turn", speaker="agent", text="pois não")
        heard = next(event for event in call.flow.events if isinstance(event, Heard))
        assert not heard.interrupted


async def test_a_defect_in_the_flow_is_apologised_for_and_ends_the_call() -> None:
    def react(event: Event) -> Sequence[Action]:
        raise LookupError("a defect")

    async with calling(react) as call:
        ended = await call.journal.wait_for("call.ended")
        assert ended.data["reason"] == "error"
        assert call.journal.turns("agent") == ["technical_problem"]


async def test_an_idle_call_is_ended_and_one_that_hangs_is_cut_off() -> None:
    async with calling(answers(), idle_limit_s=0.3, drain_limit_s=0.3) as call:
        ended = await call.journal.wait_for("call.ended")
        assert ended.data["reason"] == "idle"
        assert TimeIsUp("idle") in call.flow.events


async def begins_to_speak(call: Call, samples: Samples) -> "asyncio.Task[None]":
    """Start to speak, and return once that is noticed."""
    speaking = asyncio.create_task(speak(call.visitor, samples))
    async with asyncio.timeout(5):
        while call.session.visitor.quiet:  # noqa: ASYNC110 - the voice detector sets no event
            await asyncio.sleep(0.01)
    return speaking


async def test_who_goes_on_while_the_last_words_are_recognised_is_not_talked_over() -> None:
    words = ["entrega", "para o quinhentos e um"]
    asks = [Say(VISITOR, LONG_TEXT, expecting=Expecting.PURPOSE)]
    async with calling(answers(CallStarted=[], Heard=asks), words) as call:
        call.recogniser.ready.clear()
        await call.visitor_says("entrega")
        await quiet_line(call, 1300)
        assert call.session.visitor.quiet, "the first turn is over, and not understood yet"
        speaking = await begins_to_speak(call, say("para o apartamento quinhentos e um"))
        before = len(call.visitor.heard.frames)
        call.recogniser.ready.set()
        await speaking
        heard = call.visitor.heard.frames[before:]
        assert not any(loudness_of(frame.audio) > 50 for frame in heard)
        await call.journal.wait_for("turn", speaker=VISITOR, text=words[1])
        dropped = await call.journal.wait_for("turn", speaker="agent", text=LONG_TEXT)
        assert dropped.data["heard_ms"] == 0
        await call.journal.wait_for("speaking", text=LONG_TEXT)


async def test_a_noise_that_begins_before_our_words_holds_them_up_but_not_for_long() -> None:
    react = answers(CallStarted=[], Heard=[Say(VISITOR, "pois não")])
    async with calling(react, ["entrega", ""], false_interruption_s=0.4) as call:
        call.recogniser.ready.clear()
        await call.visitor_says("entrega")
        await quiet_line(call, 1300)
        speaking = await begins_to_speak(call, np.tile(say("entrega"), 6))
        call.recogniser.ready.set()
        await call.journal.wait_for("speaking", text="pois não")
        assert not speaking.done()
        await speaking


async def test_street_noise_alone_is_no_turn() -> None:
    async with calling(answers(), []) as call:
        await call.journal.wait_for("turn", speaker="agent", text=GREETING)
        noise = np.random.default_rng(3).normal(0, 300, 16_000).astype(np.int16)
        await speak(call.visitor, noise)
        assert Heard not in kinds(call)


async def test_nothing_is_left_behind() -> None:
    before = asyncio.all_tasks()
    async with calling(answers(), ["oi"]) as call:
        await call.journal.wait_for("turn", speaker="agent", text=GREETING)
    await asyncio.sleep(0)
    assert {task for task in asyncio.all_tasks() - before if not task.done()} == set()


async def test_a_leg_that_left_is_told_once() -> None:
    async with calling(answers()) as call:
        await call.journal.wait_for("speaking")
        await call.visitor.hang_up()
        await call.journal.wait_for("call.ended", reason="peer_closed")
        assert kinds(call).count(PartyLeft) == 1
