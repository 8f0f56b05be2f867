"""What the English rules understand of visitors and residents."""

from collections.abc import Iterator

import pytest

from conversation.rules import rules_for
from conversation.understanding import Answer, Expecting, Intent
from stt.endpointing import Completeness
from tests.conversation import english_turns
from tests.conversation.test_resident_turns import decided
from tests.conversation.test_visitor_turns import brief

RULES = rules_for("en", ["Daniel Reis", "Rita Souza", "Marina Queiroz"])
VISITORS = {
    Expecting.PURPOSE: english_turns.PURPOSE,
    Expecting.UNIT: english_turns.UNIT,
    Expecting.BLOCK: english_turns.BLOCK,
    Expecting.VISITOR_NAME: english_turns.VISITOR_NAME,
    Expecting.COMPANY: english_turns.COMPANY,
}
RESIDENTS = {
    Expecting.AUTHORISATION: english_turns.AUTHORISATION,
    Expecting.YES_NO: english_turns.CONFIRMATION,
}


def rows(tables: dict[Expecting, str]) -> Iterator[tuple[Expecting, str, str]]:
    for expecting, table in tables.items():
        for line in filter(None, table.splitlines()):
            said, meant = line.split(" = ")
            yield expecting, said, meant


@pytest.mark.parametrize(("expecting", "said", "meant"), list(rows(VISITORS)))
def test_a_visitors_turn_fills_the_slots_it_names_and_no_others(
    expecting: Expecting, said: str, meant: str
) -> None:
    assert brief(RULES.interpret(said, 1.0, expecting)) == set(meant.split()) - {"-"}


@pytest.mark.parametrize(("expecting", "said", "meant"), list(rows(RESIDENTS)))
def test_an_answer_decides_what_it_plainly_says(
    expecting: Expecting, said: str, meant: str
) -> None:
    assert decided(RULES.interpret(said, 1.0, expecting)) == set(meant.split()) - {"-"}


def test_there_are_enough_turns_to_mean_something() -> None:
    assert len(list(rows(VISITORS))) + len(list(rows(RESIDENTS))) >= 150


CLEAR = [
    said
    for expecting, said, meant in rows(RESIDENTS)
    if meant == "yes" and expecting is Expecting.AUTHORISATION
]


@pytest.mark.parametrize("said", CLEAR)
@pytest.mark.parametrize("spoil", ["don't {}", "{} not", "i think {}", "{} who is it", "no {}"])
def test_a_yes_with_a_doubt_or_a_denial_around_it_is_no_yes(said: str, spoil: str) -> None:
    if said.startswith("no problem") and spoil == "no {}":
        spoil = "no no {}"
    heard = RULES.interpret(spoil.format(said), 1.0, Expecting.AUTHORISATION)
    assert heard.answer is not Answer.YES


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("you have the wrong number", Intent.WRONG_NUMBER),
        ("i don't live there anymore", Intent.WRONG_NUMBER),
        ("please leave a message after the tone", Intent.VOICE_MAIL),
        ("the person you are calling is not available", Intent.VOICE_MAIL),
        ("hello", Intent.GREETING),
        ("what did you say", Intent.REPEAT),
        ("help me there's a burglar here", Intent.EMERGENCY),
        ("let me speak to the guard", Intent.HUMAN),
    ],
)
def test_a_resident_may_want_something_else_altogether(said: str, intent: Intent) -> None:
    assert RULES.interpret(said, 1.0, Expecting.AUTHORISATION).intent is intent


@pytest.mark.parametrize("said", ["uh huh", "mm hmm", "okay", "i see", "right"])
def test_signs_of_listening_are_told_from_turns(said: str) -> None:
    assert RULES.interpret(said, 1.0, Expecting.NOTHING).backchannel


@pytest.mark.parametrize(
    ("said", "expecting", "judged"),
    [
        ("i have a delivery for", Expecting.PURPOSE, Completeness.OPEN),
        ("five hundred", Expecting.UNIT, Completeness.OPEN),
        ("let him in", Expecting.AUTHORISATION, Completeness.COMPLETE),
        ("yes", Expecting.AUTHORISATION, Completeness.LIKELY),
        ("delivery for apartment five oh one", Expecting.PURPOSE, Completeness.LIKELY),
        ("who is it", Expecting.AUTHORISATION, Completeness.CERTAIN),
        ("all right", Expecting.AUTHORISATION, Completeness.LIKELY),
        ("that's fine", Expecting.AUTHORISATION, Completeness.LIKELY),
        ("okay sure", Expecting.AUTHORISATION, Completeness.LIKELY),
        ("that's fine let him in", Expecting.AUTHORISATION, Completeness.COMPLETE),
        ("this is the police", Expecting.PURPOSE, Completeness.UNKNOWN),
        ("we're from the police", Expecting.PURPOSE, Completeness.UNKNOWN),
        ("i want to talk to the doorman", Expecting.PURPOSE, Completeness.COMPLETE),
    ],
)
def test_a_turn_is_judged_by_how_far_it_answers(
    said: str, expecting: Expecting, judged: Completeness
) -> None:
    assert RULES.completeness(said, expecting) is judged


def test_a_shop_is_called_by_its_english_name() -> None:
    assert RULES.of_company("farmácia") == "from the pharmacy"
    assert (RULES.company("farmácia"), RULES.of_company("Amazon")) == ("pharmacy", "from Amazon")
