"""What somebody says over our words: whether we stop for it."""

import pytest

from conversation.barge_in import BargeIn, Verdict
from conversation.rules import rules_for
from conversation.understanding import Expecting

RULES = rules_for("pt-BR", ["Daniel Reis"])
CALLING = "Entrega, apartamento 501, bloco B. Um momento, vou chamar."


def verdict(text: str, expecting: Expecting = Expecting.NOTHING) -> Verdict:
    heard = RULES.interpret(text, 0.95, expecting)
    asked = expecting is not Expecting.NOTHING
    return BargeIn().judge(heard, CALLING, asked=asked)


@pytest.mark.parametrize(
    "words", ["", "aham", "tá bom", "alô", "é rapidinho moço tá chovendo", "a", "um momento vou"]
)
def test_what_we_tell_goes_on_over_small_talk(words: str) -> None:
    assert verdict(words) is Verdict.GO_ON


@pytest.mark.parametrize(
    "words",
    ["não é o quinhentos e dois", "espera aí", "socorro", "cancela", "como", "é da loggi", "tchau"],
)
def test_what_we_tell_stops_for_words_that_change_something(words: str) -> None:
    assert verdict(words) is Verdict.INTERRUPTION


@pytest.mark.parametrize("words", ["tá chovendo aqui", "o cachorro fugiu", "entrega"])
def test_a_question_stops_for_any_words(words: str) -> None:
    assert verdict(words, Expecting.PURPOSE) is Verdict.INTERRUPTION


ASKED = ("Perdão, não entendi bem.", "É entrega, visita ou serviço? E para qual apartamento?")


@pytest.mark.parametrize(
    "words",
    [
        "perdão não entendi bem é entrega visita ou serviço e para qual apartamento",
        "ou serviço e para qual apartamento",
        "entrega visita ou serviço é para qual apartament",
    ],
)
def test_our_own_question_that_comes_back_is_an_echo(words: str) -> None:
    assert BargeIn().echoes(words, ASKED)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "sim",
        "é entrega",
        "ou serviço e para qual apartamento quinhentos e um",
        "é entrega visita ou serviço e para qual apartamento é visita",
        "não entendi bem é entrega visita ou serviço e para qual apartamento entrega da loggi",
    ],
)
def test_what_somebody_adds_to_our_echo_is_no_echo(words: str) -> None:
    assert not BargeIn().echoes(words, ASKED)
