"""What rooms and lines do to speech: echoes and noises of a known level."""

import numpy as np
import pytest

from audiosocket import slin
from supervisor.callers.echo import FRAME_SAMPLES, EchoPath
from supervisor.callers.noises import NoiseKind, noise


def frame(level: int) -> slin.Samples:
    return np.full(FRAME_SAMPLES, level, np.int16)


def test_what_was_heard_comes_back_after_the_delay_softer() -> None:
    path = EchoPath(delay_ms=60, return_loss_db=20)
    back = []
    for level in (10_000, 0, 0, 0, 0):
        back.append(int(path.pick_up(frame(100))[0]))
        path.hear(frame(level))
    assert back == [100, 100, 100, 1100, 100]


def test_an_echo_never_wraps_around() -> None:
    path = EchoPath(delay_ms=20, return_loss_db=0)
    path.hear(frame(30_000))
    path.pick_up(frame(0))
    assert int(path.pick_up(frame(30_000))[0]) == 32_767


def test_a_line_that_gives_nothing_has_no_echo() -> None:
    path = EchoPath(delay_ms=20, return_loss_db=0)
    path.pick_up(frame(0))
    assert int(path.pick_up(frame(7))[0]) == 7


@pytest.mark.parametrize("kind", ["street", "hum", "hiss", "music", "babble"])
def test_a_noise_is_as_far_below_speech_as_asked_and_the_same_for_the_same_seed(
    kind: NoiseKind,
) -> None:
    sound = noise(kind, 10.0, 15.0, seed=3)
    assert sound.size == 80_000
    assert slin.level_dbfs(sound) == pytest.approx(-35, abs=0.7)
    assert np.array_equal(sound, noise(kind, 10.0, 15.0, seed=3))


@pytest.mark.parametrize("kind", ["hiss", "music", "babble"])
def test_another_seed_is_another_noise(kind: NoiseKind) -> None:
    assert not np.array_equal(noise(kind, 1.0, 15.0, seed=3), noise(kind, 1.0, 15.0, seed=4))
