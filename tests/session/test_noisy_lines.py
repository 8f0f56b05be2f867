"""Lines that are never quiet: our voice comes back late, somebody behind never stops talking."""

import asyncio

import numpy as np

from conversation.flow import Event
from tests.session.call import (
    LONG_TEXT,
    Action,
    CallOut,
    CallOutcome,
    CallOutEnded,
    CallStarted,
    Expecting,
    Heard,
    Party,
    Say,
    calling,
    speak,
)
from tests.speech import say

VISITOR = Party.VISITOR
MUST_BE_HEARD = "entrada autorizada"
ECHO_FRAMES = 15
"""300 ms: a hall, or a mobile network."""


async def test_an_echo_that_outlasts_our_question_is_no_answer_to_it() -> None:
    def react(event: Event) -> list[Action]:
        if isinstance(event, CallStarted):
            return [Say(VISITOR, LONG_TEXT, expecting=Expecting.PURPOSE)]
        return []

    async with calling(react, [LONG_TEXT] * 20) as call:
        heard = call.visitor.heard.frames
        async with asyncio.timeout(5):
            while len(heard) < ECHO_FRAMES:
                await call.visitor.playback.enqueue(bytes(320)).done
        echo = {"speaker": "visitor", "ignored": "echo"}
        passed = asyncio.create_task(call.journal.wait_for("turn", **echo))
        while not passed.done():
            frame = np.frombuffer(heard[-ECHO_FRAMES].audio, "<i2")
            await speak(call.visitor, (frame * 0.4).astype(np.int16))
        assert passed.result().data["text"] == LONG_TEXT
        assert Heard not in [type(event) for event in call.flow.events]


async def test_what_must_be_heard_does_not_wait_for_somebody_who_goes_on_and_on() -> None:
    def react(event: Event) -> list[Action]:
        if isinstance(event, CallStarted):
            return [Say(VISITOR, LONG_TEXT), CallOut("201", 10)]
        if isinstance(event, CallOutEnded):
            return [Say(VISITOR, MUST_BE_HEARD, interruptible=False)]
        return []

    async with calling(react, ["conversa ao fundo"] * 5) as call:
        call.phone.outcome = CallOutcome.BUSY
        call.phone.answers_after.clear()
        await call.journal.wait_for("speaking", text=LONG_TEXT)
        talk = say("e então eu disse para ela que não dava mais para esperar " * 3)
        talking = asyncio.create_task(speak(call.visitor, talk))
        async with asyncio.timeout(5):
            while call.agent_level(200) > 10:  # noqa: ASYNC110 - silence is no event
                await asyncio.sleep(0.02)
        call.phone.answers_after.set()
        await call.journal.wait_for("speaking", text=MUST_BE_HEARD)
        assert not talking.done()
        await talking
