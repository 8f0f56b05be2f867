"""A whole call on loopback for the tests of a session: real TCP, real frames, real voice
detection, speech from espeak-ng. The words are told by the test instead of a recogniser, and the
phones are answered by a scripted telephone: what is tested is who speaks when, not who understands
what.
"""

import asyncio
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import numpy as np

from audiosocket.caller import Caller
from audiosocket.clock import MediaClock
from audiosocket.connection import Connection
from audiosocket.listener import Listener
from audiosocket.server import AudioSocketServer
from conversation.admission import Admissions
from conversation.collaborators import Collaborators, RenderTexts
from conversation.door import Doors
from conversation.flow import (
    Action,
    CallOut,
    CallOutcome,
    CallOutEnded,
    CallStarted,
    Event,
    HangUp,
    Heard,
    KeyPressed,
    LogVisit,
    Party,
    PartyLeft,
    Say,
)
from conversation.journal import Entry
from conversation.monitor import Monitor
from conversation.session import CallSession
from conversation.settings import SessionSettings
from conversation.thinking import Thinker
from conversation.understanding import Expecting, Instruction, Intent, Understanding
from stt.endpointing import Completeness
from stt.recogniser import Hints, Transcript
from stt.silero_vad import SileroModel
from stt.two_stage import TwoStageVoiceActivity
from stt.vad import Samples
from tests.speech import say
from tts.engine import Voice

VOICE = Voice("espeak", "pt-br", "pt-BR")
MODEL = SileroModel()
LONG_TEXT = "um momento por favor que eu vou chamar o apartamento e já volto a falar com o senhor"


class ToldRecogniser:
    """Every utterance becomes the next of ``words``; no audio is looked at."""

    name = "told"
    best_hz = 8000

    def __init__(self, words: Sequence[str]) -> None:
        self.words = list(words)
        self.fed_samples = 0
        self.ready = asyncio.Event()
        """Results wait for it: a recogniser that takes its time."""
        self.ready.set()

    def stream(self, language: str, hints: Hints, rate_hz: int = 8000) -> "ToldStream":
        return ToldStream(self, self.words.pop(0) if self.words else "")

    async def close(self) -> None:
        pass


class ToldStream:
    def __init__(self, recogniser: ToldRecogniser, text: str) -> None:
        self._recogniser = recogniser
        self._transcript = Transcript(text, 0.9 if text else 0.0, final=True)

    def feed(self, samples: Samples) -> None:
        self._recogniser.fed_samples += len(samples)

    @property
    def partial(self) -> Transcript:
        return self._transcript

    async def early(self) -> None:
        pass

    async def result(self) -> Transcript:
        await self._recogniser.ready.wait()
        return self._transcript

    def reset(self) -> None:
        pass

    async def close(self) -> None:
        pass


class EspeakSpeaker:
    """Speaks with espeak-ng, rendered by the tests' helper before it is needed."""

    async def speak(self, text: str, voice: Voice) -> AsyncGenerator[bytes, None]:
        if text == "broken":
            raise RuntimeError("a defect in the engine")
        yield say(text).astype("<i2").tobytes()


class ScriptedPhone:
    """The telephone: what happens to each call, and what was done to it."""

    def __init__(self) -> None:
        self.outcome = CallOutcome.ANSWERED
        self.rings = True
        self.answers_after = asyncio.Event()
        self.answers_after.set()
        self.cancelled = asyncio.Event()
        self.legs: list[uuid.UUID] = []
        self.hung_up: list[uuid.UUID] = []
        self.transfers: list[tuple[uuid.UUID, str]] = []
        self.ends: list[uuid.UUID] = []
        self.on_answer: Callable[[uuid.UUID], Any] = lambda leg_id: None

    async def call(
        self,
        phone: str,
        leg_id: uuid.UUID,
        *,
        ring_s: float,
        return_port: int,
        on_ringing: Callable[[], None],
    ) -> CallOutcome:
        self.legs.append(leg_id)
        if self.rings:
            on_ringing()
        try:
            await self.answers_after.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        if self.outcome is CallOutcome.ANSWERED:
            await self.on_answer(leg_id)
        return self.outcome

    async def hang_up(self, leg_id: uuid.UUID) -> None:
        self.hung_up.append(leg_id)

    async def expect_end(self, call_id: uuid.UUID) -> None:
        self.ends.append(call_id)

    async def transfer(self, call_id: uuid.UUID, destination: str) -> None:
        self.transfers.append((call_id, destination))


