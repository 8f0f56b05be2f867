"""What small flows answer alike."""

import pytest

from conversation.flow import (
    CallStarted,
    Event,
    HangUp,
    KeyPressed,
    LogVisit,
    Party,
    PartyLeft,
    Say,
)
from conversation.plain_flow import PlainFlow
from conversation.rules import rules_for
from conversation.understanding import Expecting
from stt.endpointing import Completeness

RULES = rules_for("pt-BR")


class Asking(PlainFlow):
    asks = Expecting.YES_NO

    def step(self, event: Event) -> None:
        match event:
            case CallStarted():
                self.say("ask")
            case PartyLeft():
                self.close("left", None, count=1)
            case _:
                self.close("done", "bye")


class Other(Asking):
    pass


def test_the_state_goes_on_in_another_process() -> None:
    flow, next_one = Asking(RULES, count=1), Asking(RULES, count=0)
    next_one.restore(flow.snapshot())
    assert next_one.state == {"count": 1, "over": False}


def test_each_event_is_a_step_until_the_call_is_closed() -> None:
    flow = Asking(RULES)
    assert flow.handle(CallStarted(12)) == [
        Say(Party.VISITOR, "ask", {}, Expecting.YES_NO),
    ]
    bye = Say(Party.VISITOR, "bye", {}, Expecting.YES_NO, interruptible=False)
    closing = flow.handle(KeyPressed(Party.VISITOR, "1"))
    assert closing == [bye, HangUp(Party.VISITOR), LogVisit("done", {})]
    assert flow.handle(KeyPressed(Party.VISITOR, "2")) == []
    assert flow.handle(CallStarted(12, resumed=True)) == [HangUp(Party.VISITOR)]


def test_nobody_takes_leave_of_a_caller_who_hung_up() -> None:
    assert Asking(RULES).handle(PartyLeft(Party.VISITOR)) == [LogVisit("left", {"count": 1})]


def test_another_flows_snapshot_is_refused() -> None:
    with pytest.raises(ValueError, match="not one of this flow's"):
        Asking(RULES).restore(Other(RULES).snapshot())


def test_what_is_asked_says_when_a_turn_is_whole_and_what_is_likely() -> None:
    flow = Asking(RULES)
    assert flow.expecting(Party.VISITOR) is Expecting.YES_NO
    assert flow.completeness(Party.VISITOR, "sim") is Completeness.COMPLETE
    assert set(flow.hints(Party.VISITOR).phrases) == set(RULES.phrases(Expecting.YES_NO))
    assert (flow.language(Party.VISITOR), flow.prompts()) == (None, ())
