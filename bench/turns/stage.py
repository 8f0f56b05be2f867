"""A whole call in simulated time: a session with real ears and mouth, and somebody on its line."""

import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np

from audiosocket.clock import MediaClock
from audiosocket.connection import Connection
from audiosocket.listener import Listener
from audiosocket.slin import Samples
from bench.turns.people import Speaking
from conversation.collaborators import Collaborators
from conversation.directory import Directory, Resident, Unit
from conversation.doorman.listening import Listening
from conversation.doorman.state import State
from conversation.flow import Action, CallStarted, Event, HangUp, Heard, Party, Say
from conversation.journal import Entry
from conversation.rules import rules_for
from conversation.session import CallSession
from conversation.understanding import Expecting
from stt.builtin.recogniser import BuiltinRecogniser
from stt.endpointing import Completeness, TurnTiming
from stt.engines import open_voice_activity
from stt.recogniser import Hints, Recogniser
from stt.vad import FRAME_SAMPLES, VoiceActivity
from supervisor.ami.telephone import NoTelephone
from supervisor.replay.engines import TimelessEngine, TimelessRecogniser
from supervisor.replay.line import Line
from supervisor.replay.simulated_time import AtOnce, SimulatedLoop
from supervisor.switchboard import LegSwitchboard
from tts.cache import PromptCache
from tts.espeak import EspeakEngine, espeak_voice
from tts.speaker import Speaker

DIRECTORY = Directory(
    [
        Unit("501", "A", (Resident("Daniel Reis", ("1501",)),)),
        Unit("501", "B", (Resident("Juliana Prado", ("2501", "2591")),)),
        Unit("502", "B", (Resident("Cláudio Rezende", ("2502",)),)),
        Unit("302", "B", (Resident("Marina Queiroz", ("2302",)), Resident("Davi", ("2392",)))),
        Unit("201", "A", (Resident("Daniel Souza", ("1201",)),)),
        Unit("102", "B", (Resident("Rita Figueiredo", ("2102",)),)),
        Unit("1204", "A", (Resident("Wellington Dias", ("11204",)),)),
        Unit("701", "A", ()),
    ]
)
VOICE = espeak_voice("pt-br")
CALL = UUID("7f5b9a52-0000-4000-8000-000000000001")
RULES = {language: rules_for(language, DIRECTORY.names()) for language in ("pt-BR", "en", "es")}
LISTENING = {language: Listening(DIRECTORY, rules) for language, rules in RULES.items()}


@dataclass(slots=True)
class Studio:
    """What all calls share: engines and a clock on simulated time."""

    loop: SimulatedLoop
    recogniser: Recogniser
    make_vad: Callable[[], VoiceActivity]
    speaker: Speaker
    people: Speaking
    clock: MediaClock


@asynccontextmanager
async def studio(loop: SimulatedLoop) -> AsyncIterator[Studio]:
    """Open the engines; one voice for us, and one process for everybody else's."""
    with tempfile.TemporaryDirectory(prefix="ramal-bench-") as folder:
        engine = TimelessEngine(EspeakEngine(), loop)
        recogniser = TimelessRecogniser(BuiltinRecogniser(pool=AtOnce()), loop)
        speaker = Speaker(engine, PromptCache(Path(folder)))
        made = Studio(
            loop,
            recogniser,
            open_voice_activity(),
            speaker,
            Speaking(engine),
            MediaClock(now=loop.time),
        )
        try:
            yield made
        finally:
            await speaker.close()
            await engine.close()
            await recogniser.close()


