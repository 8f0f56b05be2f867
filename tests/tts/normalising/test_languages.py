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


def test_a_language_without_rules_only_loses_its_markup() -> None:
    assert PlainNormaliser().normalise("**Guten Tag** 😀, Nr. 5") == "Guten Tag, Nr. 5"
