"""A resident who asks for it talks with the visitor, and decides by keys meanwhile."""

import json
from typing import Any
from uuid import UUID

import pytest

from conversation.doorman import Stage
from conversation.flow import (
    CallOut,
    CallStarted,
    DoorFailed,
    DoorOpened,
    Heard,
    Join,
    OpenDoor,
    Part,
    Parted,
    Party,
    StillWaiting,
    TimeIsUp,
    WentQuiet,
)
from conversation.understanding import Understanding
from tests.conversation.gate import Gate

DELIVERY = "entrega do mercado livre pro apartamento quinhentos e um bloco b"


def joined(**settings: Any) -> Gate:
    return Gate(**settings).visitor(DELIVERY).answered().resident("quero falar com ele")


@pytest.mark.parametrize(
    "words",
    ["quero falar com ele", "passa pra mim", "deixa eu falar com ele", "passa a ligação por favor"],
)
def test_a_resident_who_asks_is_joined_with_the_visitor(words: str) -> None:
    gate = Gate(talk_limit_s=90).visitor(DELIVERY).answered().resident(words)
    assert gate.each(Join) == [Join(90)]
    assert "asterisco" in gate.to_resident
    assert gate.to_visitor and "501" not in gate.to_visitor
    assert gate.doorman.stage is Stage.TALKING


def test_where_it_is_not_allowed_the_resident_is_told_so() -> None:
    gate = joined(joins=False)
    assert gate.keys_said == ["resident.cannot_talk", "resident.decide"]
    assert not gate.each(Join)


@pytest.mark.parametrize("key", "1#")
def test_a_key_opens_the_door_and_the_two_go_on_talking(key: str) -> None:
    gate = joined().keys(key, Party.RESIDENT)
    assert gate.opened
    assert gate.outcome is None
    assert not gate.each(Part)
    assert gate.records("authorisation")[0]["by"] == "key"
    gate.leaves(Party.RESIDENT)
    assert gate.outcome == "authorised"
    assert gate.visit["talked"]


def test_where_we_open_no_door_the_key_authorises_all_the_same() -> None:
    gate = joined(opens_door=False).keys("1", Party.RESIDENT).leaves(Party.RESIDENT)
    assert (gate.outcome, gate.opened) == ("authorised", False)


def door_of(gate: Gate) -> UUID:
    return gate.each(OpenDoor)[-1].authorisation


def test_both_are_told_when_the_door_has_opened_and_it_is_not_said_again_as_news() -> None:
    gate = joined(door="waits").keys("1", Party.RESIDENT)
    gate.happens(DoorOpened(door_of(gate)))
    assert gate.keys_said == ["talk.opened", "talk.opened"]
    gate.leaves(Party.RESIDENT)
    assert (gate.outcome, gate.visit["door"]) == ("authorised", "opened")


def test_a_resident_who_hangs_up_at_once_leaves_us_to_wait_for_the_door() -> None:
    gate = joined(door="waits").keys("1", Party.RESIDENT).leaves(Party.RESIDENT)
    assert gate.doorman.stage is Stage.OPENING_DOOR
    assert gate.happens(DoorOpened(door_of(gate))).outcome == "authorised"


def test_a_door_that_does_not_open_may_be_tried_again_with_the_same_key() -> None:
    gate = joined(door="waits").keys("11", Party.RESIDENT)
    assert len(gate.each(OpenDoor)) == 1, "pressed twice while the door has not answered"
    gate.happens(DoorFailed(door_of(gate), "it is stuck"))
    assert gate.keys_said == ["talk.door_failed", "talk.door_failed"]
    gate.keys("1", Party.RESIDENT)
    assert len({action.authorisation for action in gate.each(OpenDoor)}) == 2
    gate.happens(DoorFailed(door_of(gate), "it is stuck")).leaves(Party.RESIDENT)
    assert gate.keys_said == ["closing.door_failed"]


