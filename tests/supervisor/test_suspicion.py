"""What is held against the extensions of a worker that keeps ending."""

import pytest

from supervisor.workers.suspicion import (
    CRASHES,
    PROBATION_S,
    WINDOW_S,
    Ended,
    How,
    Suspicion,
    half_of,
)

CRASH = Ended("it was ended by SIGSEGV", How.CRASHED)


def test_only_crashes_in_a_row_count() -> None:
    suspicion = Suspicion()
    told = [suspicion.hold(CRASH, n * WINDOW_S / CRASHES) for n in range(CRASHES)]
    assert told == [False] * (CRASHES - 1) + [True]
    assert not Suspicion().hold(CRASH, 0)
    spread = Suspicion()
    assert not any(spread.hold(CRASH, n * WINDOW_S * 0.6) for n in range(20))


@pytest.mark.parametrize("how", [How.LEFT, How.NOT_STARTED])
def test_who_is_killed_from_outside_or_never_started_blames_nobody(how: How) -> None:
    suspicion = Suspicion()
    assert not any(suspicion.hold(Ended("why", how), n) for n in range(10))


def test_half_of_the_suspects_is_singled_out_and_the_next_crash_counts_at_once() -> None:
    suspicion = Suspicion()
    suspicion.single_out(100)
    assert suspicion.hold(CRASH, 101)
    assert not suspicion.is_cleared(101 + PROBATION_S)
    assert suspicion.is_cleared(102 + PROBATION_S)
    assert not Suspicion().is_cleared(1e9)


def test_halving_ends_at_one() -> None:
    suspects = list(range(100))
    rounds = 0
    while len(suspects) > 1:
        half = half_of(suspects)
        assert 0 < len(half) < len(suspects)
        suspects = [each for each in suspects if each not in half]
        rounds += 1
    assert rounds <= 7
