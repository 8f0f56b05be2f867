"""A call that never was, written down by hand for the tests of what is told about calls."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np

from audiosocket import slin
from audiosocket.listener import EndReason
from audiosocket.recording import Track
from supervisor.callers.ears import Sound
from supervisor.callers.figures import figures_of
from supervisor.callers.measures import Said
from supervisor.callers.person import Leg
from supervisor.callers.transcribing import Turn
from supervisor.simulation.chronicle import Recorded, VisitRow
from supervisor.simulation.portrait import Told

BEGAN = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
CALL_ID = UUID(int=7)
CONNECTED_AT = 1000.0


def track(start_s: float, end_s: float, sounds: list[tuple[float, float]]) -> Track:
    """A frame every 20 ms, loud within ``sounds``."""
    made = Track(8000, max_s=60)
    loud, silent = (slin.to_bytes(np.full(160, level, np.int16)) for level in (4000, 0))
    for index in range(round((end_s - start_s) * 50)):
        at = start_s + index / 50
        made.add(CONNECTED_AT + at, loud if any(a <= at < b for a, b in sounds) else silent)
    return made


def sounds(*spans: tuple[float, float]) -> list[Sound]:
    return [Sound(CONNECTED_AT + start, CONNECTED_AT + end) for start, end in spans]


def leg(
    person: str,
    begin_s: float,
    said: list[tuple[str, float, float]],
    heard: list[tuple[str, float, float]],
    **changes: Any,
) -> Leg:
    spans = [(start, end) for _, start, end in heard]
    fields: dict[str, Any] = {
        "call_id": CALL_ID,
        "person": person,
        "connected_at": CONNECTED_AT + begin_s,
        "ended_at": CONNECTED_AT + 10,
        "ended_by": EndReason.PEER_HANGUP,
        "said": [Said(text, CONNECTED_AT + a, CONNECTED_AT + b) for text, a, b in said],
        "sounds": sounds(*spans),
        "bursts": sounds(*spans),
        "turns": [
            Turn(sound, text, 0.9)
            for (text, _, _), sound in zip(heard, sounds(*spans), strict=True)
        ],
        "sent": track(begin_s, 10, [(a, b) for _, a, b in said]),
        "received": track(begin_s, 10, spans),
        "unmet": None,
    }
    return Leg(**{**fields, **changes})


def event(sequence: int, at_s: float, kind: str, **data: Any) -> Recorded:
    return Recorded(sequence, BEGAN + timedelta(seconds=at_s), kind, data)


def agent(sequence: int, party: str, text: str, start_s: float, end_s: float) -> list[Recorded]:
    """What the server records when the agent says something."""
    heard_ms = round((end_s - start_s) * 1000)
    common = {"party": party, "text": text}
    over = {"speaker": "agent", "heard_ms": heard_ms, "complete": True}
    return [
        event(sequence, start_s, "speaking", **common),
        event(sequence + 1, end_s, "turn", **common, **over),
    ]


def visitor_leg(**changes: Any) -> Leg:
    return leg(
        "visitor",
        0.0,
        [("Boa tarde, entrega.", 2.0, 4.0)],
        [("boa tarde portaria", 0.1, 1.5), ("entrada autorizada", 8.5, 9.8)],
        **changes,
    )


def resident_leg(**changes: Any) -> Leg:
    return leg(
        "resident", 5.0, [("Pode subir.", 7.5, 8.0)], [("chegou uma entrega", 5.2, 7.0)], **changes
    )


def events() -> list[Recorded]:
    return [
        event(1, 0.0, "call.started"),
        *agent(2, "visitor", "Boa tarde, portaria.", 0.1, 1.5),
        event(4, 4.2, "turn", party="visitor", speaker="visitor", text="boa tarde entrega"),
        event(5, 4.3, "call_out.started", phone="2501", leg="x"),
        event(6, 5.0, "call_out.ended", phone="2501", outcome="answered"),
        *agent(7, "resident", "Chegou uma entrega.", 5.2, 7.0),
        event(9, 8.3, "authorisation", decision="yes"),
        event(10, 8.3, "door.opened", authorisation="y"),
        *agent(11, "visitor", "Entrada autorizada.", 8.5, 9.8),
        event(13, 9.9, "visit", outcome="authorised"),
        event(14, 10.0, "call.ended", reason="completed"),
    ]


def told() -> Told:
    visitor, resident = visitor_leg(), resident_leg()
    return Told(
        title="A delivery",
        subtitle="made up",
        began=BEGAN,
        visitor=visitor,
        visitor_figures=figures_of(visitor),
        residents=[("2501", resident, figures_of(resident))],
        events=events(),
    )


def visit(outcome: str = "authorised", **data: Any) -> VisitRow:
    return VisitRow(3, outcome, data, BEGAN, "ab" * 32)
