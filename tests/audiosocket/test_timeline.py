import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiosocket.timeline import AHEAD_S, Admission, Timeline

FRAME_S = 0.02
STALE_S = 0.4


def _timeline() -> Timeline:
    return Timeline(0.0, stale_s=STALE_S)


def test_punctual_frames_are_all_delivered() -> None:
    timeline = _timeline()
    for tick in range(1, 500):
        assert timeline.admit_one(FRAME_S, tick * FRAME_S)
        assert timeline.missing_s(tick * FRAME_S) == 0
    assert timeline.position == pytest.approx(499 * FRAME_S)


def test_packets_of_60_ms_are_no_gap() -> None:
    timeline = _timeline()
    for tick in range(1, 300):
        now = tick * FRAME_S
        assert timeline.missing_s(now) == 0
        if tick % 3 == 0:
            assert timeline.admit_one(3 * FRAME_S, now)


def test_frames_of_a_whole_second_are_taken_and_no_gap_is_told_between_them() -> None:
    timeline = _timeline()
    assert timeline.admit([1.0], 0.05).drop == 0
    for tick in range(50, 100):
        assert timeline.missing_s(tick * FRAME_S) == 0
    assert timeline.admit([1.0], 1.05) == Admission(0, 0.0)


def test_silence_suppression_is_told_as_gaps_that_follow_the_clock() -> None:
    timeline = _timeline()
    told = [timeline.missing_s(tick * FRAME_S) for tick in range(1, 101)]
    assert told[:4] == [0] * 4
    assert told[4] == pytest.approx(0.1)
    assert all(gap == pytest.approx(FRAME_S) for gap in told[5:])
    assert sum(told) == pytest.approx(2.0)


def test_audio_after_a_gap_goes_on_at_the_present_moment() -> None:
    timeline = _timeline()
    assert timeline.missing_s(10.0) == pytest.approx(10.0)
    assert timeline.admit_one(FRAME_S, 10.02)
    assert timeline.position == pytest.approx(10.02)


def test_a_short_stall_loses_nothing() -> None:
    timeline = _timeline()
    assert timeline.admit([FRAME_S] * 15, 0.3) == Admission(0, 0.0)


def test_of_a_long_stall_only_the_newest_audio_is_kept() -> None:
    timeline = _timeline()
    admission = timeline.admit([FRAME_S] * 100, 2.0)
    assert admission.drop == pytest.approx((2.0 - STALE_S) / FRAME_S, abs=1)
    assert admission.gap_s == pytest.approx(admission.drop * FRAME_S)
    assert timeline.position == pytest.approx(2.0)


def test_101_seconds_of_old_audio_in_many_reads_end_up_at_the_present() -> None:
    """Asterisk keeps all that a stalled server did not read, and delivers it at once."""
    timeline, delivered_s, gap_s = _timeline(), 0.0, 0.0
    for _ in range(25):
        admission = timeline.admit([FRAME_S] * 202, 101.0)
        delivered_s += (202 - admission.drop) * FRAME_S
        gap_s += admission.gap_s
    assert delivered_s <= STALE_S + FRAME_S
    assert gap_s + delivered_s == pytest.approx(101.0)


def test_audio_that_the_peer_held_back_is_dropped_but_for_the_newest() -> None:
    timeline = _timeline()
    for tick in range(1, 101):
        timeline.missing_s(tick * FRAME_S)
    admission = timeline.admit([FRAME_S] * 100, 2.0)
    assert admission.gap_s == 0  # its time was told as a gap already
    assert (100 - admission.drop) * FRAME_S == pytest.approx(AHEAD_S, abs=1.5 * FRAME_S)


def test_a_peer_whose_clock_runs_fast_is_held_to_ours() -> None:
    timeline, dropped = _timeline(), 0
    for tick in range(1, 20_000):
        now = tick * FRAME_S * 0.998
        if not timeline.admit_one(FRAME_S, now):
            dropped += timeline.admit([FRAME_S], now).drop
        assert timeline.position - now <= AHEAD_S + FRAME_S
    assert dropped > 0


@given(st.lists(st.tuples(st.integers(0, 150), st.integers(0, 150)), min_size=1, max_size=40))
def test_the_listeners_time_never_leaves_the_clock(steps: list[tuple[int, int]]) -> None:
    """Whatever comes after whatever pause: what is told stays within 0.4 s of the time passed."""
    timeline, now, told_s = _timeline(), 0.0, 0.0
    for pause_ticks, burst in steps:
        for _ in range(pause_ticks):
            now += FRAME_S
            told_s += timeline.missing_s(now)
        if burst:
            admission = timeline.admit([FRAME_S] * burst, now)
            told_s += admission.gap_s + (burst - admission.drop) * FRAME_S
        assert told_s == pytest.approx(timeline.position)
        assert -STALE_S <= told_s - now <= AHEAD_S + 2 * FRAME_S
