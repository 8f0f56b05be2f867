"""Whether a visit ended as its scenario says."""

from typing import Any

import pytest

from supervisor.demo.scenario import Expected
from supervisor.demo.verdict import Check, judge
from tests.demo.made_up import events, resident_leg, visit, visitor_leg

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
        "residents": [resident_leg()],
        "events": events(),
    }
    checks = judge(Expected(**expected), *{**happened, **what}.values())
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
