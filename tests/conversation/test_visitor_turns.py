from collections.abc import Iterator

import pytest

from conversation.rules import rules_for
from conversation.understanding import Expecting, Understanding
from tests.conversation import visitor_turns

RULES = rules_for("pt-BR", ["Daniel Reis", "Rita Souza", "Marina Queiroz", "Eloá Medeiros"])
TABLES = {
    Expecting.PURPOSE: visitor_turns.PURPOSE + visitor_turns.MISHEARD,
    Expecting.UNIT: visitor_turns.UNIT,
    Expecting.BLOCK: visitor_turns.BLOCK,
    Expecting.VISITOR_NAME: visitor_turns.VISITOR_NAME,
    Expecting.COMPANY: visitor_turns.COMPANY,
}


def rows() -> Iterator[tuple[Expecting, str, str]]:
    for expecting, table in TABLES.items():
        for line in filter(None, table.splitlines()):
            said, meant = line.split(" = ")
            yield expecting, said, meant


def brief(heard: Understanding) -> set[str]:
    """The slots of a turn in the notation of the table."""
    unit = heard.apartment or ""
    parts = {
        str(heard.intent) if heard.intent else "",
        f"{unit}/{heard.block}" if heard.block else unit,
        f"@{heard.company}" if heard.company else "",
        f">{heard.resident_name}" if heard.resident_name else "",
        f"<{heard.visitor_name}" if heard.visitor_name else "",
        "!abusive" if heard.abusive else "",
        f"!{heard.language}" if heard.language else "",
    }
    return {part.replace(" ", "_") for part in parts if part}


@pytest.mark.parametrize(("expecting", "said", "meant"), list(rows()))
def test_a_visitors_turn_fills_the_slots_it_names_and_no_others(
    expecting: Expecting, said: str, meant: str
) -> None:
    assert brief(RULES.interpret(said, 1.0, expecting)) == set(meant.split()) - {"-"}


def test_there_are_enough_turns_to_mean_something() -> None:
    assert len(list(rows())) >= 150


def test_what_had_to_be_mended_is_less_certain() -> None:
    clear = RULES.interpret("apartamento quinhentos e um", 0.9)
    mended = RULES.interpret("apartamendo quinhetos e um", 0.9)
    assert mended.apartment == clear.apartment
    assert mended.confidence < clear.confidence == 0.9


def test_a_missing_e_leaves_both_readings_of_a_number() -> None:
    heard = RULES.interpret("apartamento vinte um", 1.0, Expecting.UNIT)
    assert (heard.apartment, heard.apartment_alternatives) == ("21", ("201",))


def test_nothing_heard_is_no_slots() -> None:
    assert brief(RULES.interpret("", 0.0, Expecting.PURPOSE)) == set()


@pytest.mark.parametrize(
    "said",
    [
        "não sei",
        "não sei o bloco",
        "não tem bloco aqui na nota",
        "não fala",
        "é particular",
        "sei lá",
    ],
)
def test_who_has_no_answer_is_heard_to_have_none(said: str) -> None:
    assert RULES.interpret(said, 1.0, Expecting.BLOCK).does_not_know


@pytest.mark.parametrize("said", ["bloco b", "não é o dois", "não", "só o pacote", "tem sim"])
def test_an_answer_is_none_of_those(said: str) -> None:
    assert not RULES.interpret(said, 1.0, Expecting.BLOCK).does_not_know
