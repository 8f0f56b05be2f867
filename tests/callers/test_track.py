"""Audio on the clock."""

import numpy as np

from supervisor.callers.track import RATE_HZ, Track


def frame(value: int) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    return np.full(160, value, np.int16)


def test_frames_that_arrive_with_jitter_stay_seamless() -> None:
    track = Track()
    for at in (5.0, 5.024, 5.038):
        track.put(frame(7), at)
    assert np.array_equal(track.between(5.0, 5.06), np.full(480, 7, np.int16))


def test_what_was_missing_is_silence_in_its_place() -> None:
    track = Track()
    track.put(frame(7), 5.0)
    track.put(frame(9), 6.0)
    audio = track.between(5.0, 6.02)
    assert audio.size == round(1.02 * RATE_HZ)
    assert (audio[160:8000] == 0).all()
    assert (audio[8000:] == 9).all()


def test_a_cut_from_the_middle_is_as_long_as_asked_for() -> None:
    track = Track()
    track.put(frame(7), 5.0)
    audio = track.between(4.99, 5.01)
    assert audio.tolist() == [0] * 80 + [7] * 80


def test_an_empty_track_has_no_start_and_sounds_like_silence() -> None:
    track = Track()
    assert (track.start, track.end) == (None, None)
    assert not track.between(0.0, 0.1).any()
