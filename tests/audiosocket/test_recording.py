import numpy as np
import pytest

from audiosocket.recording import Track, lateness_ms
from tests.audiosocket.fakes import tone


def _track(times: list[float], audio: bytes = b"\x01\x00" * 160) -> Track:
    track = Track(8000, max_s=60)
    for at in times:
        track.add(at, audio)
    return track


def test_jitter_does_not_tear_a_track() -> None:
    track = _track([10.0, 10.021, 10.055, 10.057])
    assert track.samples(10.0).tolist() == [1] * 640


def test_a_pause_is_silence_of_its_length() -> None:
    track = _track([10.0, 11.0])
    samples = track.samples(10.0)
    assert samples.size == 8000 + 160
    assert not samples[160:8000].any()


def test_a_track_begins_where_the_call_began() -> None:
    assert np.flatnonzero(_track([10.5]).samples(10.0))[0] == 4000


def test_a_full_track_takes_no_more() -> None:
    track = Track(8000, max_s=0.03)
    for at in (0.0, 0.02, 0.04):
        track.add(at, bytes(320))
    assert len(track.frames) == 2
    assert track.is_full


def test_the_first_sound_and_the_first_silence_are_found() -> None:
    track = Track(8000, max_s=60)
    for index in range(40):
        loud = 10 <= index < 20
        track.add(index * 0.02, tone(20) if loud else bytes(320))
    assert track.sound_after(0.0) == pytest.approx(0.2)
    assert track.sound_after(0.31) == pytest.approx(0.32)
    assert track.sound_after(0.4) is None
    assert track.silence_after(0.2) == pytest.approx(0.4)
    assert track.silence_after(0.75) is None


def test_punctual_frames_are_not_late_and_a_slow_one_is() -> None:
    times = [index * 0.02 for index in range(100)]
    times[60] += 0.007
    late = lateness_ms(times)
    assert late[60] == pytest.approx(7)
    assert max(late[:60] + late[61:]) < 0.001
    assert lateness_ms([]) == []


def test_a_frame_that_was_never_sent_makes_a_second_of_frames_late() -> None:
    times = [index * 0.02 + (0.02 if index >= 100 else 0) for index in range(300)]
    late = lateness_ms(times)
    assert late[99] < 0.001
    assert late[100:149] == [pytest.approx(20)] * 49
    assert max(late[150:]) < 0.001
