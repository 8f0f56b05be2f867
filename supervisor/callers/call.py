"""``ramal call``: one call into any AudioSocket server, spoken, heard and measured."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from audiosocket.clock import MediaClock
from audiosocket.listener import EndReason
from audiosocket.slin import Samples
from audiosocket.wav import write_stereo_wav
from stt.recogniser import Recogniser
from supervisor.callers.address import Address
from supervisor.callers.echo import EchoPath
from supervisor.callers.figures import Figures, figures_of
from supervisor.callers.noises import noise
from supervisor.callers.person import Leg, Person, Watcher
from supervisor.callers.script import NoiseScript, PersonScript, ScriptError
from supervisor.callers.speech import speech_for
from supervisor.callers.steps import KEYS, Listen, Play, Press, Say, StayOnLine, Step
from supervisor.errors import OperatorError
from tts.espeak import espeak_voice
from tts.speaker import Speaker

STREET_LOOP_S = 20.0
GREETING_WITHIN_S = 8.0
"""A caller who hears nothing for so long speaks all the same."""


@dataclass(frozen=True, slots=True)
class CallReport:
    """A finished call and its figures."""

    leg: Leg
    figures: Figures

    def document(self) -> dict[str, Any]:
        """The report as JSON-able data; times in seconds from the UUID frame, latencies in ms."""
        leg = self.leg
        begin = leg.connected_at
        return {
            "call_id": str(leg.call_id),
            "duration_s": round(leg.ended_at - begin, 3),
            "ended_by": leg.ended_by.value,
            "unmet": leg.unmet,
            "first_frame_ms": _round(self.figures.first_frame_ms),
            "greeting_ms": _round(self.figures.greeting_ms),
            "said": [_rounded(asdict(answered)) for answered in self.figures.answered],
            "heard": [
                {
                    "text": turn.text,
                    "at_s": round(turn.sound.start - begin, 3),
                    "until_s": round(turn.sound.end - begin, 3),
                    "confidence": round(turn.confidence, 3),
                }
                for turn in leg.turns
            ],
            "lateness_ms": _rounded(asdict(self.figures.lateness)) if self.figures.lateness else {},
        }


def steps_of(say: Sequence[str], wav: Sequence[Path], dtmf: str, stay_s: float) -> tuple[Step, ...]:
    """The script of a call made up of options: each thing after a turn of the other side."""
    listen = Listen(within_s=GREETING_WITHIN_S, go_on=True)
    acts: list[Step] = [*map(Say, say), *(Play(str(path)) for path in wav)]
    if not set(dtmf) <= set(KEYS):
        raise ScriptError(f'"{dtmf}" are not keys of a telephone; use {KEYS}.')
    if dtmf:
        acts.append(Press(dtmf))
    return (*(step for act in acts for step in (listen, act)), StayOnLine(stay_s, go_on=True))


async def place_call(
    address: Address,
    person: PersonScript,
    speaker: Speaker,
    *,
    recogniser: Recogniser | None = None,
    watcher: Watcher | None = None,
    call_id: UUID | None = None,
) -> CallReport:
    """Call ``address``. Raises :class:`OperatorError` where no AudioSocket server answers."""
    voice = espeak_voice(person.voice, speed=person.speed, pitch=person.pitch)
    caller = Person(
        "caller",
        person.steps,
        await speech_for(person.steps, speaker, voice),
        clock=MediaClock(),
        recogniser=recogniser,
        street=street_of(person),
        echo=echo_of(person),
        watcher=watcher,
    )
    try:
        leg = await caller.call(address.host, address.port, call_id or uuid4())
    except TimeoutError:
        raise OperatorError(f"{address} does not answer; check the address.") from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise OperatorError(
            f"Nobody answers at {address} ({reason}); check the address, and that the server runs."
        ) from None
    return _checked(CallReport(leg, figures_of(leg)), address)


def street_of(person: PersonScript, seed: int = 1) -> Samples | None:
    """What sounds behind a person, if anything; the same for the same seed, so runs compare."""
    behind = person.noise
    if behind is None and person.street_snr_db is not None:
        behind = NoiseScript(kind="street", snr_db=person.street_snr_db)
    return noise(behind.kind, STREET_LOOP_S, behind.snr_db, seed) if behind else None


def echo_of(person: PersonScript) -> EchoPath | None:
    """The echo path of a person's phone, if it has one."""
    return EchoPath(person.echo.delay_ms, person.echo.return_loss_db) if person.echo else None


def write_recording(leg: Leg, path: Path) -> None:
    """A stereo WAV from the UUID frame on: what was said on the left, what was heard right.

    Raises :class:`OperatorError` if it cannot be written.
    """
    begin = leg.connected_at
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_stereo_wav(path, leg.sent.samples(begin), leg.received.samples(begin))
    except OSError as error:
        raise OperatorError(f"{path} cannot be written: {error.strerror}.") from None


def _checked(report: CallReport, address: Address) -> CallReport:
    if report.leg.ended_by is EndReason.PROTOCOL_ERROR:
        raise OperatorError(
            f"{address} answers, but not in AudioSocket; give the port of an extension."
        )
    if report.figures.first_frame_ms is None:
        raise OperatorError(
            f"{address} takes the call but sends no audio ({report.leg.ended_by}); "
            "give the port of an extension."
        )
    return report


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _rounded(data: dict[str, Any]) -> dict[str, Any]:
    return {
        name: round(value, 2) if isinstance(value, float) else value for name, value in data.items()
    }
