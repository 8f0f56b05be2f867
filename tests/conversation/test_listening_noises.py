"""What is said over our words: a sign of listening, or a reason to stop."""

from dataclasses import replace

import pytest

from conversation.barge_in import BargeIn, Verdict
from conversation.rules import rules_for
from conversation.understanding import Expecting

RULES = rules_for("pt-BR", ["Marina", "Queiroz"])
BARGE_IN = BargeIn()
TELLING = "um momento por favor eu vou chamar o apartamento"


def verdict(said: str, expecting: Expecting) -> Verdict:
    heard = RULES.interpret(said, 0.9, expecting)
    decides = expecting in (Expecting.YES_NO, Expecting.AUTHORISATION)
    asked = expecting is not Expecting.NOTHING
    return BARGE_IN.judge(heard, TELLING, asked=asked, decides=decides)


@pytest.mark.parametrize("expecting", [Expecting.NOTHING, Expecting.PURPOSE])
@pytest.mark.parametrize("said", ["aham", "perfeito", "tá joia", "ah entendi", "pois é", "beleza"])
def test_a_sign_of_listening_does_not_stop_us(said: str, expecting: Expecting) -> None:
    assert verdict(said, expecting) is Verdict.GO_ON


@pytest.mark.parametrize("said", ["um um", "a", "tranquelo", "seis seis", "a entendi"])
def test_nor_does_one_that_was_misheard(said: str) -> None:
    assert verdict(said, Expecting.PURPOSE) is Verdict.GO_ON
    assert verdict(said, Expecting.NOTHING) is Verdict.GO_ON


@pytest.mark.parametrize(("said", "expecting"), [("a", Expecting.BLOCK), ("um um", Expecting.UNIT)])
def test_the_same_sounds_are_answers_where_they_may_be(said: str, expecting: Expecting) -> None:
    assert verdict(said, expecting) is Verdict.INTERRUPTION


@pytest.mark.parametrize("said", ["sim", "perfeito", "certo"])
@pytest.mark.parametrize("expecting", [Expecting.YES_NO, Expecting.AUTHORISATION])
def test_an_assent_to_a_question_is_an_answer(said: str, expecting: Expecting) -> None:
    assert verdict(said, expecting) is Verdict.INTERRUPTION


@pytest.mark.parametrize(
    "said", ["não espera", "é outro apartamento", "não precisa chamar", "não não não", "peraí moço"]
)
def test_an_objection_stops_us_even_where_nothing_was_asked(said: str) -> None:
    assert verdict(said, Expecting.NOTHING) is Verdict.INTERRUPTION


def test_a_sentence_stops_us_whatever_it_is_about() -> None:
    assert verdict("eu errei o apartamento", Expecting.NOTHING) is Verdict.INTERRUPTION


def test_a_sentence_that_noise_was_taken_for_does_not() -> None:
    heard = RULES.interpret("o uma dos", 0.4, Expecting.NOTHING)
    assert BARGE_IN.judge(heard, TELLING, asked=False) is Verdict.GO_ON


@pytest.mark.parametrize("said", ["até", "ze", "assim"])
def test_a_word_that_means_nothing_does_not_keep_us_from_asking(said: str) -> None:
    assert verdict(said, Expecting.PURPOSE) is Verdict.GO_ON


def test_one_word_of_ours_is_ours_on_a_line_that_echoes() -> None:
    heard = RULES.interpret("chamar", 0.9, Expecting.PURPOSE)
    heard = replace(heard, objects=True)
    assert BARGE_IN.judge(heard, TELLING, asked=True, echoing=True) is Verdict.GO_ON
    assert BARGE_IN.judge(heard, TELLING, asked=True) is Verdict.INTERRUPTION


def test_small_talk_does_not_where_nothing_was_asked() -> None:
    assert verdict("está chovendo moço", Expecting.NOTHING) is Verdict.GO_ON