class ListJournal:
    """Keeps entries in a list, and lets a test wait for one."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._news = asyncio.Event()

    def write(self, entry: Entry) -> None:
        self.entries.append(entry)
        self._news.set()

    async def wait_for(self, kind: str, **data: Any) -> Entry:
        async with asyncio.timeout(20):
            while True:
                for entry in self.entries:
                    if entry.kind == kind and data.items() <= entry.data.items():
                        return entry
                self._news.clear()
                await self._news.wait()

    async def news(self) -> None:
        """Return with the next entry."""
        self._news.clear()
        await self._news.wait()

    def turns(self, speaker: str) -> list[str]:
        return [
            entry.data["text"]
            for entry in self.entries
            if entry.kind == "turn" and entry.data["speaker"] == speaker
        ]


class Script:
    """A flow that answers events as a test says, and notes them."""

    def __init__(self, react: Callable[[Event], Sequence[Action]]) -> None:
        self._react = react
        self.events: list[Event] = []
        self._news = asyncio.Event()

    def handle(self, event: Event) -> Sequence[Action]:
        self.events.append(event)
        self._news.set()
        return self._react(event)

    async def wait_for(self, event: Event) -> None:
        """The flow is told of things a moment before or after the journal."""
        async with asyncio.timeout(20):
            while event not in self.events:
                self._news.clear()
                await self._news.wait()

    def expecting(self, party: Party) -> Expecting:
        return Expecting.PURPOSE

    def completeness(self, party: Party, text: str) -> Completeness:
        return Completeness.COMPLETE

    def language(self, party: Party) -> str | None:
        return None

    def hints(self, party: Party) -> Hints:
        return Hints()

    def prompts(self) -> Sequence[tuple[str, Mapping[str, str]]]:
        return ()

    def snapshot(self) -> dict[str, Any]:
        return {}

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        pass


class PlainTexts:
    """A text's key is what is said."""

    def render(self, key: str, values: Mapping[str, str]) -> str:
        return key


def interpret(text: str, confidence: float, expecting: Expecting) -> Understanding:
    """Just enough understanding for interruptions."""
    return Understanding(
        text,
        confidence,
        intent=Intent.GREETING if text == "alô" else None,
        instruction=Instruction.WAIT if "espera" in text else None,
        backchannel=text in {"aham", "tá"},
    )


class Switchboard:
    """Waiting legs by UUID."""

    def __init__(self) -> None:
        self.waiting: dict[uuid.UUID, Listener] = {}

    def expect(self, leg_id: uuid.UUID, listener: Listener) -> None:
        self.waiting[leg_id] = listener

    def forget(self, leg_id: uuid.UUID) -> None:
        self.waiting.pop(leg_id, None)


