import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from audiosocket import slin
from audiosocket.slin import Samples
from audiosocket.wav import WavError, read_wav, write_stereo_wav, write_wav

int16 = arrays.arrays(np.int16, st.integers(0, 300))


@given(int16)
def test_slin_and_floats_are_the_same_audio(samples: Samples) -> None:
    assert np.array_equal(slin.from_bytes(slin.to_bytes(samples)), samples)
    assert np.array_equal(slin.from_float(slin.to_float(samples)), samples)


def test_floats_beyond_full_scale_are_clipped() -> None:
    assert slin.from_float(np.array([2.0, -2.0, 1.0])).tolist() == [32767, -32768, 32767]


def test_slin_is_little_endian_and_an_odd_byte_is_dropped() -> None:
    assert slin.from_bytes(b"\x01\x02\x03").tolist() == [0x0201]


def test_levels_are_in_db_below_full_scale() -> None:
    assert slin.level_dbfs(np.full(160, 16384, np.int16)) == pytest.approx(-6.02, abs=0.01)
    assert slin.level_dbfs(np.zeros(160, np.int16)) == slin.SILENCE_DBFS
    assert slin.level_dbfs(np.zeros(0, np.int16)) == slin.SILENCE_DBFS


def test_silence_has_the_length_that_was_asked_for() -> None:
    assert slin.duration_ms(slin.silence(40)) == 40
    assert len(slin.silence(20, 16000)) == 640


@given(int16, st.sampled_from([8000, 16000]))
def test_a_wav_file_gives_back_what_was_written(samples: Samples, rate_hz: int) -> None:
    file = io.BytesIO()
    write_wav(file, samples, rate_hz)
    file.seek(0)
    back, back_hz = read_wav(file)
    assert np.array_equal(back, samples)
    assert back_hz == rate_hz


def test_a_stereo_file_holds_both_sides_and_fills_up_the_shorter(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    write_stereo_wav(path, np.array([1, 2, 3], np.int16), np.array([9], np.int16))
    frames, rate_hz = read_wav(path)
    assert frames.tolist() == [[1, 9], [2, 0], [3, 0]]
    assert rate_hz == 8000


def test_an_endless_length_in_the_header_is_not_believed(tmp_path: Path) -> None:
    """espeak-ng --stdout writes 0x7ffff000."""
    file = io.BytesIO()
    write_wav(file, np.arange(100, dtype=np.int16))
    data = bytearray(file.getvalue())
    data[4:8] = (0x7FFFF024).to_bytes(4, "little")
    data[40:44] = (0x7FFFF000).to_bytes(4, "little")
    samples, _ = read_wav(io.BytesIO(bytes(data) + b"\x07"))
    assert samples.tolist() == list(range(100))


@pytest.mark.parametrize("content", [b"", b"RIFF", b"not a wav file at all, but text"])
def test_what_is_no_wav_is_said_in_a_sentence(content: bytes) -> None:
    with pytest.raises(WavError, match="not a PCM WAV"):
        read_wav(io.BytesIO(content))


def test_eight_bit_files_are_refused() -> None:
    file = io.BytesIO()
    write_wav(file, np.zeros(4, np.int16))
    data = bytearray(file.getvalue())
    data[34:36] = (8).to_bytes(2, "little")
    with pytest.raises(WavError, match="8-bit"):
        read_wav(io.BytesIO(bytes(data)))
