"""How long a visitor hears nothing while it is our turn: a phone rings, a model thinks."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from audiosocket.connection import Connection
from audiosocket.listener import Listener
from audiosocket.slin import Samples
from bench.line_audio import RATE_HZ, mu_law
from bench.turns.people import Manner, manner
from bench.turns.stage import CALL, DIRECTORY, RULES, Microphone, Played, Studio, call
from conversation.doorman import Doorman, DoormanSettings
from conversation.flow import CallOutcome
from conversation.session import CallSession
from conversation.settings import SessionSettings
from conversation.texts.catalogue import Texts
from conversation.thinking import Thoughts
from conversation.tones import ringback, waiting_chime
from conversation.understanding import Expecting, Understanding
from stt.vad import FRAME_MS
from supervisor.replay.line import Line, is_audible
from supervisor.switchboard import LegSwitchboard

LIMIT_MS = 2000
ERRAND = "entrega do mercado livre para o quinhentos e um, bloco B"
CONSENT = "pode subir, obrigado"
PATIENCE_MS = 500
"""Of our silence, until the visitor takes it for the end of the greeting."""
UNCLEAR = "eu vim aqui ver aquele negócio do outro dia"


class SlowThinker:
    """Thinks about every turn, for so long, and finds nothing."""

    filler_after_s = 0.8

    def __init__(self, takes_s: float) -> None:
        self._takes_s = takes_s

    def open_slots(self, heard: Understanding, expecting: Expecting) -> tuple[str, ...]:
        """Always something."""
        return ("errand",)

    def foresees(self) -> bool:
        """Never: the worst case."""
        return False

    async def think(self, text: str, expecting: Expecting, slots: tuple[str, ...]) -> Thoughts:
        """Nothing comes of it."""
        await asyncio.sleep(self._takes_s)
        return Thoughts()

    def merge(
        self, heard: Understanding, expecting: Expecting, thoughts: Thoughts
    ) -> Understanding:
        """As it was."""
        return heard

    def note(self, *, sure: bool) -> None:
        """Nothing is counted."""


@dataclass(slots=True)
class Phone:
    """A resident's phone: heard to ring after ``rings_s``, answered after ``answers_s`` more."""

    rings_s: float | None
    answers_s: float | None
    says: Samples
    clock: Any
    switchboard: LegSwitchboard
    lines: list[Line] = field(default_factory=list)

    async def call(
        self,
        phone: str,
        leg_id: UUID,
        *,
        ring_s: float,
        return_port: int,
        on_ringing: Callable[[], None],
    ) -> CallOutcome:
        """Ring, and be answered or not."""
        if self.rings_s is None:
            await asyncio.sleep(60)
            return CallOutcome.UNREACHABLE
        await asyncio.sleep(self.rings_s)
        on_ringing()
        if self.answers_s is None:
            await asyncio.sleep(ring_s)
            return CallOutcome.NO_ANSWER
        await asyncio.sleep(self.answers_s)
        mic = Microphone(said=[(6 * RATE_HZ, self.says)])
        accept: Callable[[Connection], Listener] = self.switchboard.accept
        self.lines.append(Line(accept, leg_id, mic.frame, self.clock))
        return CallOutcome.ANSWERED

    async def hang_up(self, leg_id: UUID) -> None:
        """It is over."""

    async def expect_end(self, call_id: UUID) -> None:
        """Nobody calls again."""

    async def transfer(self, call_id: UUID, destination: str) -> None:
        """Nobody is there."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A case; ``says`` is the visitor's word after the greeting."""

    title: str
    says: str = ERRAND
    thinks_s: float | None = None
    rings_s: float | None = 1.0
    answers_s: float | None = 6.0


WAITS = (
    Wait("the phone rings and is answered"),
    Wait("the phone is heard to ring late", rings_s=7.0),
    Wait("nobody answers", answers_s=None),
    Wait("the phone cannot be reached", rings_s=None),
    Wait("the model takes 1.2 s", UNCLEAR, thinks_s=1.2),
    Wait("the model takes 4 s", UNCLEAR, thinks_s=4.0),
)


async def waits(shared: Studio, told: Callable[[str], None]) -> list[dict[str, Any]]:
    """Play every case: our longest silence while the visitor waited for us."""
    who = manner("pt-BR", 5)
    answers = manner("pt-BR", 6)
    await shared.people.prepare([*((wait.says, who) for wait in WAITS), (CONSENT, answers)])
    rows = []
    for wait in WAITS:
        played, visitor = await _play(shared, wait, who, answers)
        silence_ms = longest_silence_ms(played.line.sent, visitor.owed)
        rows.append({"case": wait.title, "longest_silence_ms": silence_ms})
        told(f"{wait.title}: {silence_ms} ms")
    return rows


class Visitor:
    """Says one thing after the greeting, and notes frame by frame whether we owe a word."""

    def __init__(self, speech: Samples) -> None:
        self._speech = speech
        self._mic = Microphone()
        self._session: CallSession | None = None
        self._spoke_until = 0
        self.owed: list[bool] = []

    def meets(self, _line: Line, session: CallSession) -> None:
        """The call begins."""
        self._session = session

    def frame(self, line: Line) -> Samples:
        """The next 20 ms."""
        greeted = any(is_audible(frame) for frame in line.sent[-400:])
        if not self._mic.said and greeted and line.silent_since_ms() > PATIENCE_MS:
            self._mic.said.append((self._mic.position, self._speech))
            self._spoke_until = self._mic.position + len(self._speech)
        self.owed.append(self._waits(line))
        return self._mic.frame(line)

    def _waits(self, line: Line) -> bool:
        """Once they have spoken: until we answer, and whenever nothing is asked of them."""
        if not self._spoke_until or self._mic.position < self._spoke_until:
            return False
        since_ms = (self._mic.position - self._spoke_until) * 1000 // RATE_HZ
        unanswered = line.silent_since_ms() >= since_ms
        session = self._session
        asked = session is not None and session.visitor.expecting is not Expecting.NOTHING
        return unanswered or not asked


async def _play(shared: Studio, wait: Wait, who: Manner, answers: Manner) -> tuple[Played, Visitor]:
    visitor = Visitor(mu_law(shared.people.dry(wait.says, who)[0]))
    switchboard = LegSwitchboard()
    says = mu_law(shared.people.dry(CONSENT, answers)[0])
    phone = Phone(wait.rings_s, wait.answers_s, says, shared.clock, switchboard)
    settings = DoormanSettings("Residencial Aurora", ring_s=12)
    extra: Mapping[str, Any] = (
        {} if wait.thinks_s is None else {"thinker": SlowThinker(wait.thinks_s)}
    )
    played = await call(
        shared,
        Doorman(CALL, settings, DIRECTORY, RULES["pt-BR"]),
        visitor.frame,
        45_000,
        on_line=visitor.meets,
        telephone=phone,
        switchboard=switchboard,
        ringback=ringback(),
        waiting_sound=waiting_chime(),
        texts=Texts.load("pt-BR").phrasebook(1),
        settings=SessionSettings(),
        **extra,
    )
    for line in phone.lines:
        line.hang_up()
    return played, visitor


def longest_silence_ms(sent: Sequence[Samples], owed: Sequence[bool]) -> int:
    """Of ours, at a stretch, while the visitor waited for us."""
    longest = run = 0
    for frame, waits_for_us in zip(sent, owed, strict=False):
        run = run + FRAME_MS if waits_for_us and not is_audible(frame) else 0
        longest = max(longest, run)
    return longest
