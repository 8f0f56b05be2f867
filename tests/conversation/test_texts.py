import pytest

from conversation.doorman import TEXTS
from conversation.texts import Texts, TextsError
from conversation.texts.catalogue import placeholders_of

PT_BR = Texts.load("pt-BR")
LANGUAGES = ("pt-BR", "en", "es")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_doormans_texts_are_all_there_and_use_only_what_they_are_given(language: str) -> None:
    Texts.load(language).require(TEXTS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_left_that_nobody_says(language: str) -> None:
    texts = Texts.load(language)
    assert (set(texts.keys()), texts.language) == (set(TEXTS), language)


def _always_said(texts: Texts, key: str) -> frozenset[str]:
    return frozenset.intersection(*(placeholders_of(said) for said in texts.variants(key)))


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("key", PT_BR.keys())
def test_every_language_says_the_same_values(language: str, key: str) -> None:
    """A condominium's own sentence must hold what all of ours hold, whatever its language."""
    assert _always_said(Texts.load(language), key) == _always_said(PT_BR, key)


def test_a_value_that_opens_a_spanish_question_gets_a_capital() -> None:
    said = Texts.parse('language: es\ntexts:\n  again: "¿{unit}? No está."').phrasebook(0)
    assert said.render("again", {"unit": "apartamento 501"}) == "¿Apartamento 501? No está."


def test_a_missing_text_is_an_error_in_one_sentence() -> None:
    texts = Texts.parse('language: pt-BR\ntexts:\n  hello: "Oi."')
    with pytest.raises(TextsError, match='the text "goodbye" is missing in the pt-BR texts'):
        texts.require({"hello": [], "goodbye": []})


def test_a_placeholder_that_nobody_fills_is_an_error_that_names_it() -> None:
    texts = Texts.parse('language: pt-BR\ntexts:\n  hello: ["Oi, {nome}."]')
    with pytest.raises(TextsError, match=r'"hello" .* uses \{nome\}'):
        texts.require({"hello": ["visitor"]})


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("texts: [", "not valid YAML"),
        ("hello", 'must have "language" and "texts"'),
        ("texts:\n  hello: []", '"hello" must be a sentence'),
        ("texts:\n  hello: 5", '"hello" must be a sentence'),
        ('texts:\n  hello: "Oi, {"', "broken placeholder"),
        ('texts:\n  hello: "Oi, {}"', "broken placeholder"),
        ('texts:\n  hello: "Oi, {a.b}"', "broken placeholder"),
    ],
)
def test_a_broken_file_is_an_error_in_one_sentence(source: str, complaint: str) -> None:
    with pytest.raises(TextsError, match=complaint) as caught:
        Texts.parse(source, "texts.yaml")
    assert "\n" not in str(caught.value)


def test_a_language_without_texts_is_an_error() -> None:
    with pytest.raises(TextsError, match='no texts for the language "xx"'):
        Texts.load("xx")


def test_a_call_goes_through_every_variant_before_it_repeats_one() -> None:
    count = PT_BR.variant_count("waiting")
    book = PT_BR.phrasebook(seed=7)
    said = [book.render("waiting", {}) for _ in range(2 * count)]
    assert len(set(said[:count])) == count
    assert said[:count] == said[count:]


def test_calls_begin_at_different_variants_and_a_call_can_be_told_again() -> None:
    first = [PT_BR.phrasebook(seed).render("waiting", {}) for seed in range(20)]
    assert len(set(first)) > 1
    assert first == [PT_BR.phrasebook(seed).render("waiting", {}) for seed in range(20)]


def test_a_value_that_opens_a_sentence_gets_a_capital() -> None:
    texts = Texts.parse('language: pt-BR\ntexts:\n  again: "Certo. {unit}, certo?"')
    said = texts.phrasebook(0).render("again", {"unit": "apartamento 501"})
    assert said == "Certo. Apartamento 501, certo?"


def test_a_value_that_lacks_is_an_error_and_not_a_gap() -> None:
    with pytest.raises(TextsError, match="needs the value 'unit'"):
        PT_BR.phrasebook(0).render("confirm.unit", {})


def test_a_condominium_may_say_things_its_own_way() -> None:
    own = PT_BR.with_overrides({"closing.goodbye": ["Volte sempre."]})
    assert own.phrasebook(0).render("closing.goodbye", {}) == "Volte sempre."
    with pytest.raises(TextsError, match='no text "goodby"'):
        PT_BR.with_overrides({"goodby": ["Tchau."]})
    with pytest.raises(TextsError, match=r"uses \{name\}"):
        PT_BR.with_overrides({"closing.goodbye": ["Tchau, {name}."]}).require(TEXTS)


def test_every_variant_can_be_rendered_ahead() -> None:
    said = PT_BR.enumerate("greeting.morning", {"condominium": "Residencial Aurora"})
    assert len(said) == PT_BR.variant_count("greeting.morning")
    assert all("Residencial Aurora" in variant for variant in said)


def test_nothing_said_to_a_waiting_visitor_tells_that_somebody_is_at_home() -> None:
    for key in ("waiting", "waiting.another", "calling.by_name"):
        for said in PT_BR.enumerate(key, {}):
            assert not {"morador", "moradora", "atendeu", "casa"} & set(said.lower().split())
