"""A resident who wants to be called in a language of their own, at a gate that speaks another."""

import pytest

from conversation.directory import Directory, Resident, Unit
from conversation.doorman import Doorman
from conversation.flow import CallOutcome, Party
from tests.conversation.gate import CALL
from tests.conversation.test_doorman_languages import PLAIN, RULES, PolyglotGate

NEIGHBOURS = Directory(
    [
        Unit("501", "B", (Resident("Ann Brown", ("2501",), "en"), Resident("Rui", ("2502",)))),
        Unit("502", "B", (Resident("Luz Ortega", ("2601",), "es"),)),
        Unit("503", "B", (Resident("Ana Prado", ("2701",), "fr"),)),
    ]
)
AT = {501: "quinhentos e um", 502: "quinhentos e dois", 503: "quinhentos e três"}


class CallingGate(PolyglotGate):
    """A Portuguese gate, whose visitors may go over to nothing."""

    def a_doorman(self) -> Doorman:
        called = {one: RULES[one] for one in ("en", "es")}
        own = PLAIN["pt-BR"]
        return Doorman(CALL, self.settings, NEIGHBOURS, own, called=called)

    def called(self, unit: int) -> "CallingGate":
        self.visitor(f"entrega pro {AT[unit]} bloco b")
        self.answered()
        return self


@pytest.mark.parametrize(("unit", "language"), [(501, "en"), (502, "es"), (503, "pt-BR")])
def test_the_resident_is_asked_in_their_language(unit: int, language: str) -> None:
    gate = CallingGate().called(unit)
    assert gate.language(Party.RESIDENT) == language
    assert gate.language(Party.VISITOR) == "pt-BR"


def test_an_english_answer_opens_and_the_visitor_hears_of_it_in_portuguese() -> None:
    gate = CallingGate().called(501)
    assert "Do you authorize" in gate.told(Party.RESIDENT)[0]
    gate.resident("yes, let him in")
    assert gate.outcome == "authorised"
    assert "autoriz" in " ".join(gate.told()).lower() or "liberad" in " ".join(gate.told()).lower()


def test_whoever_answers_in_portuguese_instead_goes_on_in_it() -> None:
    gate = CallingGate().called(501).resident("não entendi, pode falar em português por favor")
    assert gate.language(Party.RESIDENT) == "pt-BR"
    assert gate.resident("não autorizo").outcome == "denied"


def test_the_next_phone_is_another_persons_and_in_theirs() -> None:
    gate = CallingGate()
    gate.visitor(f"entrega pro {AT[501]} bloco b").phone(CallOutcome.NO_ANSWER)
    assert gate.ringing == "2502"
    gate.answered()
    assert gate.language(Party.RESIDENT) == "pt-BR"


def test_visitors_cannot_go_over_to_what_only_residents_are_called_in() -> None:
    gate = CallingGate().visitor("good afternoon, do you speak english, I have a delivery")
    assert gate.language(Party.VISITOR) == "pt-BR"
    assert gate.doorman.language(Party.VISITOR) is None


def test_the_language_of_a_resident_outlives_the_process() -> None:
    gate = CallingGate().called(501).in_another_process()
    assert gate.language(Party.RESIDENT) == "en"
