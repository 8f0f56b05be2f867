import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tts.cloning import REFERENCE_HZ, CloningError
from tts.xtts.latents import VoiceLatents, conditioning


def reference(seconds: float = 7.0) -> np.ndarray:
    noise = np.random.default_rng(1).standard_normal(int(seconds * REFERENCE_HZ))
    return (0.1 * noise).astype(np.float32)


def test_latents_are_those_that_the_model_computes_of_the_same_file(
    tiny_model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch  # noqa: PLC0415
    from TTS.tts.models import xtts  # noqa: PLC0415

    def load_audio(path: str, rate_hz: int) -> torch.Tensor:
        samples, found_hz = soundfile.read(path, dtype="float32")
        assert found_hz == rate_hz
        return torch.from_numpy(samples)[None]

    monkeypatch.setattr(xtts, "load_audio", load_audio)
    soundfile.write(tmp_path / "voice.wav", reference(), REFERENCE_HZ, subtype="FLOAT")
    expected, speaker = tiny_model.get_conditioning_latents(
        str(tmp_path / "voice.wav"), gpt_cond_len=30
    )
    latents = conditioning(tiny_model, reference())
    assert latents.conditioning.shape == (32, 64)
    assert latents.speaker.shape == (512,)
    np.testing.assert_allclose(latents.conditioning, expected[0].numpy(), atol=1e-6)
    np.testing.assert_allclose(latents.speaker, speaker.numpy().ravel(), atol=1e-6)


def test_another_voice_has_other_latents(tiny_model: Any) -> None:
    one, other = conditioning(tiny_model, reference()), conditioning(tiny_model, reference()[::-1])
    assert np.abs(one.speaker - other.speaker).max() > 1e-3


def test_latents_survive_being_a_file(tiny_model: Any) -> None:
    latents = conditioning(tiny_model, reference(2.0))
    read = VoiceLatents.from_bytes(latents.to_bytes())
    np.testing.assert_array_equal(read.conditioning, latents.conditioning)
    np.testing.assert_array_equal(read.speaker, latents.speaker)


def test_a_recording_of_less_than_a_second_is_no_voice(tiny_model: Any) -> None:
    with pytest.raises(CloningError, match="1 s of speech"):
        conditioning(tiny_model, reference(0.9))


def archive(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


GOOD = VoiceLatents(np.zeros((32, 8), np.float32), np.zeros(512, np.float32)).to_bytes()


class Boom:
    def __reduce__(self) -> Any:
        return (pytest.fail, ("what was in the file ran",))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF....",
        GOOD[:-30],
        pickle.dumps(Boom()),
        archive(format="another-1", conditioning=np.zeros((2, 2)), speaker=np.zeros(2)),
        archive(format="xtts-latents-1", conditioning=np.zeros((2, 2))),
        archive(format="xtts-latents-1", conditioning=np.zeros(2), speaker=np.zeros(2)),
        archive(format="xtts-latents-1", conditioning=np.full((2, 2), np.nan), speaker=np.ones(2)),
        archive(
            format="xtts-latents-1", conditioning=np.array([[Boom()]], object), speaker=np.ones(2)
        ),
        bytes(2 << 20),
    ],
)
def test_anything_else_is_refused_and_nothing_in_it_runs(data: bytes) -> None:
    with pytest.raises(CloningError):
        VoiceLatents.from_bytes(data)


def test_an_archive_that_swells_is_refused() -> None:
    file = io.BytesIO()
    big = np.zeros((4096, 1024), np.float32)
    np.savez_compressed(file, format="xtts-latents-1", conditioning=big, speaker=big[0])
    assert len(file.getvalue()) < 1 << 20
    with pytest.raises(CloningError, match="larger inside"):
        VoiceLatents.from_bytes(file.getvalue())
