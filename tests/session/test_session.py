"""A session on a real connection: who speaks when, what is recorded, and how a call ends."""

import asyncio
import time
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from audiosocket.listener import EndReason
from conversation.flow import StillWaiting, TimeIsUp, WentQuiet
from conversation.tones import ringback, waiting_chime
from stt.vad import Samples
from tests.session.call import (
    LONG_TEXT,
    Action,
    Call,
    CallOut,
    CallOutcome,
    CallOutEnded,
    CallStarted,
    Event,
    Expecting,
    HangUp,
    Heard,
    KeyPressed,
    LogVisit,
    Party,
    PartyLeft,
    Say,
    calling,
    loudness,
    speak,
)
from tests.speech import say, silence

GREETING = "portaria boa noite em que posso ajudar"
VISITOR, RESIDENT = Party.VISITOR, Party.RESIDENT


def answers(**by_event: Sequence[Action]) -> Callable[[Event], Sequence[Action]]:
    """A flow that greets and reacts to kinds of events by their class name."""
    reactions: dict[str, Sequence[Action]] = {
        "CallStarted": [Say(VISITOR, GREETING, expecting=Expecting.PURPOSE)],
        **by_event,
    }
    return lambda event: reactions.get(type(event).__name__, ())


def kinds(call: Call) -> list[type]:
    return [type(event) for event in call.flow.events]


def loudness_of(audio: bytes) -> float:
    samples = np.frombuffer(audio, "<i2").astype(np.float64)
    return float(np.sqrt((samples * samples).mean()))


def longest_run(values: Sequence[bool], of: bool) -> int:
    """The most equal values in a row."""
    longest = run = 0
    for value in values:
        run = run + 1 if value is of else 0
        longest = max(longest, run)
    return longest


async def heard_sound(call: Call) -> None:
    """Wait until the visitor hears the agent."""
    async with asyncio.timeout(5):
        while loudness(call.visitor, 60) < 100:
            await call.visitor.playback.enqueue(bytes(320)).done


async def quiet_line(call: Call, for_ms: int) -> None:
    """Let so much time pass at the caller's side, by its own media clock."""
    await speak(call.visitor, silence(for_ms))


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


async def test_the_resident_is_called_and_speaks_on_a_leg_of_its_own() -> None:
    def react(event: Event) -> Sequence[Action]:
        if isinstance(event, CallStarted):
            return [Say(VISITOR, "um momento"), CallOut("201", 20)]
        if isinstance(event, CallOutEnded):
            return [Say(RESIDENT, "autoriza", expecting=Expecting.AUTHORISATION)]
        if isinstance(event, Heard) and event.party is RESIDENT:
            return [
                Say(RESIDENT, "obrigado"),
                HangUp(RESIDENT),
                Say(VISITOR, "pode subir"),
                LogVisit("authorised"),
                HangUp(VISITOR),
            ]
        return ()

    async with calling(react, ["pode subir"]) as call:
        await call.journal.wait_for("turn", party=RESIDENT, text="autoriza")
        assert call.resident is not None
        assert call.resident.call_id == call.phone.legs[0]
        await speak(call.resident, say("pode subir"))
        await call.journal.wait_for("turn", party=VISITOR, text="pode subir")
        await call.journal.wait_for("turn", party=RESIDENT, text="obrigado")
        await call.journal.wait_for("call.ended", reason="completed")
    assert [entry.sequence for entry in call.journal.entries] == list(
        range(1, len(call.journal.entries) + 1)
    )


def asks_the_resident(event: Event) -> Sequence[Action]:
    if isinstance(event, CallStarted):
        return [CallOut("201", 20)]
    if isinstance(event, CallOutEnded):
        return [Say(RESIDENT, "oi aqui é da portaria", expecting=Expecting.AUTHORISATION)]
    return ()


async def test_our_first_words_wait_for_the_greeting_of_who_was_called() -> None:
    async with calling(asks_the_resident, ["alô"], listen_first_s=3.0) as call:
        await call.journal.wait_for("call_out.ended")
        assert call.resident is not None
        await speak(call.resident, say("alô"))
        said = await call.journal.wait_for("turn", speaker="agent")
        assert said.data["complete"]
        assert 150 < said.data["voice_to_voice_ms"] < 1500
        assert len(said.data["text"]) > 0 and call.journal.turns("resident") == ["alô"]
        heard = call.resident.heard.sound_after(0.0)
        spoken = call.resident.said.sound_after(0.0)
        assert heard is not None and spoken is not None and heard > spoken


