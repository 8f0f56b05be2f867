"""What a job may be asked for, and the one clear answer to each thing that it may not."""

import pytest

from supervisor.synthesis.asking import (
    LONGEST_TEXT,
    MOST_FAULTS,
    MOST_ROWS,
    FaultError,
    Manner,
    RefusedError,
    item_of,
    items_of_csv,
)
from tts.normalising import normaliser_for
from tts.passages import PARAGRAPH_PAUSE_MS, Passage, passages
from tts.sentences import LONGEST_SENTENCE


def test_pauses_are_those_of_the_punctuation_and_numbers_are_spoken_in_their_sentences() -> None:
    text = "Aviso\n\nSr. João, são 14:30... Traga R$ 12,50!\n---\nAté logo"
    assert passages(text, normaliser_for("pt-BR")) == [
        Passage("Aviso", PARAGRAPH_PAUSE_MS),
        Passage("Senhor João, são quatorze e trinta...", 650),
        Passage("Traga doze reais e cinquenta centavos!", 600),
        Passage("Até logo", 0),
    ]


@pytest.mark.parametrize("text", ["A. " * 3000, "a" * 9000, "palavra " * 1200, "1.234,56 " * 900])
def test_whatever_is_written_is_cut_as_an_engine_takes_it(text: str) -> None:
    found = passages(text, normaliser_for("pt-BR"))
    assert len(found) > 1
    assert max(len(each.text) for each in found) <= LONGEST_SENTENCE


def test_a_sentence_that_lies_across_the_window_is_not_cut() -> None:
    sentence = "Esta é uma frase comum, de oitenta letras, mais ou menos, que vem muitas vezes."
    found = passages(f"{sentence} " * 60, normaliser_for("pt-BR"))
    assert [each.text for each in found] == [sentence] * 60


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("", "there is no text"),
        (" \n ", "there is no text"),
        ("... --- 🙂", "nothing in the text can be spoken; write words or numbers"),
        ("a", "the text is too short: a voice needs a word to say"),
        (
            "a" * (LONGEST_TEXT + 1),
            f"the text is too long: it has {LONGEST_TEXT + 1} characters, and {LONGEST_TEXT} are "
            "the most",
        ),
        ("Bom\x00 dia", "the text has a character U+0000, which nobody can say"),
    ],
)
def test_a_text_that_cannot_be_spoken_gets_one_clear_answer(text: str, answer: str) -> None:
    with pytest.raises(FaultError) as told:
        item_of(text, Manner())
    assert str(told.value) == answer


def test_what_is_left_out_is_told_and_another_alphabet_is_refused() -> None:
    assert item_of("Bom dia, João!", Manner()).warning is None
    assert item_of("Bom dia 🙂, <b>João</b>!", Manner()).warning == (
        "nothing is said for 🙂; markup is left out: <b>, </b>"
    )
    with pytest.raises(FaultError) as told:
        item_of("Fale com 田中, por favor.", Manner())
    assert str(told.value) == ("a voice of pt-BR cannot say 田, 中; write that in its own letters")


def test_a_single_digit_is_a_word() -> None:
    assert item_of("5", Manner()).passages == 1


def test_a_batch_takes_the_jobs_manner_where_a_row_says_nothing() -> None:
    text = (
        "\ufefftext;name;speed;voice\r\n"
        'Bom dia.;saudação;;\r\n"Duas\r\nlinhas; e mais.";;0,8;pt-br+f2\r\n\r\n'
    )
    first, second = items_of_csv(text, Manner(language="pt-BR", speed=1.2))
    assert (first.number, first.name, first.text) == (1, "saudação", "Bom dia.")
    assert first.manner == Manner(speed=1.2)
    assert (second.number, second.text) == (2, "Duas\r\nlinhas; e mais.")
    assert second.manner == Manner(voice="pt-br+f2", speed=0.8)
    assert second.passages == 2


def test_every_bad_row_is_named_with_the_line_that_it_begins_on() -> None:
    def check(manner: Manner) -> None:
        if manner.language == "fr":
            raise FaultError("there is no usual voice for fr")

    rows = [
        "text,name,voice,profile,language,speed",
        "Bom dia.,,,,,",
        '"Duas',
        'linhas",,,,,9',
        ",vazio,,,,",
        "Boa tarde.,,,,",
        "Boa noite.,,,slow,,",
        "Salut.,,,,fr,",
        "Hola.,,,,ES,",
        "Olá.,,x y,,,",
    ]
    with pytest.raises(RefusedError) as told:
        items_of_csv("\n".join(rows), Manner(), check)
    assert [detail for _, detail in told.value.faults] == [
        "line 3: speed is a number from 0.5 to 2, not '9'",
        "line 5: there is no text",
        "line 6: 5 cells where the header has 6; quote a text that has the separator in it",
        "line 7: there is no profile 'slow'; there are fast, balanced, expressive",
        "line 8: there is no usual voice for fr",
        "line 9: 'ES' is no language, such as pt-BR",
        "line 10: 'x y' is no name of a voice, such as pt-br+f2",
    ]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("", "line 1: the header has no column text; it may have text, name, voice, profile, "),
        ("texto\nBom dia.", "line 1: there is no column 'texto'; the header may have text, name"),
        ("text,text\na,b", "line 1: the column text is there twice"),
        ("text\n\n", "there is no row below the header"),
        ('text\n"offen', "this is no CSV: unexpected end of data"),
        ("text\n" + "Bom dia.\n" * (MOST_ROWS + 1), f"there are more than {MOST_ROWS} rows; send "),
    ],
)
def test_a_batch_that_is_none_gets_one_clear_answer(text: str, answer: str) -> None:
    with pytest.raises(RefusedError) as told:
        items_of_csv(text, Manner())
    assert told.value.faults[0][1].startswith(answer)


def test_a_batch_that_is_wrong_throughout_is_not_read_to_its_end() -> None:
    with pytest.raises(RefusedError) as told:
        items_of_csv("text,name\n" + ",x\n" * 900, Manner())
    assert len(told.value.faults) == MOST_FAULTS


def test_a_batch_of_the_most_rows_is_taken() -> None:
    assert len(items_of_csv("text\n" + "Bom dia.\n" * MOST_ROWS, Manner())) == MOST_ROWS
