"""Handbooks as people write them: read, checked, and refused in one sentence."""

from datetime import datetime
from typing import Any

import pytest

from conversation.receptionist.handbook_file import (
    HandbookError,
    check_handbook,
    handbook_of,
    read_handbook,
)
from tests.receptionist.clinic import DOCUMENT, HANDBOOK


def a_department(**changes: Any) -> dict[str, Any]:
    department = {"id": "sales", "name": "vendas", "extension": "8001", **changes}
    return {"departments": [department]}


def test_what_is_written_in_one_language_is_in_the_handbooks() -> None:
    document = read_handbook("language: en\nfacts: [{id: 1, says: We are open., asked: [open]}]")
    [fact] = handbook_of(document, ["en"]).facts
    assert (fact.id, fact.says, fact.asked) == ("1", {"en": "We are open."}, {"en": ("open",)})


def test_a_checked_handbook_is_plain_data_that_reads_the_same() -> None:
    assert check_handbook(DOCUMENT) == DOCUMENT


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ({"facts": [{"id": 1}]}, "facts.0.says: Field required"),
        ({"facts": [{"id": 1, "says": "a"}] * 2}, 'the id "1" is there twice'),
        ({"rules": []}, "rules: Extra inputs are not permitted"),
        (a_department(id="message"), 'the id "message" is our own'),
        (a_department(key="0"), 'departments.0.key: a key is one of "1" to "9"'),
        (
            a_department(extension="8001,1(x)"),
            "departments.0.extension: an extension of the dialplan has letters",
        ),
        (
            a_department(hours={"monday": "08:00-12:00"}),
            "departments.0.hours.monday: write hours like {mon-fri",
        ),
        (a_department(hours={"fri-mon": "08:00-12:00"}), '"fri-mon" ends before it begins'),
        (a_department(hours={"mon": "12:00-08:00"}), '"12:00-08:00" ends before it begins'),
        (a_department(hours={"mon": "20:00-24:30"}), "or after midnight"),
        ({"facts": [{"id": 1, "says": "Olá {nome}"}]}, "facts.0.says: write it in one line"),
        ({"facts": [{"id": 1, "says": "Temos 😀"}]}, "the voice cannot say"),
        ({"facts": [{"id": 1, "says": "<b>Temos</b>"}]}, "cannot say"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(document: dict[str, Any], complaint: str) -> None:
    with pytest.raises(HandbookError) as raised:
        check_handbook(document, "clinic.yaml")
    assert complaint in str(raised.value)
    assert str(raised.value).startswith("clinic.yaml") and "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("source", "complaint"), [("facts: [", "not valid YAML"), ("- 1", 'must have "facts"')]
)
def test_what_is_no_handbook_at_all_is_said(source: str, complaint: str) -> None:
    with pytest.raises(HandbookError, match=complaint):
        read_handbook(source)


def test_every_entry_is_there_in_every_language_that_is_spoken() -> None:
    document = {"facts": [{"id": 7, "says": {"pt-BR": "Sim."}}]}
    with pytest.raises(HandbookError, match="fact 7 of its handbook says nothing in en"):
        handbook_of(document, ["pt-BR", "en"])
    with pytest.raises(HandbookError, match='department "sales" of its handbook has no name in es'):
        handbook_of(a_department(), ["es"])


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-11-23 08:00", True),
        ("2026-11-23 07:59", False),
        ("2026-11-23 12:00", False),
        ("2026-11-23 13:00", True),
        ("2026-11-28 09:00", False),
        ("2026-12-24 09:00", False),
        ("2027-12-24 09:00", True),
        ("2028-12-25 09:00", False),
    ],
)
def test_a_department_answers_in_its_hours_and_not_on_closed_days(at: str, is_open: bool) -> None:
    billing = HANDBOOK.department("billing")
    assert billing is not None
    assert billing.hours.open_at(datetime.fromisoformat(at)) is is_open
