import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tts.shaping import SpeechShaper, amplify, speech_rms_dbfs

Samples = npt.NDArray[np.int16]
SILENCE = np.zeros(4000, np.int16)


def tone(duration_ms: int, amplitude: float) -> Samples:
    time = np.arange(duration_ms * 8) / 8000
    return (amplitude * 32767 * np.sin(2 * np.pi * 440 * time)).astype(np.int16)


def shaped(audio: Samples, block: int = 160) -> Samples:
    shaper = SpeechShaper()
    out = [shaper.process(audio[at : at + block]) for at in range(0, audio.size, block)]
    return np.concatenate([*out, shaper.finish()])


@pytest.mark.parametrize("amplitude", [0.05, 0.14, 0.5, 0.9])
def test_loud_and_soft_speech_come_out_alike(amplitude: float) -> None:
    assert speech_rms_dbfs(shaped(tone(2000, amplitude))) == pytest.approx(-20, abs=0.2)


def test_silence_is_cut_before_and_after_but_not_within() -> None:
    word = tone(300, 0.3)
    audio = np.concatenate([SILENCE, word, SILENCE, word, SILENCE])
    assert shaped(audio).size == pytest.approx(2 * word.size + SILENCE.size, abs=60)


def test_a_word_shorter_than_the_look_ahead_comes_at_the_end() -> None:
    assert shaped(tone(100, 0.3)).size == pytest.approx(800, abs=30)


def test_silence_alone_becomes_nothing() -> None:
    assert shaped(SILENCE).size == 0
    assert speech_rms_dbfs(SILENCE) == float("-inf")


def test_whispers_are_raised_by_12_db_at_most() -> None:
    assert speech_rms_dbfs(shaped(tone(1500, 0.01))) == pytest.approx(-43 + 12, abs=0.5)


@given(st.integers(20, 700))
@settings(max_examples=20)
def test_the_size_of_the_blocks_makes_no_difference(block: int) -> None:
    audio = np.concatenate([SILENCE, tone(700, 0.2), SILENCE, tone(900, 0.4)])
    reference, other = shaped(audio), shaped(audio, block)
    assert abs(reference.size - other.size) <= 40
    assert abs(speech_rms_dbfs(reference) - speech_rms_dbfs(other)) < 1.0


@given(st.lists(st.integers(-32768, 32767), min_size=1), st.floats(0.1, 4.0))
def test_amplified_audio_never_wraps_or_changes_sign(values: list[int], gain: float) -> None:
    audio = np.array(values, np.int16)
    louder = amplify(audio, gain)
    assert np.all((louder.astype(int) * audio.astype(int)) >= 0)
    assert np.abs(louder.astype(int)).max() <= 32767


def test_what_needs_no_rounding_is_only_scaled() -> None:
    assert list(amplify(np.array([100, -200, 300], np.int16), 2.0)) == [200, -400, 600]
