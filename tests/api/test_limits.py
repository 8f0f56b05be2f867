"""The rate limit, with the time driven by the test."""

from hypothesis import given
from hypothesis import strategies as st

from supervisor.api import limits
from supervisor.api.limits import RateLimit


def test_a_minutes_requests_may_come_at_once_and_one_more_may_not() -> None:
    limit = RateLimit(3)
    shares = [limit.take("a", 100.0) for _ in range(4)]
    assert [share.remaining for share in shares] == [2, 1, 0, 0]
    assert [share.retry_after_s for share in shares] == [0, 0, 0, 20]
    assert limit.take("b", 100.0).remaining == 2


def test_whoever_waits_as_long_as_told_is_let_in() -> None:
    limit = RateLimit(7)
    share = limit.take("a", 0.0)
    while not share.retry_after_s:
        share = limit.take("a", 0.0)
    assert limit.take("a", 0.0 + share.retry_after_s).retry_after_s == 0


@given(st.integers(1, 50), st.lists(st.floats(0, 30), max_size=200))
def test_no_minute_has_more_than_twice_the_limit(per_minute: int, pauses: list[float]) -> None:
    limit, now, let_in = RateLimit(per_minute), 0.0, []
    for pause in pauses:
        now += pause
        if not limit.take("a", now).retry_after_s:
            let_in.append(now)
    for begin in let_in:
        assert sum(begin <= each < begin + 60 for each in let_in) <= 2 * per_minute + 1


def test_those_that_were_silent_the_longest_are_forgotten() -> None:
    limit = RateLimit(1)
    for number in range(limits.REMEMBERED + 1):
        limit.take(str(number), 0.0)
    assert limit.take("0", 0.0).retry_after_s == 0
    assert limit.take(str(limits.REMEMBERED), 0.0).retry_after_s > 0
