"""Whether a visit ended as its scenario says, point by point."""

from collections.abc import Sequence
from dataclasses import dataclass

from supervisor.callers.person import Leg
from supervisor.callers.transcribing import contains
from supervisor.demo.chronicle import Recorded, VisitRow
from supervisor.demo.scenario import Expected


@dataclass(frozen=True, slots=True)
class Check:
    """One point; ``found`` says what was there instead where it is not met."""

    what: str
    met: bool
    found: str = ""


def judge(
    expected: Expected,
    visit: VisitRow | None,
    visitor: Leg | None,
    residents: Sequence[Leg],
    events: Sequence[Recorded],
) -> list[Check]:
    """Every point of what was expected; the visit passed if all are met."""
    checks = [_outcome(expected, visit)]
    checks += _heard("the visitor", expected.visitor_heard, [visitor] if visitor else [])
    checks += _heard("the resident", expected.resident_heard, residents)
    if expected.called_out is not None:
        called = any(event.kind == "call_out.started" for event in events)
        what = "a resident was called" if expected.called_out else "nobody was called"
        checks.append(Check(what, called is expected.called_out))
    checks += [Check(f"the {leg.person} {leg.unmet}", met=False) for leg in _unmet(visitor)]
    return checks


def _outcome(expected: Expected, visit: VisitRow | None) -> Check:
    what = f"the visit log says {' or '.join(expected.outcome)}"
    found = visit.outcome if visit else "no entry"
    return Check(what, found in expected.outcome, found)


def _heard(who: str, groups: Sequence[tuple[str, ...]], legs: Sequence[Leg]) -> list[Check]:
    """Several turns are one text: a phrase may have been said over a pause."""
    text = " ".join(turn.text for leg in legs for turn in leg.turns)
    return [
        Check(f"{who} heard “{'” or “'.join(words)}”", contains(text, words), text or "nothing")
        for words in groups
    ]


def _unmet(visitor: Leg | None) -> list[Leg]:
    return [visitor] if visitor is not None and visitor.unmet else []
