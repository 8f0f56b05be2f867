"""Handing a visitor over to a person: asked for, in trouble, by an operator, and in vain."""

import json

import pytest

from conversation.doorman import Stage
from conversation.flow import CallOut, CallStarted, Heard, Party, Transfer, Transferred
from tests.conversation.gate import RULES, Gate

DELIVERY = "entrega da loggi pro apartamento quinhentos e um bloco b"
HUMAN = "quero falar com o porteiro"


def gate_without_anybody(**settings: object) -> Gate:
    gate = Gate(**settings)
    gate.transfers_work = False
    return gate


@pytest.mark.parametrize("wish", [HUMAN, "quero falar com um atendente"])
def test_who_asks_for_a_person_is_handed_over(wish: str) -> None:
    gate = Gate(guard="900").visitor(wish)
    assert gate.transferred == [(Party.VISITOR, "900")]
    assert gate.outcome == "transferred"


def test_the_key_for_a_person_works_while_a_phone_rings_too() -> None:
    gate = Gate(guard="900").visitor(DELIVERY).keys("0")
    assert gate.cancelled
    assert gate.outcome == "transferred"


def test_without_a_guard_the_visitor_is_told_so() -> None:
    gate = Gate().visitor(HUMAN)
    assert gate.keys_said[0] == "human.nobody"
    assert gate.outcome is None


def test_a_transfer_that_fails_comes_back_to_the_question() -> None:
    gate = gate_without_anybody(guard="900").visitor(HUMAN)
    assert gate.keys_said[-2:] == ["transfer.failed", "ask.purpose"]
    assert gate.outcome is None
    gate.visitor(DELIVERY)
    assert gate.ringing == "2501"


def test_a_second_transfer_in_vain_is_the_last() -> None:
    gate = gate_without_anybody(guard="900").visitor(HUMAN).visitor(HUMAN)
    assert gate.outcome == "undecided"
    assert gate.hung_up == {Party.VISITOR}


def test_trouble_that_nobody_takes_over_ends_with_its_own_words() -> None:
    gate = gate_without_anybody(guard="900")
    for _ in range(3):
        gate.visitor("blá blá blá")
    assert gate.outcome == "not_understood"
    assert gate.keys_said[-2:] == ["transfer.failed", "closing.not_understood"]


def test_a_transfer_in_vain_while_a_phone_rang_rings_it_again() -> None:
    gate = gate_without_anybody(guard="900").visitor(DELIVERY).keys("0")
    assert [call.phone for call in gate.each(CallOut)] == ["2501", "2501"]
    assert gate.outcome is None


def test_an_emergency_that_nobody_takes_is_told_the_numbers() -> None:
    gate = gate_without_anybody(guard="900").visitor("socorro é uma emergência")
    assert gate.outcome == "emergency"
    assert "190" in gate.to_visitor


def test_a_resident_whom_nobody_takes_over_is_asked_again() -> None:
    gate = gate_without_anybody(guard="900").visitor(DELIVERY).answered()
    gate.resident("quero falar com o porteiro")
    assert gate.keys_said[-2:] == ["transfer.failed", "resident.decide"]
    assert gate.resident("pode subir").outcome == "authorised"


def test_an_operators_transfer_takes_leave_of_the_resident() -> None:
    gate = Gate().visitor(DELIVERY).answered().happens(Transferred(Party.VISITOR, "9000"))
    assert gate.outcome == "transferred"
    assert gate.hung_up == {Party.RESIDENT}


def back_again(gate: Gate) -> Gate:
    """The telephone system brings the visitor back, to any process that takes the call."""
    later = Gate(guard="900")
    later.doorman.restore(json.loads(json.dumps(gate.doorman.snapshot())))
    later.actions.clear()
    return later.happens(CallStarted(9, None, resumed=True))


def test_a_visitor_whom_the_guard_did_not_answer_comes_back_with_a_word() -> None:
    gate = back_again(Gate(guard="900").visitor(HUMAN))
    assert gate.keys_said == ["transfer.failed", "ask.purpose"]
    assert gate.visitor(DELIVERY).ringing == "2501"


def test_a_visitor_who_comes_back_from_an_operators_transfer_is_served() -> None:
    gate = back_again(Gate().visitor(DELIVERY).happens(Transferred(Party.VISITOR, "9000")))
    assert gate.keys_said == ["transfer.failed"]
    assert gate.ringing == "2501"


def test_a_crash_in_the_middle_of_handing_over_hands_over_again() -> None:
    gate = Gate(guard="900")
    # the process dies before it hears what came of the transfer
    gate.doorman.handle(Heard(Party.VISITOR, RULES.interpret(HUMAN)))
    assert gate.doorman.stage is Stage.HANDING_OVER
    later = back_again(gate)
    assert later.each(Transfer) == [Transfer(Party.VISITOR, "900")]
    assert later.outcome == "transferred"
