"""A session that calls somebody: how that ends, and what both hear meanwhile."""

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest

from audiosocket.listener import EndReason
from conversation.flow import StillWaiting, WentQuiet
from conversation.tones import ringback, waiting_chime
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
    LogVisit,
    PartyLeft,
    Say,
    calling,
    speak,
)
from tests.session.reacting import (
    RESIDENT,
    VISITOR,
    answers,
    asks_the_resident,
    heard_sound,
    longest_run,
    loudness_of,
    quiet_line,
)
from tests.speech import say


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
    assert silent < 2.0


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


@pytest.mark.parametrize(("tone", "length_s"), [(ringback(), 5.0), (waiting_chime(), 1.58)])
def test_a_waiting_sound_is_soft_and_never_loud_at_its_edges(tone: bytes, length_s: float) -> None:
    samples = np.frombuffer(tone, "<i2").astype(np.float64)
    assert len(samples) == pytest.approx(length_s * 8000, abs=1)
    sounding = samples[np.abs(samples) > 0]
    level = 20 * np.log10(np.sqrt((sounding**2).mean()) / 32767)
    assert -40 < level < -26
    assert max(abs(samples[0]), abs(samples[-1])) < 20
