"""Which of a condominium's words Whisper is told."""

import pytest

from stt.whisper.decoding import _told_tokens
from stt.whisper.hotwords import chosen, prompt_of

UNITS = tuple(f"apartamento número {number}" for number in range(100))
NAMES = ("marina queiroz", "wellington rezende", "ana souza")


def test_all_phrases_are_told_where_there_is_room() -> None:
    assert chosen(NAMES, "", 400) == NAMES


def test_without_a_word_heard_the_first_that_fit_are_told() -> None:
    told = chosen((*UNITS, *NAMES), "", 60)
    assert told == UNITS[:2]


@pytest.mark.parametrize(
    ("heard", "first"),
    [
        ("é uma entrega pra marina do bloco b", "marina queiroz"),
        ("vim falar com o velington", "wellington rezende"),
        ("resende marina welington", "wellington rezende"),
    ],
)
def test_names_like_the_words_heard_are_told_first(heard: str, first: str) -> None:
    told = chosen((*UNITS, *NAMES), heard, 100)
    assert told[0] == first
    assert UNITS[0] in told, "others keep their places"


def test_a_word_of_many_phrases_chooses_none_of_them_and_short_ones_neither() -> None:
    assert chosen((*UNITS, *NAMES), "apartamento ana", 60) == UNITS[:2]


def test_no_phrase_is_told_in_part_or_beyond_the_room() -> None:
    told = chosen((*UNITS, *NAMES), "marina", 30)
    assert told == ("marina queiroz",)
    assert chosen(NAMES, "marina", 10) == ()


def test_the_operators_words_come_before_the_phrases() -> None:
    assert prompt_of("Condomínio Aurora.", ("ana", "bia")) == "Condomínio Aurora. ana, bia"
    assert prompt_of(None, ()) is None


@pytest.mark.parametrize(("tokens", "told"), [(0, 0), (63, 63), (64, 64), (95, 64), (131, 128)])
def test_long_prompts_have_round_lengths_so_that_they_can_be_computed_together(
    tokens: int, told: int
) -> None:
    assert _told_tokens(tokens) == told
