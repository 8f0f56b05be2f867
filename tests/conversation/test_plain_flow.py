"""What small flows answer alike."""

import pytest

from conversation.flow import Party
from conversation.plain_flow import PlainFlow
from conversation.rules import rules_for
from conversation.understanding import Expecting
from stt.endpointing import Completeness

RULES = rules_for("pt-BR")


class Asking(PlainFlow):
    asks = Expecting.YES_NO


def test_the_state_goes_on_in_another_process() -> None:
    flow, next_one = Asking(RULES, count=1), Asking(RULES, count=0)
    next_one.restore(flow.snapshot())
    assert next_one.state == {"count": 1}


def test_another_flows_snapshot_is_refused() -> None:
    with pytest.raises(ValueError, match="not one of this flow's"):
        Asking(RULES).restore(PlainFlow(RULES).snapshot())


def test_what_is_asked_says_when_a_turn_is_whole_and_what_is_likely() -> None:
    flow = Asking(RULES)
    assert flow.expecting(Party.VISITOR) is Expecting.YES_NO
    assert flow.completeness(Party.VISITOR, "sim") is Completeness.COMPLETE
    assert set(flow.hints(Party.VISITOR).phrases) == set(RULES.phrases(Expecting.YES_NO))
    assert (flow.language(Party.VISITOR), flow.prompts()) == (None, ())
