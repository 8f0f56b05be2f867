"""XTTS by its settings: what is opened, and what the doctor says is missing."""

from pathlib import Path

import pytest

from supervisor.checks import xtts as checks
from supervisor.engine_process import loading, open_speaker, voice_of
from supervisor.settings import Settings
from supervisor.speech_settings import EngineSpeakerSettings, EnginesSettings, XttsSettings
from tts.engine import Voice
from tts.engines import UnknownEngineError
from tts.espeak import espeak_voice
from tts.xtts.engine import XttsEngine
from tts.xtts.loading import FILES


def speaker(model: Path | None, **more: object) -> EngineSpeakerSettings:
    return EngineSpeakerSettings(engine="xtts", xtts=XttsSettings(model=model, **more))  # type: ignore[arg-type]


def told(tts: EngineSpeakerSettings) -> list[str]:
    settings = Settings(engines=EnginesSettings(tts=tts))
    return [f"{each.text} {each.next_step}" for each in checks.examine_xtts(settings)]


def whole(folder: Path) -> Path:
    for name in FILES:
        (folder / name).touch()
    return folder


def test_the_settings_open_the_engine_with_all_that_they_say(tmp_path: Path) -> None:
    tts = speaker(tmp_path, device="cpu", precision="int8", streams=3, seed=7)
    how = loading(Settings(engines=EnginesSettings(tts=tts)), ["tts"])
    assert how.open_tts is not None
    assert isinstance(how.open_tts(), XttsEngine)


def test_without_a_model_they_say_what_to_set() -> None:
    with pytest.raises(UnknownEngineError, match=r"set engines\.tts\.xtts\.model to the folder"):
        open_speaker(speaker(None))


def test_a_voice_is_the_models_or_the_language_that_espeak_ngs_name_tells() -> None:
    tts = speaker(None)
    assert voice_of(tts, None) == Voice("xtts", "", "pt-BR")
    assert voice_of(tts, "en-us") == Voice("xtts", "", "en-US")
    assert voice_of(tts, "Ana") == Voice("xtts", "Ana", "pt-BR")
    assert voice_of(EngineSpeakerSettings(), None) == espeak_voice()


def test_the_doctor_says_nothing_of_an_engine_that_nobody_wants() -> None:
    assert not told(EngineSpeakerSettings())


def test_the_doctor_is_content_with_a_whole_folder(tmp_path: Path) -> None:
    [finding] = told(speaker(whole(tmp_path)))
    assert "its model is whole in" in finding


def test_the_doctor_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Set engines.tts.xtts.model" in told(speaker(None))[0]
    assert "there is no folder" in told(speaker(tmp_path / "away"))[0]
    whole(tmp_path)
    (tmp_path / "vocab.json").unlink()
    assert "has no vocab.json" in told(speaker(tmp_path))[0]
    monkeypatch.setattr(checks, "find_spec", lambda name: None if name == "TTS" else object())
    assert "pip install 'ramal[xtts]'" in told(speaker(tmp_path))[0]


def test_the_engines_command_ends_with_that_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from supervisor.cli import main  # noqa: PLC0415

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RAMAL_ENGINES__TTS__ENGINE", "xtts")
    monkeypatch.setenv("RAMAL_ENGINES__TTS__XTTS__MODEL", str(tmp_path / "away"))
    with pytest.raises(SystemExit) as ended:
        main(["engines", "--kind", "tts", "--listen", f"unix:{tmp_path}/e.sock"])
    assert ended.value.code == 1
    [line] = capsys.readouterr().err.splitlines()
    assert "XTTS cannot be loaded: there is no folder" in line
