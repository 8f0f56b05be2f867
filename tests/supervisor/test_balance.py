"""Extensions go where there is less to do."""

from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import pytest

from supervisor.workers.balance import FAR_OVER, WORTH_IT_CALLS, better_spread
from supervisor.workers.post import HALF_LIFE_S, STANDING_BY, Assignment, Load, Post, least_busy

SOMETHING = cast(Any, SimpleNamespace())
"""An extension, its sockets, or a worker: here it only matters that it is there."""


def _post(*loads: Load) -> Post:
    assignments = {uuid4(): Assignment(SOMETHING, SOMETHING, load) for load in loads}
    return Post(isolated=False, assignments=assignments, worker=SOMETHING)


def test_one_with_calls_is_busier_than_one_with_many_idle_extensions() -> None:
    calls, many = _post(Load(3)), _post(*(Load() for _ in range(20)))
    assert least_busy([calls, many]) is many


def test_without_any_calls_the_number_of_extensions_decides() -> None:
    two, three = _post(Load(), Load()), _post(Load(), Load(), Load())
    assert least_busy([three, two]) is two


def test_calls_of_before_count_for_a_while() -> None:
    load = Load()
    for _ in range(round(HALF_LIFE_S)):
        load.note(10, 1.0)
    assert load.average == pytest.approx(5.0, rel=0.01)
    load.note(0, 1.0)
    assert load.expected == pytest.approx(5.0 + STANDING_BY, rel=0.01)
    load.note(0, HALF_LIFE_S)
    assert load.expected == pytest.approx(2.5 + STANDING_BY, rel=0.01)


def test_a_worker_tells_of_the_calls_of_each_extension() -> None:
    post = _post(Load(), Load(7))
    first, second = post.assignments
    post.note({str(first): 2}, 100.0)
    assert [post.assignments[each].load.calls for each in (first, second)] == [2, 0]


def test_one_that_is_far_over_gives_away_the_idle_extension_that_is_used_most() -> None:
    heavy, light = _post(Load(9), Load(0, 1.0), Load(0, 2.0), Load()), _post(Load(1))
    heavier, extension_id, lighter = better_spread([light, heavy]) or pytest.fail("stays")
    assert (heavier, lighter) == (heavy, light)
    assert heavy.assignments[extension_id].load.average == 2.0


def test_an_extension_with_calls_never_moves() -> None:
    assert better_spread([_post(Load(9), Load(1)), _post(Load())]) is None


def test_one_that_would_only_turn_things_round_stays() -> None:
    assert better_spread([_post(Load(0, 9.0), Load(1, 0.0)), _post()]) is None


def test_a_small_difference_moves_nothing() -> None:
    assert better_spread([_post(Load(round(WORTH_IT_CALLS) - 1), Load()), _post()]) is None
    much = round(2 * WORTH_IT_CALLS)
    assert (
        better_spread([_post(Load(round(much * FAR_OVER) - 1), Load()), _post(Load(much))]) is None
    )


def test_a_worker_that_is_being_replaced_takes_part_in_nothing() -> None:
    heavy, light = _post(Load(9), Load()), _post()
    light.worker = None
    assert better_spread([heavy, light]) is None
