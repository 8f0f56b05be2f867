import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts.normalising import LONGEST_TEXT, EmptyTextError, TextTooLongError
from tts.normalising.portuguese import PortugueseNormaliser


def test_a_whole_announcement_reads_well() -> None:
    written = "Olá, Sr. Daniel. A Sra. Rita, do apto. 501, bl. B, autorizou sua entrada às 14h30."
    assert PortugueseNormaliser().normalise(written) == (
        "Olá, Senhor Daniel. A Senhora Rita, do apartamento quinhentos e um, bloco bê, "
        "autorizou sua entrada às quatorze e trinta."
    )


@given(st.integers(0, 10**15))
def test_no_digit_of_any_number_is_left(number: int) -> None:
    spoken = PortugueseNormaliser().normalise(f"apartamento {number}")
    assert not any(character.isdigit() for character in spoken)


@pytest.mark.parametrize("written", ["", "   ", "...", "🙂", "<br/>", "***"])
def test_nothing_to_say_is_an_error(written: str) -> None:
    with pytest.raises(EmptyTextError, match="nothing to speak"):
        PortugueseNormaliser().normalise(written)


def test_too_much_to_say_is_an_error() -> None:
    with pytest.raises(TextTooLongError, match="at most 2000"):
        PortugueseNormaliser().normalise("a" * (LONGEST_TEXT + 1))
