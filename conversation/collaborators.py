"""What a session works with: given once per extension, shared by all its calls."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from audiosocket.connection import Connection
from conversation.admission import Admissions
from conversation.calling import Switchboard
from conversation.door import Doors
from conversation.ear import Ear
from conversation.flow import Flow, Party
from conversation.journal import Journal, Memory
from conversation.leg import Leg
from conversation.leg_listener import LegListener
from conversation.monitor import Monitor
from conversation.mouth import Mouth
from conversation.settings import SessionSettings
from conversation.telephone import Telephone
from conversation.thinking import Thinker
from conversation.timepiece import REAL_TIME, Timepiece
from conversation.understanding import Expecting, Understanding
from stt.cadence import CadenceWatch
from stt.endpointing import Completeness, TurnTiming
from stt.languages import AUTO, LanguageEvidence, choices
from stt.recogniser import Recogniser, RecognitionStream
from stt.turn_detector import TurnDetector
from stt.turn_model import TurnModel
from stt.vad import VoiceActivity
from tts.engine import Voice
from tts.speaker import Speaker


class RenderTexts(Protocol):
    """Turns a text's key and values into what is said, in one language."""

    def render(self, key: str, values: Mapping[str, str]) -> str:
        """The next variant of the text, with its values filled in."""


Interpret: TypeAlias = Callable[[str, float, Expecting], Understanding]


@dataclass(frozen=True, slots=True)
class Tongue:
    """How a call goes on in another language than the extension's."""

    interpret: Interpret
    voice: Voice
    anybodys: bool = True
    """Whether any party may go over to it; else it is only for those who are called in it."""


@dataclass(frozen=True, slots=True)
class Collaborators:
    """Everything a session needs from outside, made once per extension and shared by its calls."""

    recogniser: Recogniser
    make_vad: Callable[[], VoiceActivity]
    speaker: Speaker
    voice: Voice
    interpret: Interpret
    telephone: Telephone
    switchboard: Switchboard
    journal: Journal
    return_port: int
    thinker: Thinker | None = None
    """Thinks about visitors' turns that ``interpret`` is not sure of; none where rules do."""
    memory: Memory | None = None
    """Where calls of a process that died are remembered; none in tests of one process."""
    admissions: Admissions | None = None
    """Who was let in beforehand; nobody without it."""
    doors: Doors = field(default_factory=Doors)
    """The condominium's doors; the default one is the extension's."""
    language: str = "pt-BR"
    tongues: Mapping[str, Tongue] = field(default_factory=dict)
    """The languages that a party may go over to, by BCP 47 tag."""
    timezone: ZoneInfo = ZoneInfo("America/Sao_Paulo")
    ringback: bytes = b""
    """What a visitor hears while a phone rings; slin at 8 kHz, repeated. None is silence."""
    waiting_sound: bytes = b""
    """... and while we speak with the resident."""
    monitor: Monitor | None = None
    """Is told of legs as they come, and may record them."""
    announces_recording: bool = True
    """Whether who is recorded is told so, before anything else is said."""
    settings: SessionSettings = SessionSettings()
    timing: TurnTiming = TurnTiming()
    turn_model: TurnModel | None = None
    """Hears whether a turn is over, beside what its words say; most installations have none."""
    cadence: CadenceWatch | None = field(default_factory=CadenceWatch)
    """Listens to the pitch before a pause, where there is no turn model."""
    timepiece: Timepiece = REAL_TIME


def make_leg(
    party: Party, leg_id: UUID, listener: LegListener, flow: Flow, shared: Collaborators
) -> Leg:
    """A leg for ``party``, with an ear and a mouth of its own, that reports to ``listener``."""

    spoken = LanguageEvidence()

    def listened_to() -> str:
        """The language that the party was spoken to in, and those that it may answer in."""
        heard = choices(shared.language, ())
        spoken = flow.language(party) or heard[0]
        others = (one for one, tongue in shared.tongues.items() if tongue.anybodys)
        known = tuple(dict.fromkeys((spoken, *heard, *others)))
        return f"{AUTO}:{','.join(known)}" if len(known) > 1 else spoken

    def interpret(text: str, confidence: float, expecting: Expecting) -> Understanding:
        tongue = shared.tongues.get(flow.language(party) or "")
        return (tongue or shared).interpret(text, confidence, expecting)

    def judge(leg: Leg, text: str) -> Completeness:
        if leg.only_listens(text):
            return Completeness.CERTAIN
        judged = flow.completeness(party, text)
        if judged is not Completeness.OPEN:
            leg.guess(text)
        return judged

    def make_ear(leg: Leg) -> Ear:
        def open_stream(rate_hz: int) -> RecognitionStream:
            hints = replace(flow.hints(party), just_said=leg.last_said, evidence=spoken)
            return shared.recogniser.stream(listened_to(), hints, rate_hz)

        return Ear(
            shared.make_vad(),
            TurnDetector(shared.timing),
            open_stream,
            lambda text: judge(leg, text),
            leg,
            best_hz=shared.recogniser.best_hz,
            now=shared.timepiece.now,
            turn_model=shared.turn_model,
            cadence=shared.cadence,
        )

    def make_mouth(leg: Leg, connection: Connection) -> Mouth:
        voice = replace(shared.voice, rate_hz=connection.rate_hz)
        return Mouth(connection.playback, shared.speaker, voice, leg, shared.timepiece.now)

    return Leg(
        party,
        leg_id,
        listener,
        shared.settings,
        make_ear=make_ear,
        make_mouth=make_mouth,
        interpret=interpret,
        listens_first=party is Party.RESIDENT,
        now=shared.timepiece.now,
    )
