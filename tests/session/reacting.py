"""Flows in a line, and what tests of a session ask of a call."""

import asyncio
from collections.abc import Callable, Sequence

import numpy as np

from tests.session.call import (
    Action,
    Call,
    CallOut,
    CallOutEnded,
    CallStarted,
    Event,
    Expecting,
    Party,
    Say,
    loudness,
    speak,
)
from tests.speech import silence

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


def asks_the_resident(event: Event) -> Sequence[Action]:
    if isinstance(event, CallStarted):
        return [CallOut("201", 20)]
    if isinstance(event, CallOutEnded):
        return [Say(RESIDENT, "oi aqui é da portaria", expecting=Expecting.AUTHORISATION)]
    return ()
