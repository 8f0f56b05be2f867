"""A small agent for the callers' tests: greets, answers with a tone, stops when interrupted."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np

from audiosocket import slin
from audiosocket.connection import Connection
from audiosocket.listener import EndReason
from audiosocket.server import AudioSocketServer
from audiosocket.slin import Samples
from supervisor.callers.ears import AUDIBLE_RMS, loudness


def tone(seconds: float, hertz: float = 400.0) -> Samples:
    at = np.arange(round(seconds * 8000)) / 8000
    return (6000 * np.sin(2 * np.pi * hertz * at)).astype(np.int16)


@dataclass
class Manners:
    """How the agent behaves: what it says, after how much silence, and when it has had enough."""

    greeting: Samples = field(default_factory=lambda: tone(0.4))
    answers: Sequence[Samples] = field(default_factory=lambda: [tone(0.3)])
    silence_ms: int = 200
    stops_when_interrupted: bool = True
    hangs_up_after: int | None = 1
    """Answers after which it hangs up; None for never."""


class ScriptedAgent:
    """Implements a listener of one call."""

    def __init__(self, manners: Manners) -> None:
        self.keys = ""
        self.heard: list[Samples] = []
        self.ended: asyncio.Future[EndReason] = asyncio.get_running_loop().create_future()
        self._manners = manners
        self._quiet_ms = 0
        self._in_turn = False
        self._answered = 0
        self._tasks: list[asyncio.Task[EndReason]] = []

    def call_started(self, connection: Connection) -> None:
        self.connection = connection
        connection.playback.enqueue(slin.to_bytes(self._manners.greeting))

    def audio_received(self, samples: Samples, rate_hz: int) -> None:
        self.heard.append(samples.copy())
        if loudness(samples) > AUDIBLE_RMS:
            self._quiet_ms, self._in_turn = 0, True
            if self._manners.stops_when_interrupted:
                self.connection.playback.flush()
            return
        self._quiet_ms += samples.size * 1000 // rate_hz
        if self._in_turn and self._quiet_ms >= self._manners.silence_ms:
            self._in_turn = False
            self._answer()

    def audio_gap(self, gap_ms: int) -> None:
        self.heard.append(np.zeros(gap_ms * 8, np.int16))

    def dtmf_received(self, digit: str) -> None:
        self.keys += digit

    def call_ended(self, reason: EndReason) -> None:
        self.ended.set_result(reason)

    def _answer(self) -> None:
        answers = self._manners.answers
        if self._answered < len(answers):
            self.connection.playback.enqueue(slin.to_bytes(answers[self._answered]))
        self._answered += 1
        if self._answered == self._manners.hangs_up_after:
            leaving = asyncio.get_running_loop().create_task(self.connection.hang_up())
            self._tasks.append(leaving)


@asynccontextmanager
async def scripted_agent(manners: Manners) -> AsyncIterator[tuple[int, list[ScriptedAgent]]]:
    """The port of an agent with these manners, and its calls as they come."""
    calls: list[ScriptedAgent] = []

    def accept(_: Connection) -> ScriptedAgent:
        calls.append(ScriptedAgent(manners))
        return calls[-1]

    server = AudioSocketServer(accept)
    await server.start()
    try:
        yield server.port, calls
    finally:
        await server.close()
