from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.tts.hearing import collect
from tests.tts.neural.files import kokoro_folder, piper_voice
from tts.engine import Voice
from tts.engines import UnknownEngineError, open_engine, voice_for


@dataclass(frozen=True)
class Settings:
    engine: str = "espeak"
    voice: str = "pt-br"
    speed: float = 1.0
    processes: int = 1
    folder: Path | None = None


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
    with pytest.raises(UnknownEngineError, match=r"'festival'; there are espeak, piper, kokoro"):
        open_engine(Settings(engine="festival"))
    with pytest.raises(UnknownEngineError, match="'festival'"):
        voice_for(Settings(engine="festival"))


@pytest.mark.parametrize("engine", ["piper", "kokoro"])
async def test_a_folder_of_neural_voices_speaks_as_the_settings_say(
    tmp_path: Path, engine: str
) -> None:
    piper_voice(tmp_path / "piper") if engine == "piper" else kokoro_folder(tmp_path / "kokoro")
    settings = Settings(engine=engine, folder=tmp_path / engine)
    speech = open_engine(settings)
    try:
        assert await speech.start()
        assert await collect(speech.synthesise("Pode entrar.", voice_for(settings)))
    finally:
        await speech.close()


@pytest.mark.parametrize(
    ("engine", "name", "language"),
    [
        ("piper", "pt_BR-faber-medium", "pt-BR"),
        ("piper", "es_MX-ald-medium", "es-MX"),
        ("piper", "pt-br", "pt-BR"),
        ("kokoro", "pf_dora", "pt-BR"),
        ("kokoro", "bm_george", "en-GB"),
        ("kokoro", "en-us", "en-US"),
    ],
)
def test_the_name_of_a_neural_voice_tells_its_language(
    engine: str, name: str, language: str
) -> None:
    voice = voice_for(Settings(engine=engine), name)
    assert (voice.engine, voice.name, voice.language) == (engine, name, language)


def test_another_model_in_the_folder_makes_prompts_anew(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    piper_voice(first)
    piper_voice(second, products=1)
    versions = {
        voice_for(Settings(engine="piper", folder=folder)).version for folder in (first, second)
    }
    assert len(versions) == 2