class Journal:
    """Keeps entries in a list."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def write(self, entry: Entry) -> None:
        """Keep it."""
        self.entries.append(entry)


class Reciter:
    """A flow that says its texts one after the other, the next when ``say_more`` is called, and
    judges and hears as the doorman does what was asked."""

    def __init__(self, text: str, asked: Expecting, *, asks: bool = True) -> None:
        self.text = text
        self.asked = asked
        self.heard: list[Heard] = []
        self._asks = asks
        self._listening = LISTENING["pt-BR"]

    def handle(self, event: Event) -> Sequence[Action]:
        """Say the text when the call begins; note what is heard."""
        if isinstance(event, CallStarted) and self.text:
            expecting = self.asked if self._asks else Expecting.NOTHING
            return [Say(Party.VISITOR, self.text, expecting=expecting)]
        if isinstance(event, Heard):
            self.heard.append(event)
        return []

    def expecting(self, party: Party) -> Expecting:
        """What was asked."""
        return self.asked if self._asks else Expecting.NOTHING

    def completeness(self, party: Party, text: str) -> Completeness:
        """As the doorman judges it."""
        return self._listening.completeness(State(), self.expecting(party), text)

    def language(self, party: Party) -> str | None:
        """Ours."""
        return None

    def hints(self, party: Party) -> Hints:
        """As the doorman has them."""
        whose = Party.RESIDENT if self.asked is Expecting.AUTHORISATION else Party.VISITOR
        return self._listening.hints(whose, self.asked)

    def prompts(self) -> Sequence[tuple[str, Mapping[str, str]]]:
        """None."""
        return ()

    def snapshot(self) -> dict[str, Any]:
        """No state."""
        return {}

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """No state."""


class AsItIs:
    """A text's key is what is said."""

    def render(self, key: str, values: Mapping[str, str]) -> str:
        """The key."""
        return key


@dataclass(slots=True)
class Microphone:
    """What the party's phone sends: speech that begins at given samples, over a background."""

    background: Samples = field(default_factory=lambda: np.zeros(8000, np.int16))
    said: list[tuple[int, Samples]] = field(default_factory=list)
    position: int = 0

    def frame(self, _line: Line) -> Samples:
        """The next 20 ms."""
        at = self.position
        self.position += FRAME_SAMPLES
        index = np.arange(at, at + FRAME_SAMPLES) % len(self.background)
        mixed = self.background[index].astype(np.int32)
        for start, samples in self.said:
            first, last = max(at, start), min(at + FRAME_SAMPLES, start + len(samples))
            if first < last:
                mixed[first - at : last - at] += samples[first - start : last - start]
        frame: Samples = np.clip(mixed, -32768, 32767).astype(np.int16)
        return frame


@dataclass(slots=True)
class Played:
    """A call that is over."""

    line: Line
    flow: Any
    journal: Journal

    def turns(self, speaker: str) -> list[Mapping[str, Any]]:
        """The journal's turns of one side."""
        return [
            each.data
            for each in self.journal.entries
            if each.kind == "turn" and each.data["speaker"] == speaker
        ]


async def call(
    shared: Studio,
    flow: Any,
    source: Callable[[Line], Samples],
    duration_ms: int,
    *,
    timing: TurnTiming | None = None,
    on_line: Callable[[Line, CallSession], None] | None = None,
    **collaborators: Any,
) -> Played:
    """Play a call of so long; then the party hangs up."""
    journal = Journal()
    rules = RULES["pt-BR"]
    with_these: dict[str, Any] = {
        "telephone": NoTelephone(),
        "switchboard": LegSwitchboard(),
        "timing": timing or TurnTiming(),
        **collaborators,
    }
    texts = with_these.pop("texts", AsItIs())
    together = Collaborators(
        recogniser=shared.recogniser,
        make_vad=shared.make_vad,
        speaker=shared.speaker,
        voice=VOICE,
        interpret=rules.interpret,
        journal=journal,
        return_port=0,
        timepiece=shared.loop.timepiece,
        **with_these,
    )
    session = CallSession(CALL, flow, texts, together)
    running = shared.loop.create_task(session.run())

    def accept(_: Connection) -> Listener:
        return session.visitor

    line = Line(accept, CALL, source, shared.clock)
    if on_line is not None:
        on_line(line, session)
    over = shared.loop.call_later(duration_ms / 1000, line.hang_up)
    await running
    over.cancel()
    line.hang_up()
    return Played(line, flow, journal)


__all__ = ["CALL", "DIRECTORY", "HangUp", "Microphone", "Played", "Reciter", "Studio", "call"]
