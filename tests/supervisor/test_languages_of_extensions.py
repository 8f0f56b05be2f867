"""What an extension may say about languages, and the voices that follow from it."""

from types import SimpleNamespace
from typing import Any

import pytest

from supervisor.rules import DOORMAN_LANGUAGES, ExtensionProblem, ExtensionSettings, check_extension
from supervisor.speech_ladders import voice_in
from supervisor.speech_settings import TtsSettings


def an_extension(language: str, settings: dict[str, Any]) -> Any:
    return SimpleNamespace(flow="doorman", language=language, settings=settings)


@pytest.mark.parametrize("language", DOORMAN_LANGUAGES)
def test_an_extension_may_speak_any_of_the_doormans_languages(language: str) -> None:
    check_extension(an_extension(language, {"languages": list(DOORMAN_LANGUAGES)}))


def test_a_language_without_texts_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ExtensionProblem, match="use pt-BR or en or es"):
        check_extension(an_extension("fr", {}))
    with pytest.raises(ExtensionProblem, match="languages"):
        check_extension(an_extension("pt-BR", {"languages": ["fr"]}))


@pytest.mark.parametrize(
    ("name", "language", "said_with"),
    [
        (None, "pt-BR", ("pt-br", "pt-BR")),
        (None, "en", ("en-us", "en")),
        (None, "es", ("es-419", "es")),
        ("en-gb+f2", "en", ("en-gb+f2", "en-GB")),
        ("pt-br+f2", None, ("pt-br+f2", "pt-BR")),
    ],
)
def test_a_language_has_a_voice_where_nobody_named_one(
    name: str | None, language: str | None, said_with: tuple[str, str]
) -> None:
    voice = voice_in(TtsSettings(), name, language)
    assert (voice.name, voice.language) == said_with


def test_units_are_called_by_the_languages_words_unless_somebody_says_otherwise() -> None:
    assert ExtensionSettings().unit_word is None
    assert ExtensionSettings(unit_word="casa").unit_word == "casa"
