"""What the Spanish rules understand of visitors and residents."""

from collections.abc import Iterator

import pytest

from conversation.rules import rules_for
from conversation.understanding import Answer, Expecting, Intent
from stt.endpointing import Completeness
from tests.conversation import spanish_turns
from tests.conversation.test_resident_turns import decided
from tests.conversation.test_visitor_turns import brief

RULES = rules_for("es", ["Daniel Reis", "Rita Souza", "Marina Queiroz"])
VISITORS = {
    Expecting.PURPOSE: spanish_turns.PURPOSE,
    Expecting.UNIT: spanish_turns.UNIT,
    Expecting.BLOCK: spanish_turns.BLOCK,
    Expecting.VISITOR_NAME: spanish_turns.VISITOR_NAME,
}
RESIDENTS = {
    Expecting.AUTHORISATION: spanish_turns.AUTHORISATION,
    Expecting.YES_NO: spanish_turns.CONFIRMATION,
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
@pytest.mark.parametrize("spoil", ["no {}", "{} no", "creo que {}", "{} quién es"])
def test_a_yes_with_a_doubt_or_a_denial_around_it_is_no_yes(said: str, spoil: str) -> None:
    heard = RULES.interpret(spoil.format(said), 1.0, Expecting.AUTHORISATION)
    assert heard.answer is not Answer.YES


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("número equivocado", Intent.WRONG_NUMBER),
        ("ya no vivo ahí", Intent.WRONG_NUMBER),
        ("deje su mensaje después del tono", Intent.VOICE_MAIL),
        ("el número que usted marcó no se encuentra disponible", Intent.VOICE_MAIL),
        ("aló", Intent.GREETING),
        ("qué dijo", Intent.REPEAT),
        ("auxilio hay un ladrón aquí", Intent.EMERGENCY),
        ("quiero hablar con el portero", Intent.HUMAN),
    ],
)
def test_a_resident_may_want_something_else_altogether(said: str, intent: Intent) -> None:
    assert RULES.interpret(said, 1.0, Expecting.AUTHORISATION).intent is intent


@pytest.mark.parametrize("said", ["ajá", "ok", "ya", "entiendo", "uhum"])
def test_signs_of_listening_are_told_from_turns(said: str) -> None:
    assert RULES.interpret(said, 1.0, Expecting.NOTHING).backchannel


@pytest.mark.parametrize(
    ("said", "expecting", "judged"),
    [
        ("tengo una entrega para el", Expecting.PURPOSE, Completeness.OPEN),
        ("quinientos", Expecting.UNIT, Completeness.OPEN),
        ("que suba", Expecting.AUTHORISATION, Completeness.COMPLETE),
        ("sí", Expecting.AUTHORISATION, Completeness.LIKELY),
        ("sí", Expecting.YES_NO, Completeness.COMPLETE),
        ("entrega para el quinientos uno", Expecting.PURPOSE, Completeness.LIKELY),
        ("quién es", Expecting.AUTHORISATION, Completeness.CERTAIN),
        ("está bien", Expecting.AUTHORISATION, Completeness.LIKELY),
        ("sí claro", Expecting.AUTHORISATION, Completeness.LIKELY),
        ("claro que sí", Expecting.AUTHORISATION, Completeness.LIKELY),
        ("está bien que suba", Expecting.AUTHORISATION, Completeness.COMPLETE),
        ("aquí la policía", Expecting.PURPOSE, Completeness.UNKNOWN),
        ("soy de la policía", Expecting.PURPOSE, Completeness.UNKNOWN),
        ("quiero hablar con el portero", Expecting.PURPOSE, Completeness.COMPLETE),
    ],
)
def test_a_turn_is_judged_by_how_far_it_answers(
    said: str, expecting: Expecting, judged: Completeness
) -> None:
    assert RULES.completeness(said, expecting) is judged


def test_a_shop_is_called_by_its_spanish_name() -> None:
    assert RULES.of_company("farmácia") == "de la farmacia"
    assert (RULES.company("Correios"), RULES.of_company("Amazon")) == ("correo", "de Amazon")
