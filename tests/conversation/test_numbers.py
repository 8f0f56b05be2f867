import pytest
from hypothesis import given
from hypothesis import strategies as st
from num2words import num2words

from conversation.rules.pt_br.numbers import DIGITS, read_number, read_small_number
from conversation.rules.words import fold


def digits(said: str) -> str | None:
    number = read_number(fold(said).split(), 0)
    return number.digits if number else None


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("quinhentos e um", "501"),
        ("quinhentos um", "501"),
        ("quinhentos zero um", "501"),
        ("cinco zero um", "501"),
        ("cinco meia um", "561"),
        ("meia zero dois", "602"),
        ("dez zero dois", "1002"),
        ("doze zero quatro", "1204"),
        ("vinte e um zero três", "2103"),
        ("mil duzentos e quatro", "1204"),
        ("mil e duzentos", "1200"),
        ("mil e um", "1001"),
        ("mil zero um", "1001"),
        ("dois mil trezentos e dezesseis", "2316"),
        ("cem", "100"),
        ("cento e um", "101"),
        ("cento vinte e três", "123"),
        ("trinta e meia", "36"),
        ("onze onze", "1111"),
        ("zero cinco", "05"),
        ("501 501", "501"),
        ("quinhentos e um quinhentos e um", "501"),
        ("501", "501"),
        ("apartamento", None),
        ("e um", None),
    ],
)
def test_numbers_are_read_as_they_are_said(said: str, number: str | None) -> None:
    assert digits(said) == number


@given(st.integers(1, 9999))
def test_every_number_said_whole_is_read_back(number: int) -> None:
    said = str(num2words(number, lang="pt_BR")).replace(",", "")
    assert digits(said) == str(number)


@given(
    st.lists(st.sampled_from([word for word in DIGITS if word != "uma"]), min_size=1, max_size=5)
)
def test_every_number_said_digit_by_digit_is_read_back(words: list[str]) -> None:
    assert digits(" ".join(words)) == "".join(str(DIGITS[word]) for word in words)


def test_a_blocks_number_leaves_the_apartments_alone() -> None:
    words = ["dois", "mil", "duzentos", "e", "quatro"]
    block = read_small_number(words, 0)
    assert block is not None
    assert block.digits == "2"
    apartment = read_number(words, block.end)
    assert apartment is not None
    assert apartment.digits == "1204"
