"""What may be missing of a turn: arithmetic on when frames came, over thousands of turns."""

import random
from collections.abc import Callable

import pytest

from conversation.losses import Losses, Lost

Delay = Callable[[random.Random], float]
ONSET = 3.0
STEADY: Delay = lambda _: 0.0  # noqa: E731
DELAYS: dict[str, Delay] = {
    "steady": STEADY,
    "jitter of 20 ms": lambda chance: chance.uniform(0, 0.02),
    "jitter of 40 ms": lambda chance: chance.uniform(0, 0.04),
    "stalls": lambda chance: chance.uniform(0.05, 0.2) if chance.random() < 0.02 else 0.0,
}


def turn(
    delay: Delay = STEADY,
    lost: tuple[float, float] = (0, 0),
    *,
    seed: int = 1,
    from_s: float = 0.0,
    until_s: float = ONSET + 0.8,
    masked: bool = False,
    echo: bool = False,
) -> Lost:
    """A turn of half a second that begins at 3 s; ``lost`` counts from its beginning."""
    chance = random.Random(seed)
    losses, came_at, begun = Losses(), 0.0, False
    for number in range(round(from_s * 50), round(until_s * 50)):
        sent_at = number * 0.02 + 0.003
        if lost[0] <= sent_at - ONSET < lost[1]:
            continue
        came_at = max(came_at, sent_at + delay(chance))
        if not begun and came_at >= ONSET + 0.06:
            begun = True
            losses.began(0.08, came_at)
            if masked:
                losses.masked()
            if echo:
                losses.unmasked()
        losses.came(0.02, came_at)
    return losses.of_turn(losses.ended())


@pytest.mark.parametrize("line", DELAYS)
def test_late_frames_are_no_loss(line: str) -> None:
    turns = [turn(DELAYS[line], seed=seed) for seed in range(500)]
    assert turns.count(Lost.NOTHING) >= 498


@pytest.mark.parametrize("line", DELAYS)
@pytest.mark.parametrize("lost", [(-0.26, 0.0), (-0.06, 0.0), (0.0, 0.06), (0.1, 0.3)])
def test_missing_frames_are_one(line: str, lost: tuple[float, float]) -> None:
    turns = [turn(DELAYS[line], lost, seed=seed) for seed in range(200)]
    assert turns.count(Lost.PART) == 200


def test_a_single_frame_is_no_loss() -> None:
    assert turn(lost=(0.1, 0.12)) is Lost.NOTHING


def test_what_was_lost_a_second_ago_does_not_matter() -> None:
    assert turn(lost=(-1.5, -1.2)) is Lost.NOTHING


def test_the_beginning_is_in_doubt_where_we_spoke() -> None:
    assert turn(masked=True) is Lost.START


def test_it_is_not_where_what_covered_it_was_our_echo() -> None:
    assert turn(masked=True, echo=True) is Lost.NOTHING


def test_so_it_is_where_the_line_was_not_heard_before() -> None:
    assert turn(from_s=ONSET - 0.1) is Lost.START


def test_and_where_a_phone_sends_nothing_while_its_owner_is_silent() -> None:
    assert turn(lost=(-2.5, -0.02), until_s=ONSET + 0.5) is Lost.START


@pytest.mark.parametrize("stall_s", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("from_s", [2.0, 2.8, 3.0, 3.3, 3.5])
def test_frames_that_pile_up_while_this_machine_is_busy_are_no_loss(
    from_s: float, stall_s: float
) -> None:
    losses, ended = Losses(), None
    for number in range(250):
        at = number * 0.02
        read_at = from_s + stall_s if from_s <= at < from_s + stall_s else at
        if number == 154:
            losses.began(0.08, read_at)
        losses.came(0.02, read_at)
        if number == 190:
            ended = losses.ended()
    assert ended is not None
    assert losses.of_turn(ended) is Lost.NOTHING
