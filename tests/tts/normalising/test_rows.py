"""Every language against its table of rows, and against whatever else somebody may write."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.tts.normalising import english_rows, portuguese_rows, spanish_rows
from tts.normalising import LONGEST_TEXT, EmptyTextError, normaliser_for
from tts.normalising.speakable import fitted

TABLES = {"pt-BR": portuguese_rows.ROWS, "es": spanish_rows.ROWS, "en": english_rows.ROWS}
LANGUAGES = st.sampled_from(sorted(TABLES))
WRITTEN = st.text(max_size=120) | st.text(
    alphabet="aAbBeXhkm 0123456789.,:/-–—hº°ª%$R€£#@()+=½²\n'\"<>&*_", max_size=60
)
LONGEST_SAID = 12
"""Characters said for each that is written: "77" is "setenta e sete", "4=" "quatro igual a"."""


@pytest.mark.parametrize("language", sorted(TABLES))
def test_what_is_written_is_said_as_a_native_says_it(language: str) -> None:
    normaliser = normaliser_for(language)
    said = [(written, normaliser.normalise(written)) for written, _ in TABLES[language]]
    assert said == TABLES[language]
    assert len(said) > 120


@pytest.mark.parametrize("language", sorted(TABLES))
def test_what_was_normalised_stays_as_it_is(language: str) -> None:
    normaliser = normaliser_for(language)
    spoken = [said for _, said in TABLES[language]]
    assert [normaliser.normalise(said) for said in spoken] == spoken


@given(LANGUAGES, WRITTEN)
@example("pt-BR", "1ª½²³٣")
@example("en", "ǅ ß ŉ")
def test_whatever_is_written_is_said_in_words_or_refused(language: str, written: str) -> None:
    try:
        spoken = normaliser_for(language).normalise(written)
    except EmptyTextError:
        return
    assert not any(character.isdigit() for character in spoken)
    assert fitted(spoken, language[:2]) == spoken
    assert spoken == spoken.strip()
    assert len(spoken) <= LONGEST_SAID * len(written) + 40


@given(LANGUAGES, WRITTEN)
def test_what_was_said_once_is_said_the_same_again(language: str, written: str) -> None:
    normaliser = normaliser_for(language)
    try:
        spoken = normaliser.normalise(written)
    except EmptyTextError:
        return
    assert normaliser.normalise(spoken) == spoken


@pytest.mark.parametrize("language", sorted(TABLES))
@pytest.mark.parametrize("written", ["1" * LONGEST_TEXT, "1." * 1000, "a-1" * 600, "1 h " * 500])
def test_the_longest_text_is_said_too(language: str, written: str) -> None:
    assert normaliser_for(language).normalise(written)
