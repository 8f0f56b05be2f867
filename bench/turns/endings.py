"""Ends of turns: how often somebody is cut off, against how long everybody waits."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.turns.people import Spoken
from conversation.doorman.listening import Listening
from conversation.doorman.state import State
from conversation.flow import Party
from conversation.rules import Rules
from conversation.understanding import Expecting, Understanding
from stt.cadence import Cadence, CadenceWatch, weigh
from stt.endpointing import Completeness, EndOfTurn, TurnTiming
from stt.recogniser import Recogniser
from stt.turn_detector import FalseStart, Paused, SpeechStarted, TurnDetector, TurnEnded
from stt.turn_model import Tail
from stt.vad import FRAME_MS, FRAME_SAMPLES, PreRoll, VoiceActivity

WITHIN_MS = (350, 750, 950)
"""Of the summary: a frame or two beyond each of the default's silences."""
TEXT_AFTER_MS = 20
"""From the first short silence until its text is there: the built-in recogniser takes 3 ms, and
the next frame is the next chance to act on it."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A turn as the machinery heard it, whatever is made of it: voice activity frame by frame, and
    the text of each short silence, by the frame in which it began to be recognised."""

    language: str
    asked: Expecting
    text: str
    spoken: Spoken
    voice: npt.NDArray[np.bool_]
    texts: Mapping[int, str]
    cadences: Mapping[int, Cadence]
    """How the voice sounded before it, by the same frames."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """``delay_ms`` from the last sound to the end of the turn; ``None`` where the turn was ended
    before it (``cut_after`` are the words by then) or where nothing was heard at all."""

    heard: Heard
    delay_ms: int | None
    cut_after: str = ""
    missed: bool = False


async def hear(
    recogniser: Recogniser,
    make_vad: Callable[[], VoiceActivity],
    turn: tuple[str, Expecting, str],
    spoken: Spoken,
    listening: Listening,
) -> Heard:
    """Listen to a turn once; every setting is then tried on what was heard."""
    language, asked, text = turn
    party = Party.RESIDENT if asked is Expecting.AUTHORISATION else Party.VISITOR
    vad = make_vad()
    frames = spoken.samples[: len(spoken.samples) // FRAME_SAMPLES * FRAME_SAMPLES]
    frames = frames.reshape(-1, FRAME_SAMPLES)
    voice = np.array([vad.process(frame) for frame in frames])
    detector = TurnDetector(end_of_turn=_Never())
    stream, pre_roll, texts = None, PreRoll(), {}
    tail, cadences = Tail(), {}
    for number, frame in enumerate(frames):
        events = detector.frame(bool(voice[number]))
        if stream is None:
            pre_roll.push(frame)
        else:
            stream.feed(frame)
            tail.push(frame)
        for event in events:
            if isinstance(event, SpeechStarted):
                stream = recogniser.stream(language, listening.hints(party, asked))
                stream.feed(pre_roll.take())
            elif isinstance(event, Paused) and stream is not None:
                texts[number] = (await stream.result()).text
                cadences[number] = CadenceWatch().before_pause(tail.samples())
    if stream is not None:
        await stream.close()
    return Heard(language, asked, text, spoken, voice, texts, cadences)


class _Never:
    """No silence ends the turn."""

    def silence_ms(self, completeness: Completeness, speech_ms: int) -> int:
        return 10_000


def end_of(
    heard: Heard,
    judge: Callable[[str], Completeness],
    timing: TurnTiming,
    strategy: EndOfTurn | None = None,
    *,
    cadence: bool = True,
) -> Outcome:
    """What a setting makes of a turn; with ``cadence`` its pitch has a say."""
    detector = TurnDetector(timing, strategy)
    late = TEXT_AFTER_MS // FRAME_MS
    due: dict[int, Paused] = {}
    last_text = ""
    for number, voice in enumerate(heard.voice):
        events = list(detector.frame(bool(voice)))
        if number in due:
            asked_at = due.pop(number)
            paused = _pause_at(heard, number - late)
            last_text = heard.texts.get(paused, "")
            judged = judge(last_text)
            if cadence and paused in heard.cadences:
                judged = weigh(judged, heard.cadences[paused])
            events += detector.judge(asked_at, judged)
        for event in events:
            if isinstance(event, Paused):
                due[number + late] = event
            elif isinstance(event, TurnEnded):
                return _ended(heard, number, last_text)
            elif isinstance(event, FalseStart):
                due.clear()
    return Outcome(heard, None, missed=True)


def _pause_at(heard: Heard, frame: int) -> int:
    """The short silence that began to be recognised then, or the last before; -1 before any."""
    return max((number for number in heard.texts if number <= frame), default=-1)


def _ended(heard: Heard, number: int, last_text: str) -> Outcome:
    at = (number + 1) * FRAME_SAMPLES
    if at < heard.spoken.end:
        return Outcome(heard, None, last_text)
    return Outcome(heard, round((at - heard.spoken.end) / 8))


def ends_of(
    turns: Iterable[Heard],
    judges: Mapping[str, Listening],
    timing: TurnTiming,
    strategy: EndOfTurn | None = None,
    *,
    cadence: bool = True,
) -> list[Outcome]:
    """Every turn under one setting."""
    state = State()

    def judging(one: Heard) -> Callable[[str], Completeness]:
        listening = judges[one.language]
        return lambda text: listening.completeness(state, one.asked, text)

    return [end_of(one, judging(one), timing, strategy, cadence=cadence) for one in turns]


def summary(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Cut-offs in % of turns, and delays in ms of those that were not cut off."""
    delays = [one.delay_ms for one in outcomes if one.delay_ms is not None]
    cut = [one for one in outcomes if one.delay_ms is None and not one.missed]
    return {
        "turns": len(outcomes),
        "cut_off_percent": round(100 * len(cut) / max(1, len(outcomes)), 2),
        "missed": sum(one.missed for one in outcomes),
        "median_ms": round(median(delays)) if delays else None,
        "p95_ms": round(float(np.percentile(delays, 95))) if delays else None,
        "mean_ms": round(float(np.mean(delays))) if delays else None,
        "ended_within_percent": {
            limit_ms: round(100 * sum(delay <= limit_ms for delay in delays) / len(outcomes), 1)
            for limit_ms in WITHIN_MS
            if outcomes
        },
    }


def lost_percent(outcomes: Sequence[Outcome], rules: Mapping[str, Rules]) -> float:
    """Turns in % that were cut off before something that the rules would have understood: after
    "sim", "sim, correto" says nothing new."""
    lost = 0
    for one in outcomes:
        if one.delay_ms is None and not one.missed:
            heard = one.heard
            whole = heard.texts[max(heard.texts)] if heard.texts else ""
            spoken = rules[heard.language]
            lost += _slots(spoken, one.cut_after, heard.asked) != _slots(spoken, whole, heard.asked)
    return round(100 * lost / max(1, len(outcomes)), 2)


def _slots(rules: Rules, text: str, asked: Expecting) -> Understanding:
    heard = rules.interpret(text, 1.0, asked)
    return replace(heard, text="", confidence=1.0, backchannel=False, murmur=False, objects=False)
