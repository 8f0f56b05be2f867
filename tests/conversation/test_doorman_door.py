"""What the doorman says and logs of a door that opens, does not, or takes its time."""

import json
from typing import Any
from uuid import uuid4

import pytest

from conversation.doorman import Doorman, DoormanSettings, Stage
from conversation.flow import (
    CallStarted,
    DoorFailed,
    DoorOpened,
    Event,
    HangUp,
    OpenDoor,
    Party,
    PartyLeft,
    Say,
    TimeIsUp,
)
from tests.conversation.gate import CALL, DIRECTORY, RULES, Gate

DELIVERY = "entrega do mercado livre pro apartamento quinhentos e um bloco b"


def authorised(**settings: Any) -> Gate:
    return Gate(**settings).visitor(DELIVERY).answered().resident("pode subir")


def stuck_door_and_guard(*, transfers_work: bool | None) -> Gate:
    gate = Gate(door="fails", guard="900")
    gate.transfers_work = transfers_work
    return gate.visitor(DELIVERY).answered().resident("pode subir")


def test_the_visitor_hears_that_the_door_is_open_only_once_it_is() -> None:
    gate = authorised(door="waits")
    assert gate.keys_said == ["resident.thanks.authorised", "door.opening"]
    assert "abert" not in gate.to_visitor
    assert Party.VISITOR not in gate.hung_up
    gate.happens(DoorOpened(gate.each(OpenDoor)[0].authorisation, "gate"))
    assert gate.keys_said == ["closing.authorised"]
    assert "abert" in gate.to_visitor
    assert (gate.outcome, gate.visit["door"]) == ("authorised", "opened")


def test_a_door_that_does_not_open_is_told_and_the_guard_is_called() -> None:
    gate = authorised(door="fails", guard="900")
    assert gate.keys_said == ["resident.thanks.authorised", "door.opening", "door.failed_guard"]
    assert gate.transferred == [(Party.VISITOR, "900")]
    assert (gate.outcome, gate.visit["door"]) == ("authorised", "failed")


def test_where_there_is_no_guard_the_visitor_hears_that_the_door_did_not_open() -> None:
    gate = authorised(door="fails")
    assert gate.keys_said[-1] == "closing.door_failed"
    assert "abert" not in gate.to_visitor
    assert gate.hung_up == {Party.VISITOR, Party.RESIDENT}
    assert (gate.outcome, gate.visit["door"]) == ("authorised", "failed")


def test_a_courier_who_is_let_in_to_the_desk_hears_where_to_leave_the_parcel() -> None:
    gate = Gate(desk_opens_door=True).visitor(DELIVERY).answered().resident("deixa na portaria")
    assert gate.opened
    assert gate.keys_said[-1] == "closing.left_at_desk"
    assert (gate.outcome, gate.visit["door"]) == ("left_at_desk", "opened")


def test_a_visitor_who_leaves_before_the_door_answers_was_authorised_all_the_same() -> None:
    gate = authorised(door="waits").happens(PartyLeft(Party.VISITOR))
    assert (gate.outcome, gate.visit["door"]) == ("authorised", "ordered")


@pytest.mark.parametrize("leaves", [PartyLeft(Party.VISITOR), TimeIsUp("idle")])
def test_a_visitor_who_leaves_while_the_guard_is_called_was_authorised_all_the_same(
    leaves: Event,
) -> None:
    gate = stuck_door_and_guard(transfers_work=None)
    assert gate.outcome is None
    gate.happens(leaves)
    assert (gate.outcome, gate.visit["door"]) == ("authorised", "failed")


def test_a_guard_who_does_not_answer_leaves_the_visitor_with_the_truth_about_the_door() -> None:
    gate = stuck_door_and_guard(transfers_work=False)
    assert gate.keys_said[-2:] == ["transfer.failed", "closing.door_failed"]
    assert gate.outcome == "authorised"


def test_what_the_visitor_says_or_keys_while_the_door_opens_changes_nothing() -> None:
    gate = authorised(door="waits")
    assert gate.visitor("deixa pra lá, cancela").last == []
    assert gate.keys("5#").last == []
    assert gate.doorman.stage is Stage.OPENING_DOOR


def test_a_call_that_is_too_long_while_the_door_opens_ends_as_authorised() -> None:
    assert authorised(door="waits").time_is_up().outcome == "authorised"


def test_the_answer_to_another_order_ends_no_visit() -> None:
    gate = authorised(door="waits")
    gate.happens(DoorFailed(uuid4(), "an operator's door is stuck"))
    assert gate.last == []
    assert gate.doorman.stage is Stage.OPENING_DOOR


def test_a_door_that_an_operator_opens_is_told_and_the_question_stays() -> None:
    gate = Gate()
    asked = gate.doorman.expecting(Party.VISITOR)
    gate.happens(DoorOpened(uuid4(), "gate"))
    assert gate.keys_said == ["door.opened_by_operator"]
    assert gate.doorman.expecting(Party.VISITOR) is asked


def test_a_call_resumed_while_the_door_opens_asks_the_doorkeeper_about_the_same_order() -> None:
    gate = authorised(door="waits")
    again = Doorman(CALL, DoormanSettings("Residencial Aurora"), DIRECTORY, RULES)
    again.restore(json.loads(json.dumps(gate.doorman.snapshot())))
    assert again.handle(CallStarted(15, resumed=True)) == gate.each(OpenDoor)
    actions = again.handle(DoorOpened(gate.each(OpenDoor)[0].authorisation))
    assert [action.text for action in actions if isinstance(action, Say)] == ["closing.authorised"]
    assert HangUp(Party.VISITOR) in actions


def test_where_no_door_is_opened_nobody_is_told_that_one_is() -> None:
    gate = authorised(opens_door=False)
    assert not gate.opened
    assert gate.keys_said[-1] == "closing.authorised_no_door"
    assert (gate.outcome, gate.visit["door"]) == ("authorised", None)
