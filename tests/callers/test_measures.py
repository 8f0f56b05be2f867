"""The wire's figures, on conversations written down by hand."""

import pytest

from supervisor.callers.ears import Sound
from supervisor.callers.measures import (
    Said,
    barge_in_ms,
    quantiles,
    voice_to_voice_ms,
)


def test_voice_to_voice_runs_from_the_last_speech_to_the_first_answer() -> None:
    sounds = [Sound(0.1, 2.0), Sound(5.3, 7.0), Sound(9.0, 9.5)]
    assert voice_to_voice_ms(Said("oi", 3.0, 5.0), sounds, before=99) == pytest.approx(300)


def test_an_answer_after_the_person_spoke_again_is_no_answer_to_the_first() -> None:
    sounds = [Sound(0.1, 2.0), Sound(8.0, 9.0)]
    assert voice_to_voice_ms(Said("oi", 3.0, 5.0), sounds, before=6.0) is None


def test_speech_that_the_other_side_spoke_over_has_no_voice_to_voice() -> None:
    assert voice_to_voice_ms(Said("oi", 3.0, 5.0), [Sound(0.1, 5.5)], before=99) is None


def test_a_barge_in_is_measured_to_the_end_of_the_speech_that_it_cut() -> None:
    sounds = [Sound(0.1, 1.12), Sound(4.0, 5.0)]
    assert barge_in_ms(Said("oi", 1.0, 3.0, interrupting=True), sounds) == pytest.approx(120)


def test_speech_into_silence_is_no_barge_in() -> None:
    assert barge_in_ms(Said("oi", 2.0, 3.0, interrupting=True), [Sound(0.1, 1.0)]) is None
    assert barge_in_ms(Said("oi", 0.5, 3.0), [Sound(0.1, 1.0)]) is None


def test_quantiles_of_nothing_are_nothing() -> None:
    assert quantiles([]) is None
    figures = quantiles([float(value) for value in range(101)])
    assert figures is not None
    assert (figures.p50, figures.p95, figures.worst, figures.count) == (50, 95, 100, 101)
