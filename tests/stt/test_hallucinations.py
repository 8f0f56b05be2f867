"""What is believed of what Whisper says."""

import math
from dataclasses import replace

import pytest

from stt.hallucinations import Heard, belief, plain_words

CLEAR = Heard("Apartamento 501.", tokens=4, log_probability=-0.1, no_speech=0.01, repetition=0.8)


def test_words_lose_their_case_and_punctuation_and_keep_accents_and_numbers() -> None:
    assert plain_words("Olá! É o João, do apto. 501-B...") == "olá é o joão do apto 501-b"
    assert plain_words(" ¿…? ") == ""


def test_a_clear_sentence_is_believed_as_far_as_its_tokens_are_sure() -> None:
    assert belief(CLEAR, duration_s=1.5) == pytest.approx(math.exp(-0.1))


@pytest.mark.parametrize(
    "made_up",
    [
        replace(CLEAR, text="..."),
        replace(CLEAR, repetition=3.0),
        replace(CLEAR, text="Legendas pela comunidade Amara.org"),
        replace(CLEAR, text="Obrigado por assistir!"),
        replace(CLEAR, no_speech=0.9, log_probability=-1.5),
        replace(CLEAR, text="palavra " * 20),
    ],
)
def test_what_whisper_makes_up_is_not_believed(made_up: Heard) -> None:
    assert belief(made_up, duration_s=1.5) == 0.0


def test_doubt_whether_anybody_spoke_lowers_the_belief_in_sure_words() -> None:
    assert belief(replace(CLEAR, no_speech=0.8), 1.5) == pytest.approx(0.2 * math.exp(-0.1))


def test_a_long_sentence_in_enough_time_is_believed() -> None:
    assert belief(replace(CLEAR, text="palavra " * 20), duration_s=6.0) > 0.5


def test_thanks_for_something_else_are_believed() -> None:
    assert belief(replace(CLEAR, text="Obrigado por abrir."), 1.5) > 0.5
