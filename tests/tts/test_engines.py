from dataclasses import dataclass

import pytest

from tests.tts.hearing import collect
from tts.engine import Voice
from tts.engines import UnknownEngineError, open_engine, voice_for


@dataclass(frozen=True)
class Settings:
    engine: str = "espeak"
    voice: str = "pt-br"
    speed: float = 1.0
    processes: int = 1


async def test_the_engine_that_the_settings_name_speaks_with_their_voice() -> None:
    engine = open_engine(Settings())
    try:
        assert await collect(engine.synthesise("Pode entrar.", voice_for(Settings())))
    finally:
        await engine.close()


def test_the_settings_decide_on_voice_and_speed() -> None:
    assert voice_for(Settings(speed=1.2)) == Voice("espeak", "pt-br", "pt-BR", speed=1.2)


@pytest.mark.parametrize(
    ("name", "language"), [("en-us", "en-US"), ("es-419", "es-419"), ("pt-br+f2", "pt-BR")]
)
def test_an_extension_may_name_a_voice_of_its_own(name: str, language: str) -> None:
    voice = voice_for(Settings(), name)
    assert (voice.name, voice.language) == (name, language)


def test_an_engine_that_does_not_exist_is_named_with_those_that_do() -> None:
    with pytest.raises(UnknownEngineError, match=r"'festival'.*'espeak'"):
        open_engine(Settings(engine="festival"))
    with pytest.raises(UnknownEngineError, match="'festival'"):
        voice_for(Settings(engine="festival"))
