"""A finished demo as one JSON-able document: what was printed, and nothing less."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from supervisor.callers.figures import Figures
from supervisor.callers.person import Leg
from supervisor.simulation.cast import RESIDENT, VISITOR
from supervisor.simulation.chronicle import VisitRow
from supervisor.simulation.portrait import Told, spoken
from supervisor.simulation.scenario import Scenario
from supervisor.simulation.verdict import Check


@dataclass(frozen=True, slots=True)
class Result:
    """A demo that was run to its end."""

    scenario: Scenario
    told: Told
    visit: VisitRow | None
    checks: Sequence[Check]
    files: dict[str, Path]
    started_in_s: float
    """From the command to the visitor's call."""

    @property
    def passed(self) -> bool:
        """Whether the visit ended as the scenario says."""
        return all(check.met for check in self.checks)

    def document(self) -> dict[str, Any]:
        """Everything; times in seconds from the visitor's UUID frame, latencies in ms."""
        told = self.told
        legs = [(VISITOR, told.visitor, told.visitor_figures)]
        legs += [(RESIDENT, leg, figures) for _, leg, figures in told.residents]
        begin = told.visitor.connected_at
        said = [line for who, leg, figures in legs for line in _said(who, leg, figures, begin)]
        agent = [line for who in (VISITOR, RESIDENT) for line in _agent(told, who)]
        return {
            "scenario": self.scenario.name,
            "title": self.scenario.title,
            "passed": self.passed,
            "checks": [asdict(check) for check in self.checks],
            "call_id": str(told.visitor.call_id),
            "started_in_s": round(self.started_in_s, 2),
            "duration_s": round(told.visitor.ended_at - begin, 2),
            "conversation": sorted(said + agent, key=lambda line: line["at_s"]),
            "heard": [line for who, leg, _ in legs for line in _heard(who, leg, begin)],
            "visit": _visit(self.visit),
            "figures": {who: _figures(figures) for who, _, figures in legs},
            "files": {name: str(path) for name, path in self.files.items()},
        }


def _said(who: str, leg: Leg, figures: Figures, begin: float) -> list[dict[str, Any]]:
    """What a person said, and the wire's latencies of the answer."""
    lines = []
    for said, answered in zip(leg.said, figures.answered, strict=True):
        latencies = {
            "voice_to_voice_ms": answered.voice_to_voice_ms,
            "barge_in_ms": answered.barge_in_ms,
        }
        known = {name: round(value, 1) for name, value in latencies.items() if value is not None}
        at_s = round(said.start - begin, 3)
        lines.append({"at_s": at_s, "leg": who, "speaker": who, "text": said.text, **known})
    return lines


def _agent(told: Told, who: str) -> list[dict[str, Any]]:
    return [
        {"at_s": round(one.start_s, 3), "leg": who, "speaker": "agent", "text": one.text}
        for one in spoken(told.events, who, told.began)
    ]


def _heard(who: str, leg: Leg, begin: float) -> list[dict[str, Any]]:
    return [
        {"at_s": round(turn.sound.start - begin, 3), "leg": who, "text": turn.text}
        for turn in leg.turns
    ]


def _visit(visit: VisitRow | None) -> dict[str, Any] | None:
    if visit is None:
        return None
    return {**asdict(visit), "at": visit.at.isoformat(), "data": dict(visit.data)}


def _figures(figures: Figures) -> dict[str, Any]:
    return {
        "first_frame_ms": figures.first_frame_ms,
        "greeting_ms": figures.greeting_ms,
        "voice_to_voice_ms": figures.voice_to_voice_ms,
        "barge_in_ms": figures.barge_in_ms,
        "lateness_ms": asdict(figures.lateness) if figures.lateness else None,
    }
