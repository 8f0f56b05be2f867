"""The encoder's window: what the model gets to see of an utterance, to its last sample."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stt.recogniser import Hints
from tests.speech import say

pytest.importorskip("faster_whisper", reason="the whisper extra is not installed")

from stt.whisper import WhisperOptions, WhisperRecogniser
from stt.whisper.decoding import Request, window_frames
from tests.stt.scripted_whisper import write_model


@pytest.fixture
async def reduced(tmp_path: Path) -> AsyncIterator[WhisperRecogniser]:
    model = write_model(tmp_path / "model", ("sim",))
    options = WhisperOptions(str(model), device="cpu", workers=1, window_s=5)
    opened = await WhisperRecogniser.open(options)
    yield opened
    await opened.close()


@pytest.mark.parametrize(
    ("duration_s", "window_s", "frames"),
    [
        (3.0, None, 3000),
        (30.0, None, 3000),
        (3.0, 8, 800),
        (7.5, 8, 800),
        (7.51, 8, 900),
        (12.0, 8, 1300),
        (29.9, 8, 3000),
        (30.0, 8, 3000),
    ],
)
def test_the_window_grows_with_the_utterance_and_leaves_silence_after_it(
    duration_s: float, window_s: int | None, frames: int
) -> None:
    assert window_frames(duration_s, window_s) == frames


async def test_the_encoder_gets_all_audio_in_one_window(
    reduced: WhisperRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[np.ndarray] = []
    whisper = reduced.decoding._whisper
    encode = whisper.encode

    def noting(features: np.ndarray) -> Any:
        seen.append(features)
        return encode(features)

    monkeypatch.setattr(whisper, "encode", noting)
    stream = reduced.stream("pt-BR", Hints())
    stream.feed(np.zeros(12 * 8000 - 800, np.int16))
    stream.feed(np.random.default_rng(1).normal(0, 3000, 800).astype(np.int16))
    assert (await stream.result()).text == "sim"  # once, so in one window
    final = seen[-1]
    assert final.shape == (1, 80, 1300)
    loud = np.flatnonzero(final[0].max(axis=0) > final[0].min() + 0.5)
    assert loud[0] >= 1188 and 1198 <= loud[-1] <= 1202


async def test_features_are_those_of_the_audio_with_silence_behind_it(
    reduced: WhisperRecogniser,
) -> None:
    speech = say("apartamento quinhentos e um, bloco b")
    request = Request(np.repeat(speech, 2), 16000, ("pt",))
    floats = request.audio.astype(np.float32) / 32768
    silence = np.zeros(8 * 16000 - len(floats), np.float32)
    extract = reduced.decoding._whisper.feature_extractor
    whole = extract(np.concatenate((floats, silence)), padding=0)
    ours = reduced.decoding.features(request, 800)
    assert ours.shape == (80, 800)
    assert np.abs(ours - whole[:, :800]).max() < 1e-4


async def test_silence_alone_has_the_features_of_silence(reduced: WhisperRecogniser) -> None:
    features = reduced.decoding.features(Request(np.zeros(8000, np.int16), 8000, ("pt",)), 500)
    assert np.abs(features + 1.5).max() < 1e-6