async def test_who_was_called_and_says_nothing_is_spoken_to_all_the_same() -> None:
    async with calling(asks_the_resident, [], listen_first_s=0.3) as call:
        said = await call.journal.wait_for("turn", speaker="agent")
        assert said.data["complete"] and said.data["voice_to_voice_ms"] is None


async def test_who_was_called_and_asks_at_once_is_answered_instead() -> None:
    def react(event: Event) -> Sequence[Action]:
        if isinstance(event, Heard):
            return [Say(RESIDENT, "é uma entrega")]
        return asks_the_resident(event)

    async with calling(react, ["quem é"], listen_first_s=3.0) as call:
        await call.journal.wait_for("call_out.ended")
        assert call.resident is not None
        await speak(call.resident, say("quem é"))
        await call.journal.wait_for("turn", text="é uma entrega")
        assert call.journal.turns("agent")[0] == "oi aqui é da portaria"
        first = await call.journal.wait_for("turn", text="oi aqui é da portaria")
        assert first.data["heard_ms"] == 0
        asked = next(event for event in call.flow.events if isinstance(event, Heard))
        assert asked.interrupted, "whoever has heard nothing yet answers nothing yet"


@pytest.mark.parametrize("outcome", [CallOutcome.BUSY, CallOutcome.NO_ANSWER, CallOutcome.FAILED])
async def test_the_flow_is_told_how_a_call_ended(outcome: CallOutcome) -> None:
    react = answers(CallStarted=[CallOut("201", 20)], CallOutEnded=[HangUp(VISITOR)])
    call = Call(react, [])
    call.phone.outcome = outcome
    await call.start()
    await call.journal.wait_for("call_out.ended", outcome=outcome)
    await call.journal.wait_for("call.ended")
    await call.stop()
    assert CallOutEnded("201", outcome) in call.flow.events
    assert call.switchboard.waiting == {}


async def test_a_phone_that_is_not_even_heard_to_ring_is_given_up_soon() -> None:
    react = answers(CallStarted=[CallOut("201", 20)], CallOutEnded=[HangUp(VISITOR)])
    call = Call(react, [], rings_within_s=0.3)
    call.phone.rings = False
    call.phone.answers_after.clear()
    await call.start()
    await call.journal.wait_for("call_out.ended", outcome=CallOutcome.UNREACHABLE)
    await call.stop()
    assert call.phone.cancelled.is_set(), "the attempt is over at the telephone system too"
    ended = next(event for event in call.flow.events if isinstance(event, CallOutEnded))
    assert 0.2 < ended.took_s < 5


async def test_a_phone_that_rings_is_given_all_its_time() -> None:
    react = answers(CallStarted=[CallOut("201", 20)], CallOutEnded=[HangUp(VISITOR)])
    call = Call(react, [], rings_within_s=0.2)
    call.phone.outcome = CallOutcome.NO_ANSWER
    call.phone.answers_after.clear()
    await call.start()
    await call.journal.wait_for("call_out.started")
    await quiet_line(call, 600)
    call.phone.answers_after.set()
    await call.journal.wait_for("call_out.ended", outcome=CallOutcome.NO_ANSWER)
    await call.stop()


async def test_the_next_phone_is_called_when_one_is_not_answered() -> None:
    def react(event: Event) -> Sequence[Action]:
        if isinstance(event, CallStarted):
            return [CallOut("201", 20)]
        if isinstance(event, CallOutEnded):
            return [CallOut("202", 20)] if event.phone == "201" else [HangUp(VISITOR)]
        return ()

    call = Call(react, [])
    call.phone.outcome = CallOutcome.NO_ANSWER
    await call.start()
    await call.journal.wait_for("call_out.ended", phone="202", outcome=CallOutcome.NO_ANSWER)
    await call.journal.wait_for("call.ended")
    await call.stop()
    assert len(call.phone.legs) == 2


async def test_a_resident_is_hung_up_on_while_the_next_one_is_called() -> None:
    def react(event: Event) -> Sequence[Action]:
        if isinstance(event, CallStarted):
            return [CallOut("201", 20)]
        if isinstance(event, CallOutEnded) and event.phone == "201":
            return [Say(RESIDENT, "autoriza", expecting=Expecting.AUTHORISATION)]
        if isinstance(event, Heard):
            return [HangUp(RESIDENT), CallOut("202", 20)]
        if isinstance(event, CallOutEnded):
            return [Say(RESIDENT, "boa noite"), HangUp(RESIDENT), HangUp(VISITOR)]
        return ()

    async with calling(react, ["deixe seu recado"]) as call:
        await call.journal.wait_for("turn", party=RESIDENT, text="autoriza")
        first = call.resident
        assert first is not None
        await speak(first, say("deixe seu recado"))
        await call.journal.wait_for("turn", party=RESIDENT, text="boa noite")
        assert (await asyncio.wait_for(first.ended, 5)) is EndReason.PEER_HANGUP
        assert first is not call.resident
        await call.journal.wait_for("call.ended", reason="completed")


