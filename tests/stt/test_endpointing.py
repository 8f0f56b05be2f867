"""Strategies for the end of a turn."""

import pytest

from stt.endpointing import AdaptiveEndOfTurn, Completeness, FixedEndOfTurn, TurnTiming


def test_a_complete_answer_ends_soonest_and_an_unfinished_one_last() -> None:
    strategy = AdaptiveEndOfTurn()
    waits = [strategy.silence_ms(completeness, 1500) for completeness in Completeness]
    assert waits == sorted(waits)
    assert len(set(waits)) == 4


def test_a_short_sound_of_unknown_meaning_gets_more_time() -> None:
    strategy = AdaptiveEndOfTurn(TurnTiming(short_speech_ms=300, short_speech_extra_ms=200))
    long = strategy.silence_ms(Completeness.UNKNOWN, 301)
    assert strategy.silence_ms(Completeness.UNKNOWN, 300) == long + 200


def test_a_short_answer_that_is_complete_gets_no_extra_time() -> None:
    timing = TurnTiming()
    strategy = AdaptiveEndOfTurn(timing)
    assert strategy.silence_ms(Completeness.COMPLETE, 200) == timing.complete_ms


def test_no_short_sound_is_waited_for_longer_than_an_unfinished_answer() -> None:
    strategy = AdaptiveEndOfTurn(TurnTiming(unknown_ms=1000, short_speech_extra_ms=500))
    assert strategy.silence_ms(Completeness.UNKNOWN, 100) == TurnTiming().open_ms


@pytest.mark.parametrize("completeness", list(Completeness))
def test_the_fixed_strategy_waits_the_same_whatever_was_said(completeness: Completeness) -> None:
    assert FixedEndOfTurn(650).silence_ms(completeness, 100) == 650
    assert FixedEndOfTurn(650).silence_ms(completeness, 9000) == 650


def test_recognition_always_has_a_head_start_on_the_shortest_wait() -> None:
    timing = TurnTiming()
    assert timing.speculative_ms < timing.complete_ms


@pytest.mark.parametrize(
    "wrong",
    [
        {"complete_ms": 800},
        {"likely_ms": 950},
        {"open_ms": 300},
        {"speculative_ms": 0},
        {"onset_ms": 100, "onset_window_ms": 80},
        {"longest_turn_ms": 1000},
    ],
)
def test_contradicting_times_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must"):
        TurnTiming(**wrong)