class Call:
    """A visitor on the line with a session."""

    def __init__(
        self, react: Callable[[Event], Sequence[Action]], words: Sequence[str], **settings: Any
    ) -> None:
        self.flow = Script(react)
        self.journal = ListJournal()
        self.phone = ScriptedPhone()
        self.switchboard = Switchboard()
        self.recogniser: Any = ToldRecogniser(words)
        self.speaker: Any = EspeakSpeaker()
        self.clock = MediaClock()
        self.doors = Doors()
        self.admissions: Admissions | None = None
        self.monitor: Monitor | None = None
        self.ringback = b""
        self.waiting_sound = b""
        self.thinker: Thinker | None = None
        self.interpret = interpret
        self.texts: RenderTexts = PlainTexts()
        self.settings = SessionSettings(**settings)
        self.visitor: Caller
        self.resident: Caller | None = None
        self.session: CallSession
        self.ended: asyncio.Task[None]
        self._server: AudioSocketServer
        self._return: AudioSocketServer

    def _accept(self, connection: Connection) -> Listener:
        shared = Collaborators(
            recogniser=self.recogniser,
            make_vad=lambda: TwoStageVoiceActivity(MODEL),
            speaker=self.speaker,
            voice=VOICE,
            interpret=self.interpret,
            thinker=self.thinker,
            telephone=self.phone,
            switchboard=self.switchboard,
            journal=self.journal,
            return_port=self._return.port,
            doors=self.doors,
            admissions=self.admissions,
            monitor=self.monitor,
            ringback=self.ringback,
            waiting_sound=self.waiting_sound,
            settings=self.settings,
        )
        self.session = CallSession(connection.call_id, self.flow, self.texts, shared)
        self.ended = asyncio.create_task(self.session.run())
        return self.session.visitor

    async def _resident_answers(self, leg_id: uuid.UUID) -> None:
        self.resident = await Caller.connect(
            "127.0.0.1", self._return.port, leg_id, clock=self.clock
        )

    async def start(self) -> None:
        self.phone.on_answer = self._resident_answers
        self._server = AudioSocketServer(self._accept, clock=self.clock)
        self._return = AudioSocketServer(
            lambda connection: self.switchboard.waiting[connection.call_id], clock=self.clock
        )
        await self._server.start()
        await self._return.start()
        self.visitor = await Caller.connect("127.0.0.1", self._server.port, clock=self.clock)

    async def stop(self) -> None:
        for caller in (self.visitor, self.resident):
            if caller is not None:
                await caller.hang_up()
        async with asyncio.timeout(10):
            await self.ended
        await self._server.close()
        await self._return.close()

    async def visitor_says(self, text: str, **voice: Any) -> None:
        """Speak, and return when the last frame is on its way."""
        await speak(self.visitor, say(text, **voice))

    def agent_level(self, last_ms: int = 100) -> float:
        """RMS of what the visitor heard last."""
        return loudness(self.visitor, last_ms)


async def speak(caller: Caller, samples: Samples) -> None:
    await caller.playback.enqueue(samples.astype("<i2").tobytes()).done


def loudness(caller: Caller, last_ms: int) -> float:
    frames = caller.heard.frames[-last_ms // 20 :]
    samples = np.frombuffer(b"".join(frame.audio for frame in frames), "<i2").astype(np.float64)
    return float(np.sqrt((samples * samples).mean())) if len(samples) else 0.0


@asynccontextmanager
async def calling(
    react: Callable[[Event], Sequence[Action]],
    words: Sequence[str] = (),
    *,
    doors: Doors | None = None,
    monitor: Monitor | None = None,
    thinker: Thinker | None = None,
    recogniser: ToldRecogniser | None = None,
    **settings: Any,
) -> AsyncIterator[Call]:
    """A call that is up, and that leaves nothing behind."""
    call = Call(react, words, **settings)
    call.doors = doors or call.doors
    call.monitor = monitor
    call.thinker = thinker
    call.recogniser = recogniser or call.recogniser
    await call.start()
    try:
        yield call
    finally:
        await call.stop()


__all__ = [
    "LONG_TEXT",
    "Action",
    "Call",
    "CallOut",
    "CallOutEnded",
    "CallOutcome",
    "CallStarted",
    "Event",
    "Expecting",
    "HangUp",
    "Heard",
    "KeyPressed",
    "LogVisit",
    "Party",
    "PartyLeft",
    "Say",
    "calling",
    "loudness",
    "speak",
]
