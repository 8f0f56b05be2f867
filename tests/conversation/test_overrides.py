"""Sentences of a condominium's own: what can be said, and what is refused in plain words."""

import pytest

from conversation.doorman import TEXTS
from conversation.texts import Texts, TextsError
from conversation.texts.overrides import LONGEST, check_override, usable_overrides
from supervisor.sentences import SENTENCES

PT_BR = Texts.load("pt-BR")


def check(key: str, *variants: str) -> tuple[str, ...]:
    return check_override(PT_BR, key, variants, TEXTS[key])


@pytest.mark.parametrize("language", ["pt-BR", "en", "es"])
@pytest.mark.parametrize("name", SENTENCES)
def test_our_own_sentences_would_be_taken(language: str, name: str) -> None:
    sentence = SENTENCES[name]
    variants = sentence.script.texts(language).variants(sentence.key)
    assert sentence.check(language, variants) == variants


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("closing.goodbye", "Volte sempre!"),
        ("closing.goodbye", "  Até logo, volte às 18h30.  "),
        ("closing.goodbye", "A multa é de R$ 50, ou 10%."),
        ("closing.goodbye", "“Tchau” — até o 2º andar…"),
        ("greeting.morning", "Bom dia, aqui é a {condominium}."),
        ("resident.ask.delivery", "Chegou algo para {unit}. Autoriza?"),
        ("resident.ask.delivery", "Chegou algo. Autoriza?"),
    ],
)
def test_words_a_voice_can_say_are_taken(key: str, said: str) -> None:
    assert check(key, said) == (said.strip(),)


@pytest.mark.parametrize(
    ("key", "said", "complaint"),
    [
        ("greeting.morning", "Bom dia.", "{condominium} is missing"),
        ("greeting.morning", "Bom dia, {condominium}, {unit}.", "{unit} is not known here"),
        ("closing.goodbye", "Tchau, {visitor}.", "there is nothing"),
        ("closing.goodbye", "Tchau {", "broken placeholder"),
        ("closing.goodbye", "Tchau {visitor!r}", "broken placeholder"),
        ("closing.goodbye", "Tchau {visitor.__class__}", "broken placeholder"),
        ("closing.goodbye", "Tchau 😀", "grinning face"),
        ("closing.goodbye", "До свидания", "cyrillic"),
        ("closing.goodbye", "Tchau\u200b.", "zero width space"),
        ("closing.goodbye", "Tchau\nJá vai?", "U+000A"),
        ("closing.goodbye", "Tchau <b>já</b>", "“<” (less-than sign)"),
        ("closing.goodbye", "... !", "cannot be said"),
        ("closing.goodbye", "", "cannot be said"),
        ("closing.goodbye", "a" * (LONGEST + 1), f"{LONGEST + 1} characters"),
    ],
)
def test_what_cannot_be_said_is_named(key: str, said: str, complaint: str) -> None:
    with pytest.raises(TextsError) as refusal:
        check(key, said)
    assert complaint in str(refusal.value)


@pytest.mark.parametrize("count", [0, 11])
def test_there_are_one_to_ten_variants(count: int) -> None:
    with pytest.raises(TextsError, match="1 to 10"):
        check("closing.goodbye", *["Tchau."] * count)


def test_one_variant_that_is_wrong_is_enough() -> None:
    with pytest.raises(TextsError, match="missing"):
        check("greeting.morning", "Bom dia, {condominium}.", "Bom dia.")


def test_a_bad_row_leaves_our_sentence_and_the_good_ones_in_force() -> None:
    given = {
        "closing.goodbye": ("Volte sempre.",),
        "greeting.morning": ("Bom dia.",),
        "greetign.evening": ("Boa noite.",),
    }
    texts, faults = usable_overrides(PT_BR, given, TEXTS)
    assert texts.variants("closing.goodbye") == ("Volte sempre.",)
    assert texts.variants("greeting.morning") == PT_BR.variants("greeting.morning")
    assert len(faults) == 2
    assert any("{condominium} is missing" in fault for fault in faults)
    assert any('no text "greetign.evening"' in fault for fault in faults)