async def test_a_visitor_who_leaves_stops_the_ringing() -> None:
    # this flow does not cancel the call: the session leaves no phone ringing all the same
    react = answers(CallStarted=[CallOut("201", 20)], PartyLeft=[LogVisit("left")])
    call = Call(react, [], drain_limit_s=0.3)
    call.phone.answers_after.clear()
    await call.start()
    await call.journal.wait_for("call_out.started")
    await call.visitor.hang_up()
    await asyncio.wait_for(call.phone.cancelled.wait(), 10)
    await call.stop()
    assert call.journal.entries[-1].kind == "call.ended"
    assert PartyLeft(VISITOR) in call.flow.events


async def test_a_waiting_visitor_hears_the_phone_ring_and_is_told_to_wait() -> None:
    react = answers(
        CallStarted=[CallOut("201", 20)],
        StillWaiting=[Say(VISITOR, "ainda estou chamando"), HangUp(VISITOR)],
        PartyLeft=[],
    )
    call = Call(react, [], waiting_every_s=0.5, drain_limit_s=2)
    call.ringback = ringback()
    call.phone.answers_after.clear()
    await call.start()
    await heard_sound(call)
    await call.journal.wait_for("turn", speaker="agent", text="ainda estou chamando")
    waited = next(event for event in call.flow.events if isinstance(event, StillWaiting))
    assert waited.waited_s >= 0.4
    call.phone.answers_after.set()
    await call.stop()


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


async def test_a_visitor_hears_a_chime_while_the_resident_is_asked() -> None:
    def react(event: Event) -> Sequence[Action]:
        if isinstance(event, CallStarted):
            return [Say(VISITOR, "um momento"), CallOut("201", 20)]
        if isinstance(event, CallOutEnded):
            return [Say(RESIDENT, LONG_TEXT, expecting=Expecting.AUTHORISATION)]
        if isinstance(event, WentQuiet):
            return [HangUp(RESIDENT), HangUp(VISITOR)]
        return ()

    call = Call(react, [], reprompt_after_s=0.5)
    call.waiting_sound = waiting_chime()
    await call.start()
    await call.journal.wait_for("turn", party=RESIDENT, text=LONG_TEXT)
    await call.journal.wait_for("call.ended")
    await call.stop()
    audible = [loudness_of(frame.audio) > 50 for frame in call.visitor.heard.frames]
    spoken = len(say("um momento")) // 160
    silent = longest_run(audible[spoken:], False) * 0.02
    assert sum(audible[spoken + 10 :]) > 20
    assert silent < 2.2


async def test_what_is_said_after_a_turn_without_an_answer_has_no_latency() -> None:
    react = answers(
        CallStarted=[CallOut("201", 20)],
        StillWaiting=[Say(VISITOR, "ainda estou chamando"), HangUp(VISITOR)],
    )
    call = Call(react, ["não espera por favor"], waiting_every_s=0.5, drain_limit_s=2)
    call.phone.outcome = CallOutcome.UNREACHABLE
    call.phone.answers_after.clear()
    await call.start()
    await call.visitor_says("não espera por favor")
    later = await call.journal.wait_for("turn", speaker="agent", text="ainda estou chamando")
    assert later.data["voice_to_voice_ms"] is None
    call.phone.answers_after.set()
    await call.stop()


async def test_a_visitor_hears_a_chime_while_a_phone_out_of_reach_does_not_even_ring() -> None:
    call = Call(answers(CallStarted=[CallOut("201", 20)]), [])
    call.waiting_sound = waiting_chime()
    call.phone.rings = False
    call.phone.outcome = CallOutcome.UNREACHABLE
    call.phone.answers_after.clear()
    await call.start()
    await heard_sound(call)
    call.phone.answers_after.set()
    await call.stop()


@pytest.mark.parametrize(("tone", "length_s"), [(ringback(), 5.0), (waiting_chime(), 1.98)])
def test_a_waiting_sound_is_soft_and_never_loud_at_its_edges(tone: bytes, length_s: float) -> None:
    samples = np.frombuffer(tone, "<i2").astype(np.float64)
    assert len(samples) == pytest.approx(length_s * 8000, abs=1)
    sounding = samples[np.abs(samples) > 0]
    level = 20 * np.log10(np.sqrt((sounding**2).mean()) / 32767)
    assert -40 < level < -26
    assert max(abs(samples[0]), abs(samples[-1])) < 20


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
