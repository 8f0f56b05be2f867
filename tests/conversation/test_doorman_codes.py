"""Codes, PINs and visitor lists in the doorman's flow: who hears what, and when it opens."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.admission import Admission, Ground, Inquiry
from conversation.doorman.state import Stage
from conversation.flow import (
    AdmissionAnswered,
    AskAdmission,
    CallOutcome,
    CallStarted,
    KeyPressed,
    OpenDoor,
    Party,
)
from tests.conversation.gate import Gate

CODE, PIN = "479213", "582914"
SPOKEN = "quatro sete nove dois um três"
ENTRY, ADMITTED = UUID(int=7), UUID(int=8)


def admission(
    ground: Ground = Ground.CODE, *, lets_in: bool = True, unit: str = "B/501"
) -> Admission:
    return Admission(ADMITTED, ground, unit, ENTRY, "beatriz souza", "front desk", lets_in)


class Lists:
    """Answers what a test says, and notes what it was asked."""

    def __init__(self, *answers: Admission | None) -> None:
        self.answers = list(answers)
        self.asked: list[Inquiry] = []

    def __call__(self, inquiry: Inquiry) -> Admission | None:
        self.asked.append(inquiry)
        return self.answers.pop(0) if self.answers else None


def gate(*answers: Admission | None, **settings: Any) -> tuple[Gate, Lists]:
    lists = Lists(*answers)
    return Gate(admits=lists, **settings), lists


@pytest.mark.parametrize(
    "comes",
    [
        lambda gate: gate.keys(f"#{CODE}#"),
        lambda gate: gate.keys(f"{CODE}#"),
        lambda gate: gate.visitor("tenho um código").keys(f"{CODE}#"),
        lambda gate: gate.visitor("tenho um código").visitor(SPOKEN),
        lambda gate: gate.visitor(f"meu código é {SPOKEN}"),
        lambda gate: gate.visitor("tenho uma senha").visitor("é quatro sete nove, dois um três"),
    ],
)
def test_a_code_opens_by_itself_and_the_log_says_on_whose_word(
    comes: Callable[[Gate], Gate],
) -> None:
    door, lists = gate(admission())
    comes(door)
    assert [asked.secret for asked in lists.asked] == [CODE]
    assert door.opened
    assert door.outcome == "authorised"
    assert door.ringing is None
    word = door.records("authorisation")[0]
    assert (word["decision"], word["by"], word["made_by"]) == ("yes", "code", "front desk")
    assert (word["admission"], word["unit"], word["phone"]) == (str(ADMITTED), "B/501", None)
    assert door.visit["unit"] == "B/501"
    assert door.visit["admission"] == {
        "id": str(ADMITTED),
        "ground": "code",
        "entry": str(ENTRY),
        "name": "beatriz souza",
        "made_by": "front desk",
        "lets_in": True,
    }
    said = " ".join(text for _, text in door.said).lower()
    assert "beatriz" not in said and "501" not in said, "nobody is told whose code it is"


def test_a_code_that_only_announces_has_the_resident_told_who_is_expected() -> None:
    door, _ = gate(admission(lets_in=False))
    door.keys(f"#{CODE}#")
    assert not door.opened
    assert door.ringing == "2501"
    assert "beatriz" not in door.to_visitor.lower() and "501" not in door.to_visitor
    door.answered()
    assert door.keys_said == ["resident.ask.expected"]
    assert "Beatriz Souza" in door.to_resident
    assert door.resident("quem é?").keys_said[0] == "resident.who.name"
    door.resident("pode subir")
    assert door.records("authorisation")[0]["by"] == "voice"
    assert door.visit["admission"]["lets_in"] is False


def test_a_code_that_does_not_help_is_answered_alike_whatever_the_reason() -> None:
    door, lists = gate()
    door.keys("#111111#")
    assert door.keys_said == ["code.refused", "code.ask"]
    door.keys("222222#").keys("333333#")
    assert door.keys_said == ["code.refused", "ask.purpose"], "after three it goes on without"
    door.keys("#444444#")
    assert [asked.secret for asked in lists.asked] == ["111111", "222222", "333333", None]
    assert not door.opened


def test_who_has_no_code_goes_on_without() -> None:
    for none in ("não tenho", "não sei o código", "não"):
        door = Gate().visitor("tenho um código").visitor(none)
        assert door.keys_said == ["ask.purpose"], none
    assert Gate().keys("##").keys_said == ["ask.purpose"]
    assert Gate().keys("#").keys("501#").keys_said == ["ask.block"], "or keys a unit instead"


def test_the_unit_that_the_visitor_named_goes_with_the_code() -> None:
    door, lists = gate(None)
    door.visitor(f"é no quinhentos e dois bloco b, o código é {SPOKEN}")
    assert (lists.asked[0].secret, lists.asked[0].unit) == (CODE, "B/502")
    assert "code.refused" in door.keys_said


def test_who_says_to_live_here_is_asked_for_a_pin_where_there_are_any() -> None:
    words = "moro no quinhentos e um bloco b e esqueci a chave"
    assert Gate().visitor(words).keys_said == ["security", "ask.name"]
    door, lists = gate(admission(Ground.PIN), takes_pins=True)
    assert door.visitor(words).keys_said == ["security", "pin.ask"]
    door.keys(f"{PIN}#")
    assert lists.asked == [Inquiry(PIN, "B/501", keyed=True)]
    assert door.records("authorisation")[0]["by"] == "pin"
    assert door.outcome == "authorised"


def test_a_pin_that_is_read_out_is_compared_with_nothing() -> None:
    door, lists = gate(takes_pins=True)
    door.visitor("moro no quinhentos e um bloco b e esqueci a chave")
    door.visitor("é cinco oito dois nove um quatro")
    assert door.keys_said == ["pin.keys_only", "pin.ask"]
    assert lists.asked == []
    assert door.keys("#").keys_said == ["ask.name"]


def test_a_visitor_on_the_list_is_let_in_only_if_the_entry_says_so() -> None:
    visit = "visita pro quinhentos e um bloco b, meu nome é beatriz"
    door, lists = gate(admission(Ground.NAME))
    door.visitor(visit)
    assert lists.asked == [Inquiry(None, "B/501", ("beatriz",))]
    assert (door.outcome, door.ringing) == ("authorised", None)
    door, _ = gate(admission(Ground.NAME, lets_in=False))
    door.visitor(visit)
    assert (door.outcome, door.ringing) == (None, "2501")


def test_who_is_on_no_list_hears_what_who_is_announced_hears() -> None:
    visit = "visita pro quinhentos e um bloco b, meu nome é beatriz"
    expected, _ = gate(admission(Ground.NAME, lets_in=False))
    unexpected, _ = gate(None)
    assert expected.visitor(visit).to_visitor == unexpected.visitor(visit).to_visitor
    expected.phone(CallOutcome.BUSY), unexpected.phone(CallOutcome.BUSY)
    assert expected.to_visitor == unexpected.to_visitor


def test_a_correction_forgets_who_was_expected_where() -> None:
    door, lists = gate(admission(Ground.NAME, lets_in=False))
    door.visitor("visita pro quinhentos e um bloco b, meu nome é beatriz")
    door.visitor("não, é o quinhentos e dois bloco b").visitor("isso").answered()
    assert [asked.unit for asked in lists.asked] == ["B/501", "B/502"]
    assert door.keys_said == ["resident.ask.visit_name"]


def test_with_lists_switched_off_nothing_is_asked() -> None:
    door, lists = gate(takes_codes=False, checks_list=False)
    door.visitor(f"meu código é {SPOKEN}").keys(f"#{CODE}#")
    door.visitor("visita pro quinhentos e um bloco b, meu nome é beatriz")
    assert lists.asked == []
    assert door.ringing == "2501"


def test_what_the_visitor_does_while_it_is_looked_up_changes_nothing() -> None:
    door = Gate()
    doorman = door.doorman
    for digit in f"#{CODE}#":
        doorman.handle(KeyPressed(Party.VISITOR, digit))
    assert doorman.stage is Stage.CHECKING
    assert list(doorman.handle(KeyPressed(Party.VISITOR, "0"))) == []
    assert any(isinstance(did, OpenDoor) for did in doorman.handle(AdmissionAnswered(admission())))


def test_an_answer_that_nobody_waits_for_opens_nothing() -> None:
    door = Gate()
    assert door.happens(AdmissionAnswered(admission())).last == []
    door.visitor("entrega pro quinhentos e um bloco b").answered()
    assert door.happens(AdmissionAnswered(admission())).last == []
    assert not door.opened


def test_a_process_that_dies_in_the_middle_asks_for_the_code_again() -> None:
    first = Gate().doorman
    for digit in f"#{CODE}#":
        first.handle(KeyPressed(Party.VISITOR, digit))
    assert CODE not in json.dumps(first.snapshot())
    second = Gate().doorman
    second.restore(first.snapshot())
    again = [str(getattr(did, "text", "")) for did in second.handle(CallStarted(9, resumed=True))]
    assert again == ["resume.sorry", "code.ask"]


@given(st.text("0123456789", min_size=4, max_size=8), st.sampled_from(["", "#"]), st.booleans())
def test_no_digit_of_a_secret_is_in_any_snapshot_or_record(
    digits: str, before: str, unit: bool
) -> None:
    door = Gate(takes_pins=True, admits=lambda _: None)
    if unit:
        door.visitor("moro no quinhentos e um bloco b e esqueci a chave")
    else:
        door.keys("#")
    at = len(door.actions)
    for digit in digits.lstrip("0") or "1":
        door.happens(KeyPressed(Party.VISITOR, digit))
        assert not door.doorman.snapshot()["state"].get("keys")
    door.keys("#")
    kept = [str(each) for each in door.actions[at:]]
    known = door.doorman.snapshot()["state"]["apartment"]
    if known != digits:
        assert not any(digits in each for each in kept)


def test_an_inquiry_does_not_show_its_secret() -> None:
    action = AskAdmission(Inquiry(CODE, "B/501", keyed=True))
    assert CODE not in repr(action) + str(action)
