"""The street behind a visitor."""

import numpy as np
import pytest

from supervisor.callers.street import SPEECH_DBFS, mix, street_noise


def rms_dbfs(samples: np.ndarray[tuple[int], np.dtype[np.int16]]) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(samples.astype(float) ** 2)) / 32768))


@pytest.mark.parametrize("snr_db", [0, 10, 25])
def test_the_noise_is_as_far_below_speech_as_asked_for(snr_db: float) -> None:
    assert rms_dbfs(street_noise(10, snr_db, 1)) == pytest.approx(SPEECH_DBFS - snr_db, abs=0.2)


def test_the_same_seed_is_the_same_street_and_another_is_not() -> None:
    assert np.array_equal(street_noise(2, 10, 1), street_noise(2, 10, 1))
    assert not np.array_equal(street_noise(2, 10, 1), street_noise(2, 10, 2))


def test_the_noise_lies_in_the_band_of_a_telephone() -> None:
    spectrum = np.abs(np.fft.rfft(street_noise(4, 0, 1).astype(float))) ** 2
    hertz = np.fft.rfftfreq(4 * 8000, 1 / 8000)
    outside = spectrum[(hertz < 150) | (hertz > 3500)].sum()
    assert outside < 0.01 * spectrum.sum()


def test_mixing_clips_instead_of_wrapping_round() -> None:
    loud = np.full(10, 30000, np.int16)
    assert mix(loud, np.full(3, 30000, np.int16)).tolist() == [32767] * 10
