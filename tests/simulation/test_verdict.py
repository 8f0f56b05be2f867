"""Whether a visit ended as its scenario says."""

from typing import Any

import pytest

from supervisor.simulation.scenario import Expected
from supervisor.simulation.verdict import Check, Happened, judge
from tests.simulation.made_up import events, resident_leg, visit, visitor_leg

EXPECTED: dict[str, Any] = {
    "outcome": ("authorised",),
    "visitor_heard": (("autorizad", "liberad"),),
    "resident_heard": (("loggi", "entrega"),),
    "called_out": True,
}


def unmet(expected: dict[str, Any], **what: Any) -> list[Check]:
    happened: dict[str, Any] = {
        "visit": visit(),
        "visitor": visitor_leg(),
        "residents": [("2501", resident_leg())],
        "events": events(),
    }
    checks = judge(Expected(**expected), Happened(**{**happened, **what}))
    return [check for check in checks if not check.met]


def test_a_visit_that_went_as_it_should_meets_every_point() -> None:
    assert unmet(EXPECTED) == []


def test_another_outcome_is_named() -> None:
    [check] = unmet(EXPECTED, visit=visit("denied"))
    assert (check.what, check.found) == ("the visit log says authorised", "denied")


def test_a_visit_without_an_entry_is_not_met() -> None:
    [check] = unmet(EXPECTED, visit=None)
    assert check.found == "no entry"


@pytest.mark.parametrize("who", ["visitor_heard", "resident_heard"])
def test_words_that_nobody_heard_are_named_with_what_was_heard(who: str) -> None:
    [check] = unmet(EXPECTED | {who: (("polícia",),)})
    assert "“polícia”" in check.what
    assert "entr" in check.found


def test_a_call_where_none_was_due_is_not_met() -> None:
    [check] = unmet(EXPECTED | {"called_out": False})
    assert check.what == "nobody was called"


def test_a_visitor_who_waited_in_vain_is_not_met() -> None:
    [check] = unmet(EXPECTED, visitor=visitor_leg(unmet="waited 5 s, in vain"))
    assert check.what == "the visitor waited 5 s, in vain"


def test_without_a_visitors_leg_nothing_was_heard() -> None:
    [check] = unmet(EXPECTED, visitor=None)
    assert check.found == "nothing"


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        ({"door": "shut"}, "opened"),
        ({"transferred_to": "8000"}, "nobody"),
        ({"no_events": ("door.opened",)}, ""),
        ({"events": ("emergency",)}, ""),
        ({"calls": ("2501 busy",)}, "2501 answered"),
        ({"slots": {"company": "ifood"}}, "Loggi"),
        ({"slots": {"company": None}}, "Loggi"),
        ({"slots_contain": {"company": ("ifood", "rappi")}}, "Loggi"),
        ({"visitor_not_heard": ("AUTORIZADA",)}, "boa tarde portaria entrada autorizada"),
        ({"within_ms": {"answer": 1000}}, "4500 ms"),
        ({"within_ms": {"barge_in": 1000}}, "never"),
    ],
)
def test_what_is_otherwise_than_expected_is_found(expected: dict[str, Any], found: str) -> None:
    entry = visit(company="Loggi", calls=[{"phone": "2501", "outcome": "answered"}])
    [check] = unmet({"outcome": ("authorised",), **expected}, visit=entry)
    assert check.found == found


@pytest.mark.parametrize(
    "expected",
    [
        {"door": "opened"},
        {"calls": ("2501 answered",)},
        {"slots": {"company": ("rappi", "LOGGI"), "message": None}},
        {"slots_contain": {"company": "log"}},
        {"events": ("door.opened",), "no_events": ("door.failed",)},
        {"within_ms": {"answer": 5000, "greeting": 200}},
        {"questions_at_most": 0},
        {"visitor_not_heard": ("polícia",)},
    ],
)
def test_what_is_as_expected_is_met(expected: dict[str, Any]) -> None:
    entry = visit(company="Loggi", calls=[{"phone": "2501", "outcome": "answered"}])
    assert unmet({"outcome": ("authorised",), **expected}, visit=entry) == []


def test_words_are_looked_for_in_their_order() -> None:
    in_order = {"outcome": ("authorised",), "visitor_heard": (("portaria",), ("autorizada",))}
    assert unmet(in_order) == []
    [check] = unmet(in_order | {"visitor_heard": (("autorizada",), ("portaria",))})
    assert check.what == "the visitor then heard “portaria”"
