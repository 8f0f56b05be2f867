import pytest

from tts.normalising import PlainNormaliser, normaliser_for
from tts.normalising.english import EnglishNormaliser
from tts.normalising.portuguese import PortugueseNormaliser
from tts.normalising.spanish import SpanishNormaliser


@pytest.mark.parametrize(
    ("tag", "kind"),
    [
        ("pt-BR", PortugueseNormaliser),
        ("pt", PortugueseNormaliser),
        ("pt_BR", PortugueseNormaliser),
        ("EN-us", EnglishNormaliser),
        ("es-419", SpanishNormaliser),
        ("de-DE", PlainNormaliser),
    ],
)
def test_the_tag_chooses_the_normaliser(tag: str, kind: type) -> None:
    assert isinstance(normaliser_for(tag), kind)


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Apt. 501 at 2:30 pm", "apartment five hundred and one at two thirty p m"),
        ("1204B", "one thousand two hundred and four B"),
        ("Mr. Smith, 1,204 units.", "Mister Smith, one thousand two hundred and four units."),
        ("Dr Who & co", "Doctor Who and co"),
        ("$19.90", "nineteen dollars and ninety"),
        ("$1", "one dollar"),
        ("3rd floor", "third floor"),
        ("555-123-4567", "five five five, one two three, four five six seven"),
        ("25°C", "twenty-five degrees Celsius"),
        ("50%", "fifty percent"),
        ("3.5", "three point five"),
        ("2026-11-20", "November twentieth, two thousand and twenty-six"),
        ("8-12", "eight to twelve"),
        ("No. 5", "number five"),
        ("9am", "nine a m"),
        ("at 10:05", "at ten oh five"),
        ("go to https://www.a.com/b", "go to a dot com slash b"),
        ("a@b.com", "a at b dot com"),
    ],
)
def test_english_is_said_in_words(written: str, spoken: str) -> None:
    assert EnglishNormaliser().normalise(written) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("apto. 501 a las 14:30", "apartamento quinientos uno a las catorce y treinta"),
        ("a las 21:05", "a las veintiuna y cinco"),
        ("Sr. Pérez, 1.204 personas.", "Señor Pérez, mil doscientos cuatro personas."),
        ("$19,90", "diecinueve pesos con noventa"),
        ("R$ 1", "un real"),
        ("3º piso", "tercer piso"),
        ("1ª puerta", "primera puerta"),
        ("2 kg", "dos kilos"),
        ("50%", "cincuenta por ciento"),
        ("3,5", "tres coma cinco"),
        ("20/11/2026", "veinte de noviembre de dos mil veintiséis"),
        ("5555-1234", "cinco cinco cinco cinco, uno dos tres cuatro"),
        ("nº 5", "número cinco"),
        ("¿Quién es?", "¿Quién es?"),
        ("a@b.com", "a arroba b punto com"),
    ],
)
def test_spanish_is_said_in_words(written: str, spoken: str) -> None:
    assert SpanishNormaliser().normalise(written) == spoken


def test_a_language_without_rules_only_loses_its_markup() -> None:
    assert PlainNormaliser().normalise("**Guten Tag** 😀, Nr. 5") == "Guten Tag, Nr. 5"
