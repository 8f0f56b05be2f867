import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.tts.recordings import RATE_HZ, Floats, spoken, written
from tts.cloning import REFERENCE_HZ
from tts.reference_audio import (
    LEVEL_DBFS,
    Reference,
    UnusableReferenceError,
    prepare_reference,
)
from tts.shaping import speech_rms_dbfs


@pytest.fixture(scope="module")
def voice() -> Floats:
    return spoken()


def decoded(reference: Reference) -> tuple[Floats, int]:
    samples, rate_hz = soundfile.read(io.BytesIO(reference.flac), dtype="float32")
    return samples, rate_hz


@pytest.mark.parametrize("ending", ["wav", "flac", "mp3", "ogg"])
def test_every_common_format_becomes_the_same_mono_reference(
    voice: Floats, ending: str, tmp_path: Path
) -> None:
    stereo = np.stack([voice, voice * 0.5], axis=1)
    reference = prepare_reference(written(tmp_path / f"voice.{ending}", stereo))
    samples, rate_hz = decoded(reference)
    assert (samples.ndim, rate_hz) == (1, REFERENCE_HZ)
    assert 9 < reference.duration_s < len(voice) / RATE_HZ
    assert len(samples) / rate_hz == pytest.approx(reference.duration_s, abs=0.01)
    assert reference.warnings == ()
    level_dbfs = speech_rms_dbfs((samples * 32768).astype(np.int16), rate_hz)
    assert level_dbfs == pytest.approx(LEVEL_DBFS, abs=1.5)
    assert np.abs(samples).max() < 0.9


def test_pauses_count_for_nothing(voice: Floats, tmp_path: Path) -> None:
    silence = np.zeros(RATE_HZ * 20, np.float32)
    long = np.concatenate([silence, voice, silence, voice[: RATE_HZ * 2], silence])
    reference = prepare_reference(written(tmp_path / "a.flac", long))
    assert 11 < reference.duration_s < 15
    short = np.concatenate([voice[: RATE_HZ * 3], silence, voice[-RATE_HZ * 2 :]])
    with pytest.raises(UnusableReferenceError, match=r"s of speech without its pauses; record 6"):
        prepare_reference(written(tmp_path / "b.flac", short))


def test_a_faint_recording_is_brought_to_the_common_level(voice: Floats, tmp_path: Path) -> None:
    reference = prepare_reference(written(tmp_path / "a.flac", voice * 0.05))
    samples, _ = decoded(reference)
    assert speech_rms_dbfs((samples * 32768).astype(np.int16), REFERENCE_HZ) == pytest.approx(
        LEVEL_DBFS, abs=1.5
    )


def test_channels_that_cancel_each_other_out_are_not_mixed(voice: Floats, tmp_path: Path) -> None:
    turned = np.stack([voice, -voice], axis=1)
    assert prepare_reference(written(tmp_path / "a.flac", turned)).duration_s > 9


def test_what_spoils_a_voice_is_warned_of(voice: Floats, tmp_path: Path) -> None:
    noise = np.random.default_rng(1).normal(0, 0.02, len(voice)).astype(np.float32)
    noisy = prepare_reference(written(tmp_path / "noisy.flac", voice + noise))
    assert ["above the noise" in each for each in noisy.warnings] == [True]
    clipped = np.clip(voice * (1.8 / np.abs(voice).max()), -1, 1)
    rough = prepare_reference(written(tmp_path / "clipped.wav", clipped))
    assert ["clipped" in each for each in rough.warnings] == [True]
    narrow = written(tmp_path / "narrow.wav", voice[::4], RATE_HZ // 4)
    assert any("telephone" in each for each in prepare_reference(narrow).warnings)


def test_two_people_are_warned_of_where_pitch_and_timbre_tell_them_apart(
    voice: Floats, tmp_path: Path
) -> None:
    woman = spoken("pt-br+f2")
    both = np.concatenate([voice, woman])
    warnings = prepare_reference(written(tmp_path / "both.flac", both)).warnings
    assert ["More than one person" in each for each in warnings] == [True]
    assert prepare_reference(written(tmp_path / "woman.flac", woman)).warnings == ()


@pytest.mark.parametrize(
    ("sound", "complaint"),
    [
        (lambda voice: voice[:0], "nobody is heard"),
        (lambda voice: np.zeros(RATE_HZ * 10, np.float32), "nobody is heard"),
        (lambda voice: voice[: RATE_HZ * 5], "without its pauses"),
        (lambda voice: np.tile(voice, 8), "cut it to 60 s"),
        (lambda voice: np.tile(voice, 20), "more than 180 s"),
        (np.sign, "clipped; record it again"),
    ],
)
def test_what_no_voice_can_be_made_of_is_refused_in_a_sentence(
    voice: Floats, sound: Callable[[Floats], Floats], complaint: str, tmp_path: Path
) -> None:
    with pytest.raises(UnusableReferenceError, match=complaint):
        prepare_reference(written(tmp_path / "a.wav", sound(voice)))


@pytest.mark.parametrize("content", [b"", b"RIFF", b"\0" * 5000, b"%PDF-1.7 no sound in here"])
def test_what_is_no_audio_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    with pytest.raises(UnusableReferenceError, match="send wav, flac, mp3 or ogg"):
        prepare_reference(path)


def test_other_kinds_of_files_rates_and_values_are_refused(tmp_path: Path) -> None:
    tone = np.sin(np.arange(60_000) / 9).astype(np.float32)
    for name, samples, rate_hz, complaint in (
        ("a.aiff", tone, 22_050, "it is AIFF"),
        ("a.wav", tone, 4_000, "its rate is 4000 Hz"),
        ("b.wav", np.tile(tone[:, None], 9), 22_050, "9 channels"),
    ):
        with pytest.raises(UnusableReferenceError, match=complaint):
            prepare_reference(written(tmp_path / name, samples, rate_hz))
    broken = tone.copy()
    broken[100] = np.nan
    soundfile.write(tmp_path / "c.wav", broken, 22_050, subtype="FLOAT")
    with pytest.raises(UnusableReferenceError, match="no audio; export it again"):
        prepare_reference(tmp_path / "c.wav")