def test_a_visitor_who_goes_in_after_the_key_was_authorised() -> None:
    gate = joined().keys("1", Party.RESIDENT).leaves(Party.VISITOR)
    assert gate.outcome == "authorised"
    assert gate.hung_up == {Party.RESIDENT}


def test_two_refuses_and_parts_them() -> None:
    gate = joined().keys("2", Party.RESIDENT)
    assert gate.each(Part)
    assert (gate.outcome, gate.opened) == ("denied", False)


def test_a_star_brings_the_agent_back_who_asks_for_the_decision() -> None:
    gate = joined().keys("*", Party.RESIDENT)
    assert gate.each(Part)
    assert gate.keys_said == ["waiting", "talk.back", "resident.decide"]
    assert gate.resident("pode subir").outcome == "authorised"


def test_a_talk_that_takes_too_long_comes_back_to_the_decision() -> None:
    gate = joined().happens(Parted())
    assert "talk.time" in gate.keys_said
    assert gate.resident("não").outcome == "denied"
    late = joined(opens_door=False).keys("1", Party.RESIDENT).happens(Parted())
    assert late.outcome == "authorised"


def test_nothing_that_is_said_in_the_talk_decides_anything() -> None:
    gate = joined()
    gate.happens(Heard(Party.RESIDENT, Understanding("pode subir")))
    gate.resident("pode subir").visitor("cancela").visitor("quero falar com o porteiro")
    gate.keys("01#", Party.VISITOR).happens(WentQuiet(Party.RESIDENT, 1)).waits()
    gate.happens(StillWaiting(Party.RESIDENT, 9.0))
    assert (gate.outcome, gate.opened, gate.last) == (None, False, [])


def test_a_resident_who_hangs_up_without_a_key_has_let_nobody_in() -> None:
    gate = joined().leaves(Party.RESIDENT)
    assert (gate.outcome, gate.opened) == ("undecided", False)
    assert "não foi" in gate.to_visitor
    assert len(gate.each(CallOut)) == 1, "they have talked: nobody is called again"


def test_where_there_is_a_guard_the_visitor_may_go_on_to_them() -> None:
    gate = joined(guard="900").leaves(Party.RESIDENT)
    assert gate.keys_said == ["guard.offer"]
    assert gate.visitor("quero sim").transferred == [(Party.VISITOR, "900")]
    assert joined(guard="900").leaves(Party.RESIDENT).keys("2").outcome == "undecided"


def test_a_visitor_who_hangs_up_in_the_talk_is_told_of_and_the_resident_released() -> None:
    gate = joined().leaves(Party.VISITOR)
    assert gate.outcome == "left"
    assert "foi embora" in gate.to_resident
    assert gate.hung_up == {Party.RESIDENT}


def test_a_resident_may_leave_the_talk_for_a_person() -> None:
    gate = joined(guard="900").keys("0", Party.RESIDENT)
    assert gate.transferred == [(Party.RESIDENT, "900")]
    assert gate.each(Part)


def test_the_ceiling_of_the_call_ends_a_talk_too() -> None:
    gate = joined().happens(TimeIsUp("call_too_long"))
    assert gate.outcome == "timed_out"
    assert gate.hung_up == {Party.VISITOR, Party.RESIDENT}


def in_another_process(gate: Gate) -> Gate:
    later = Gate()
    later.doorman.restore(json.loads(json.dumps(gate.doorman.snapshot())))
    later.actions.clear()
    return later.happens(CallStarted(9, None, resumed=True))


def test_a_talk_lost_in_a_crash_is_apologised_for_and_the_resident_called_again() -> None:
    gate = in_another_process(joined())
    assert gate.keys_said == ["resume.sorry"]
    assert gate.ringing == "2501"
    assert gate.answered().resident("pode subir").outcome == "authorised"


def test_a_crash_after_the_key_takes_nothing_back() -> None:
    gate = in_another_process(joined(door="waits").keys("1", Party.RESIDENT))
    assert not gate.each(CallOut)
    assert len(gate.each(OpenDoor)) == 1, "asked what became of it: it is not opened twice"
    assert gate.outcome == "authorised"
