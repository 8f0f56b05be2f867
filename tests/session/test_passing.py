"""A voice passed on from one line to another, whatever their rates."""

import numpy as np
import pytest

from audiosocket.frames import frame_bytes
from audiosocket.playback import Playback
from conversation.passing import Passing
from tests.asterisk.sound import likeness, sweep

FRAMES = 50


@pytest.mark.parametrize(("heard_hz", "plays_hz"), [(8000, 8000), (16000, 16000), (8000, 16000)])
def test_a_voice_comes_out_whole_and_at_the_rate_of_the_other_line(
    heard_hz: int, plays_hz: int
) -> None:
    playback = Playback(plays_hz)
    passing = Passing(playback)
    spoken = np.repeat(sweep(1.0), heard_hz // 8000)
    heard = []
    for frame in np.split(spoken, FRAMES):
        passing.push(frame, heard_hz)
        heard.append(playback.next_frame(0.0)[3:])
    assert {len(frame) for frame in heard} == {frame_bytes(plays_hz)}
    samples = np.frombuffer(b"".join(heard), "<i2")[:: plays_hz // 8000]
    assert likeness(sweep(1.0)[800:6400], samples) > 0.9


def test_a_wide_voice_is_narrowed_for_a_narrow_line() -> None:
    playback = Playback(8000)
    passing = Passing(playback)
    passing.push(np.ones(16_000, dtype=np.int16), 16_000)
    assert len(playback.next_frame(0.0)[3:]) == frame_bytes(8000)


def test_after_its_end_the_line_is_silent_and_another_voice_is_left_alone() -> None:
    playback = Playback()
    first, second = Passing(playback), Passing(playback)
    first.end()
    second.push(sweep(0.1), 8000)
    assert any(playback.next_frame(0.0)[3:])
    second.end()
    assert not any(playback.next_frame(0.0)[3:])
