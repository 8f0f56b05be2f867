"""Whether a visit ended as its scenario says, point by point."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from supervisor.callers.figures import Figures, figures_of
from supervisor.callers.person import Leg
from supervisor.callers.transcribing import bare
from supervisor.simulation.chronicle import Recorded, VisitRow
from supervisor.simulation.scenario import Expected, Words

SHUT, FAILED, OPENED = "shut", "failed", "opened"


@dataclass(frozen=True, slots=True)
class Check:
    """One point; ``found`` says what was there instead where it is not met."""

    what: str
    met: bool
    found: str = ""


@dataclass(frozen=True, slots=True)
class Happened:
    """A call that is over: what was written down of it, and how the people lived it."""

    visit: VisitRow | None
    visitor: Leg | None
    residents: Sequence[tuple[str, Leg]]
    """With the phone that was picked up, in the order of their ends."""
    events: Sequence[Recorded]
    sent_to: str | None = None
    """The extension that the visitor's channel was sent to at its end."""


def judge(expected: Expected, happened: Happened) -> list[Check]:
    """Every point of what was expected; the visit passed if all are met."""
    visitor = [happened.visitor] if happened.visitor else []
    residents = [leg for _, leg in happened.residents]
    return [
        _outcome(expected, happened.visit),
        *_heard("the visitor", expected.visitor_heard, visitor),
        *_not_heard("the visitor", expected.visitor_not_heard, visitor),
        *_heard("the resident", expected.resident_heard, residents),
        *_not_heard("the resident", expected.resident_not_heard, residents),
        *_calls(expected, happened),
        *_slots(expected, happened.visit.data if happened.visit else {}),
        *_door(expected, happened.events),
        *_transfer(expected, happened.sent_to),
        *_kinds(expected, happened.events),
        *_questions(expected, happened.events),
        *_latencies(expected, visitor, residents),
        *(Check(f"the {leg.person} {leg.unmet}", met=False) for leg in visitor if leg.unmet),
    ]


def _outcome(expected: Expected, visit: VisitRow | None) -> Check:
    what = f"the visit log says {' or '.join(expected.outcome)}"
    found = visit.outcome if visit else "no entry"
    return Check(what, found in expected.outcome, found)


def _heard(who: str, groups: Sequence[Words], legs: Sequence[Leg]) -> Iterator[Check]:
    """Several turns are one text: a phrase may have been said over a pause."""
    text = _text(legs)
    rest = bare(text)
    for number, words in enumerate(groups):
        ends = [rest.find(bare(word)) + len(word) for word in words if bare(word) in rest]
        rest = rest[min(ends) :] if ends else rest
        then = "then " if number else ""
        what = f"{who} {then}heard “{'” or “'.join(words)}”"
        yield Check(what, bool(ends), text or "nothing")


def _not_heard(who: str, words: Words, legs: Sequence[Leg]) -> Iterator[Check]:
    text = _text(legs)
    for word in words:
        yield Check(f"{who} did not hear “{word}”", bare(word) not in bare(text), text)


def _text(legs: Sequence[Leg]) -> str:
    return " ".join(turn.text for leg in legs for turn in leg.turns)


def _calls(expected: Expected, happened: Happened) -> Iterator[Check]:
    if expected.called_out is not None:
        called = any(event.kind == "call_out.started" for event in happened.events)
        what = "a resident was called" if expected.called_out else "nobody was called"
        yield Check(what, called is expected.called_out)
    if expected.calls is not None:
        data = happened.visit.data if happened.visit else {}
        calls = tuple(f"{one['phone']} {one['outcome']}" for one in data.get("calls") or ())
        what = f"the calls were {', '.join(expected.calls) or 'none'}"
        yield Check(what, calls == expected.calls, ", ".join(calls) or "none")


def _slots(expected: Expected, data: Mapping[str, Any]) -> Iterator[Check]:
    for name, value in expected.slots.items():
        found = data.get(name)
        wanted = (value,) if isinstance(value, str) else value or ()
        met = found is None if value is None else bare(str(found)) in map(bare, wanted)
        yield Check(f"{name} is {' or '.join(wanted) or 'nothing'}", met, str(found))
    for name, value in expected.slots_contain.items():
        found = str(data.get(name))
        wanted = (value,) if isinstance(value, str) else value
        met = any(bare(word) in bare(found) for word in wanted)
        yield Check(f"{name} has {' or '.join(wanted)} in it", met, found)


def _door(expected: Expected, events: Sequence[Recorded]) -> Iterator[Check]:
    if expected.door is not None:
        kinds = {event.kind for event in events}
        state = OPENED if "door.opened" in kinds else FAILED if "door.failed" in kinds else SHUT
        yield Check(f"the door was {expected.door}", state == expected.door, state)


def _transfer(expected: Expected, sent_to: str | None) -> Iterator[Check]:
    if expected.transferred_to is not None:
        what = f"the visitor was transferred to {expected.transferred_to}"
        yield Check(what, sent_to == expected.transferred_to, sent_to or "nobody")


def _kinds(expected: Expected, events: Sequence[Recorded]) -> Iterator[Check]:
    kinds = [event.kind for event in events]
    for kind in expected.events:
        yield Check(f"{kind} happened", kind in kinds)
    for kind in expected.no_events:
        yield Check(f"{kind} did not happen", kind not in kinds)


def _questions(expected: Expected, events: Sequence[Recorded]) -> Iterator[Check]:
    """The greeting asks too ("pois não?"), and does not count."""
    if expected.questions_at_most is not None:
        asked = [
            str(event.data["text"])
            for event in events
            if event.kind == "speaking" and event.data.get("party") == "visitor"
        ][1:]
        questions = [text for text in asked if "?" in text]
        what = f"the visitor was asked {expected.questions_at_most} questions at most"
        met = len(questions) <= expected.questions_at_most
        yield Check(what, met, f"{len(questions)}: {' / '.join(questions)}")


def _latencies(
    expected: Expected, visitor: Sequence[Leg], residents: Sequence[Leg]
) -> Iterator[Check]:
    limits = expected.within_ms
    at_gate = [figures_of(leg) for leg in visitor]
    at_home = [figures_of(leg) for leg in residents]
    yield from _within("the greeting came", limits.greeting, [one.greeting_ms for one in at_gate])
    yield from _within("the visitor was answered", limits.answer, _answers(at_gate))
    yield from _within("the resident was answered", limits.resident_answer, _answers(at_home))
    barge_in = [ms for one in at_gate for ms in one.barge_in_ms]
    yield from _within("we fell silent", limits.barge_in, barge_in)


def _answers(figures: Sequence[Figures]) -> list[float]:
    return [ms for one in figures for ms in one.voice_to_voice_ms]


def _within(what: str, limit: float | None, values: Sequence[float | None]) -> Iterator[Check]:
    if limit is None:
        return
    slowest = max((ms for ms in values if ms is not None), default=None)
    found = "never" if slowest is None else f"{slowest:.0f} ms"
    met = slowest is not None and slowest <= limit
    yield Check(f"{what} within {limit:.0f} ms", met, found)
