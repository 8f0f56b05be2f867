"""Frames, pre-roll and the noise floor: what every voice detector stands on."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stt.noise import QUIETEST_POWER, NoiseFloor, decibels, mean_square
from stt.vad import FRAME_SAMPLES, FrameAssembler, PreRoll

SIZES = st.lists(st.integers(0, 700), max_size=30)


def count_up(start: int, length: int) -> np.ndarray:
    return np.arange(start, start + length).astype(np.int16)


@given(SIZES)
def test_packets_of_any_size_become_frames_without_loss(sizes: list[int]) -> None:
    assembler = FrameAssembler()
    sent, frames = 0, []
    for size in sizes:
        frames += list(assembler.push(count_up(sent, size)))
        sent += size
    assert all(len(frame) == FRAME_SAMPLES for frame in frames)
    assert len(frames) == sent // FRAME_SAMPLES
    if frames:
        np.testing.assert_array_equal(np.concatenate(frames), count_up(0, len(frames) * 160))


def test_half_a_frame_is_dropped_when_its_other_half_never_comes() -> None:
    assembler = FrameAssembler()
    assert list(assembler.push(count_up(0, 80))) == []
    assembler.drop()
    (frame,) = assembler.push(count_up(500, 160))
    assert frame[0] == 500


@given(SIZES)
def test_the_pre_roll_is_the_newest_audio_in_order(sizes: list[int]) -> None:
    pre_roll = PreRoll(capacity_ms=50)
    sent = 0
    for size in sizes:
        pre_roll.push(count_up(sent, size))
        sent += size
    kept = min(sent, 400)
    np.testing.assert_array_equal(pre_roll.take(), count_up(sent - kept, kept))


def test_no_audio_is_handed_out_twice() -> None:
    pre_roll = PreRoll(capacity_ms=100)
    pre_roll.push(count_up(0, 1000))
    assert len(pre_roll.take()) == 800
    assert len(pre_roll.take()) == 0
    pre_roll.push(count_up(1000, 160))
    np.testing.assert_array_equal(pre_roll.take(), count_up(1000, 160))


def test_what_was_taken_does_not_change_afterwards() -> None:
    pre_roll = PreRoll(capacity_ms=100)
    pre_roll.push(count_up(0, 800))
    taken = pre_roll.take()
    pre_roll.push(np.zeros(800, np.int16))
    np.testing.assert_array_equal(taken, count_up(0, 800))


def test_a_gap_is_silence_in_its_place() -> None:
    pre_roll = PreRoll(capacity_ms=100)
    pre_roll.push(count_up(1, 800))
    pre_roll.gap(60)
    pre_roll.push(count_up(1, 160))
    taken = pre_roll.take()
    np.testing.assert_array_equal(taken[:160], count_up(641, 160))
    assert not taken[160:640].any()
    pre_roll.gap(10_000)
    assert len(pre_roll.take()) == 800


def test_power_is_the_mean_square_of_the_steps() -> None:
    assert mean_square(np.full(160, -100, np.int16)) == pytest.approx(10_000)
    assert mean_square(np.full(160, -32768, np.int16)) == pytest.approx(2**30)


def settle(take: Callable[[float], None], power: float, seconds: float) -> None:
    for _ in range(round(seconds * 50)):
        take(power)


def test_the_first_sound_of_a_line_is_the_first_guess_at_its_background() -> None:
    floor = NoiseFloor()
    assert not floor.known
    floor.follow(1e4)
    assert floor.known
    assert floor.power == 1e4


def test_the_floor_follows_the_background_within_seconds() -> None:
    floor = NoiseFloor()
    settle(floor.follow, 1e4, 1)
    settle(floor.follow, 1e6, 2)
    assert floor.power == pytest.approx(1e6, rel=0.05)
    settle(floor.follow, 1e4, 3)
    assert floor.power == pytest.approx(1e4, rel=0.1)


def test_a_click_hardly_moves_the_floor() -> None:
    floor = NoiseFloor()
    settle(floor.follow, 1e4, 1)
    floor.follow(1e9)
    assert floor.power < 2e4


def test_a_word_that_is_doubted_does_not_become_its_own_background() -> None:
    floor = NoiseFloor()
    settle(floor.follow, 1e4, 1)
    settle(floor.doubt, 1e8, 0.2)
    assert floor.power < 1e4 * decibels(6.5)


def test_rain_that_is_doubted_is_background_after_a_second() -> None:
    floor = NoiseFloor()
    settle(floor.follow, 1e4, 1)
    settle(floor.doubt, 1e6, 1)
    assert floor.power == pytest.approx(1e6)


def test_a_floor_that_was_guessed_too_high_sinks_even_while_somebody_speaks() -> None:
    floor = NoiseFloor()
    floor.follow(1e6)
    settle(floor.creep, 1e4, 2)
    assert floor.power < 1.1e5


def test_speech_does_not_become_background_while_a_sentence_lasts() -> None:
    floor = NoiseFloor()
    settle(floor.follow, 1e4, 1)
    settle(floor.creep, 1e8, 4)
    assert floor.power < 1e4 * decibels(6.5)


def test_noise_taken_for_speech_becomes_background_in_the_end() -> None:
    floor = NoiseFloor()
    settle(floor.follow, 1e4, 1)
    settle(floor.creep, 1e6, 20)
    assert floor.power == pytest.approx(1e6)


@given(st.lists(st.tuples(st.floats(0, 2**30), st.integers(0, 2)), max_size=200))
def test_the_floor_is_always_a_power_that_a_line_can_have(frames: list[tuple[float, int]]) -> None:
    floor = NoiseFloor()
    ways = (floor.follow, floor.doubt, floor.creep)
    for power, way in frames:
        ways[way](power)
        assert QUIETEST_POWER <= floor.power <= 2**30
