"""From what happened in a call to its picture."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from stt.engines import open_voice_activity
from stt.vad import FRAME_MS, FRAME_SAMPLES, Samples
from supervisor.callers.figures import Figures, figures_of
from supervisor.callers.person import Leg
from supervisor.errors import OperatorError
from supervisor.simulation.cast import RESIDENT, VISITOR, Cast
from supervisor.simulation.chronicle import Chronicle, Recorded
from supervisor.simulation.picture import Lane, Latency, Mark, Picture, Speech
from supervisor.simulation.scenario import Scenario

COLOURS = {
    "visitor": "#2563a8",
    "agent": "#c2570c",
    "to resident": "#a0781a",
    "resident": "#6b3fa0",
}
MARKS = {"authorisation": "decision", "door.opened": "door opens", "transfer": "transfer"}
"""Events that are marked across all lanes, and their words."""

ONE_MOMENT_S = 0.5
"""Marks closer than this would be written over each other."""


@dataclass(frozen=True, slots=True)
class Told:
    """A call as it is told afterwards: both sides' records and the clock that joins them.

    ``began`` is the wall time of the visitor's UUID frame.
    """

    title: str
    subtitle: str
    began: datetime
    visitor: Leg
    visitor_figures: Figures
    residents: Sequence[tuple[str, Leg, Figures]]
    """By phone number, in the order of answering."""
    events: Sequence[Recorded]
    agent: str = "Doorman"
    """Who answered."""
    place: str = "at the gate"
    """Where the visitor spoke from."""


def tell(scenario: Scenario, cast: Cast, chronicle: Chronicle) -> Told:
    """A call that has just ended, with the scenario's name below its title.

    Raises :class:`OperatorError` where no visitor came onto the line.
    """
    if cast.visitor is None:
        raise OperatorError("The visitor's call did not come about.")
    ago = timedelta(seconds=time.monotonic() - cast.visitor.connected_at)
    return Told(
        title=scenario.title,
        subtitle=scenario.name,
        began=datetime.now(UTC) - ago,
        visitor=cast.visitor,
        visitor_figures=figures_of(cast.visitor),
        residents=[(phone, leg, figures_of(leg)) for phone, leg in cast.residents],
        events=chronicle.events,
        agent=scenario.agent,
        place=scenario.place,
    )


def picture_of(told: Told, *, voices: bool = False) -> Picture:
    """The visitor's leg above, the residents' below it if anybody was called.

    ``voices``: with where a voice detector hears speech, which takes some seconds.
    """
    visitor = told.visitor
    begin = visitor.connected_at
    end = max([visitor.ended_at, *(leg.ended_at for _, leg, _ in told.residents)])
    lanes = [
        Lane(
            "Visitor",
            told.place,
            COLOURS["visitor"],
            visitor.sent.samples(begin),
            _said(visitor, begin),
        ),
        Lane(
            told.agent,
            "to the visitor",
            COLOURS["agent"],
            visitor.received.samples(begin),
            spoken(told.events, VISITOR, told.began),
        ),
    ]
    if any(event.kind == "call_out.started" for event in told.events):
        lanes += _resident_lanes(told, begin)
    if voices:
        lanes = [replace(lane, voiced=voiced(lane.samples)) for lane in lanes]
    latencies = _latencies(visitor, told.visitor_figures, begin, (0, 1))
    for _, leg, figures in told.residents:
        latencies += _latencies(leg, figures, begin, (3, 2))
    return Picture(told.title, told.subtitle, end - begin, lanes, latencies, _marks(told))


def spoken(events: Sequence[Recorded], party: str, began: datetime) -> list[Speech]:
    """What the agent said to a party, when it was heard, in seconds from ``began``.

    Each thing said has an event when it begins and one, with how much was heard, when it is over.
    """
    mine = [event for event in events if event.data.get("party") == party]
    said: list[Speech] = []
    starts: dict[str, datetime] = {}
    for event in mine:
        if event.kind == "speaking":
            starts[event.data["text"]] = event.at
        elif event.kind == "turn" and event.data["speaker"] == "agent" and event.data["heard_ms"]:
            said.append(_heard_speech(event, starts.pop(event.data["text"], None), began))
    return said


def _heard_speech(turn: Recorded, start: datetime | None, began: datetime) -> Speech:
    """Something said: to its end, or as far as it was heard.

    What was cut off before its first frame and said after all has no event of its begin.
    """
    heard_s = turn.data["heard_ms"] / 1000
    end_s = seconds(turn.at, began)
    start_s = end_s - heard_s if start is None else seconds(start, began)
    if turn.data["complete"]:
        return Speech(start_s, end_s, turn.data["text"])
    return Speech(start_s, start_s + heard_s, turn.data["text"] + " …")


def voiced(samples: Samples) -> list[tuple[float, float]]:
    """Where the server's voice detector hears speech in a lane (8 kHz int16), in seconds."""
    detector = open_voice_activity()()
    frames = samples[: samples.size // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    decisions = np.array([False, *(detector.process(frame) for frame in frames), False])
    edges = np.flatnonzero(decisions[1:] != decisions[:-1]) * FRAME_MS / 1000
    return [(float(start), float(end)) for start, end in edges.reshape(-1, 2)]


def seconds(at: datetime, began: datetime) -> float:
    """From the call's begin to ``at``."""
    return (at - began) / timedelta(seconds=1)


def _said(leg: Leg, begin: float) -> list[Speech]:
    return [Speech(said.start - begin, said.end - begin, said.text) for said in leg.said]


def _resident_lanes(told: Told, begin: float) -> list[Lane]:
    """All who answered on one pair of lanes: they do so one after the other."""
    legs = [leg for _, leg, _ in told.residents]
    phones = ", ".join(phone for phone, _, _ in told.residents)
    agent = Lane(
        told.agent,
        "to the resident",
        COLOURS["to resident"],
        _together([leg.received.samples(begin) for leg in legs]),
        spoken(told.events, RESIDENT, told.began),
        _ringing(told),
    )
    resident = Lane(
        "Resident",
        f"phone {phones}" if phones else "no answer",
        COLOURS["resident"],
        _together([leg.sent.samples(begin) for leg in legs]),
        [speech for leg in legs for speech in _said(leg, begin)],
    )
    return [agent, resident]


def _together(tracks: Sequence[Samples]) -> Samples:
    """Tracks from the same moment on as one; where two sound at once, the later one is heard."""
    whole: Samples = np.zeros(max((track.size for track in tracks), default=0), np.int16)
    for track in tracks:
        whole[: track.size] = np.where(track != 0, track, whole[: track.size])
    return whole


def _ringing(told: Told) -> list[Speech]:
    starts = [event for event in told.events if event.kind == "call_out.started"]
    ends = [event for event in told.events if event.kind == "call_out.ended"]
    return [
        Speech(
            seconds(start.at, told.began),
            seconds(end.at, told.began),
            "ringing" if end.data["outcome"] == "answered" else f"{end.data['outcome']}",
        )
        for start, end in zip(starts, ends, strict=False)
    ]


def _latencies(leg: Leg, figures: Figures, begin: float, lanes: tuple[int, int]) -> list[Latency]:
    found = []
    for said, answered in zip(leg.said, figures.answered, strict=True):
        if answered.voice_to_voice_ms is not None:
            start = said.end - begin
            label = f"{answered.voice_to_voice_ms:.0f} ms"
            end = start + answered.voice_to_voice_ms / 1000
            found.append(Latency(start, end, *lanes, label))
        if answered.barge_in_ms is not None:
            start = said.start - begin
            label = f"silent after {answered.barge_in_ms:.0f} ms"
            found.append(Latency(start, start + answered.barge_in_ms / 1000, *lanes, label))
    return found


def _marks(told: Told) -> list[Mark]:
    """Moments, those that are next to each other under one label."""
    marks: list[Mark] = []
    for event in told.events:
        if event.kind not in MARKS:
            continue
        at_s, label = seconds(event.at, told.began), MARKS[event.kind]
        if marks and at_s - marks[-1].at_s < ONE_MOMENT_S:
            last = marks.pop()
            at_s, label = last.at_s, f"{last.label}, {label}"
        marks.append(Mark(at_s, label))
    return marks
