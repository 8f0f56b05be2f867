"""A played scenario as one JSON-able document, and what a run of them amounts to."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from supervisor.callers.figures import Figures
from supervisor.callers.measures import quantiles
from supervisor.callers.person import Leg
from supervisor.simulation.cast import RESIDENT, VISITOR
from supervisor.simulation.portrait import Told, spoken
from supervisor.simulation.scenario import Scenario
from supervisor.simulation.verdict import Check


@dataclass(frozen=True, slots=True)
class Played:
    """A scenario that was played once; ``told`` is None where no call came about."""

    scenario: Scenario
    repetition: int
    seed: int
    checks: Sequence[Check]
    told: Told | None
    took_s: float

    @property
    def passed(self) -> bool:
        """Whether everything was as the scenario says."""
        return all(check.met for check in self.checks)

    @property
    def label(self) -> str:
        """The scenario's name, with the repetition where there are several."""
        return f"{self.scenario.name}#{self.repetition + 1}"

    def document(self) -> dict[str, Any]:
        """Everything but the sound; times in seconds from the visitor's UUID frame."""
        about = {
            "scenario": self.scenario.name,
            "title": self.scenario.title,
            "repetition": self.repetition + 1,
            "seed": self.seed,
            "passed": self.passed,
            "took_s": round(self.took_s, 2),
            "checks": [asdict(check) for check in self.checks],
        }
        return about | (_call(self.told) if self.told else {})


def run_document(played: Sequence[Played], took_s: float) -> dict[str, Any]:
    """A whole run; latencies in ms."""
    return {
        "passed": sum(one.passed for one in played),
        "calls": len(played),
        "success_percent": round(success_percent(played), 2),
        "took_s": round(took_s, 1),
        "voice_to_voice_ms": latencies(played),
        "results": [one.document() for one in played],
    }


def success_percent(played: Sequence[Played]) -> float:
    """Of the calls, how many passed, 0..100."""
    return 100 * sum(one.passed for one in played) / len(played) if played else 0.0


def latencies(played: Sequence[Played]) -> dict[str, float] | None:
    """Voice-to-voice at the gate over all calls."""
    told = [one.told for one in played if one.told]
    spread = quantiles([ms for one in told for ms in one.visitor_figures.voice_to_voice_ms])
    return {name: round(value, 1) for name, value in asdict(spread).items()} if spread else None


def said_lines(told: Told) -> list[dict[str, Any]]:
    """Everything that anybody said, in order: ``at_s``, ``leg``, ``speaker``, ``text``."""
    begin = told.visitor.connected_at
    legs = [(VISITOR, told.visitor), *((RESIDENT, leg) for _, leg, _ in told.residents)]
    people = [
        {"at_s": round(one.start - begin, 3), "leg": who, "speaker": who, "text": one.text}
        for who, leg in legs
        for one in leg.said
    ]
    agent = [
        {"at_s": round(one.start_s, 3), "leg": who, "speaker": "agent", "text": one.text}
        for who in (VISITOR, RESIDENT)
        for one in spoken(told.events, who, told.began)
    ]
    return sorted(people + agent, key=lambda line: float(line["at_s"]))


def understood_lines(told: Told) -> list[dict[str, Any]]:
    """What the server understood of the people, in order, with its confidence."""
    return [
        {"leg": event.data["party"], "text": event.data["text"]}
        | {"confidence": event.data.get("confidence"), "ignored": event.data.get("ignored")}
        for event in told.events
        if event.kind == "turn" and event.data["speaker"] != "agent"
    ]


def _call(told: Told) -> dict[str, Any]:
    begin = told.visitor.connected_at
    legs = [(VISITOR, told.visitor), *((RESIDENT, leg) for _, leg, _ in told.residents)]
    return {
        "call_id": str(told.visitor.call_id),
        "duration_s": round(told.visitor.ended_at - begin, 2),
        "conversation": said_lines(told),
        "understood": understood_lines(told),
        "heard": [line for who, leg in legs for line in _heard(who, leg, begin)],
        "events": [event.kind for event in told.events],
        "visit": next((dict(one.data) for one in told.events if one.kind == "visit"), None),
        "figures": _figures(told.visitor_figures),
    }


def _heard(who: str, leg: Leg, begin: float) -> list[dict[str, Any]]:
    return [
        {"at_s": round(turn.sound.start - begin, 3), "leg": who, "text": turn.text}
        for turn in leg.turns
    ]


def _figures(figures: Figures) -> dict[str, Any]:
    return {
        "greeting_ms": figures.greeting_ms,
        "voice_to_voice_ms": figures.voice_to_voice_ms,
        "barge_in_ms": figures.barge_in_ms,
    }
