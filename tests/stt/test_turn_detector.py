"""Turns from voice activity, driven frame by frame."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stt.endpointing import Completeness, EndOfTurn, FixedEndOfTurn, TurnTiming
from stt.turn_detector import (
    EndReason,
    FalseStart,
    Paused,
    Resumed,
    SpeechStarted,
    TurnDetector,
    TurnEnded,
    TurnEvent,
)

SPEECH, SILENCE = True, False
TIMING = TurnTiming(complete_ms=220, likely_ms=300, unknown_ms=480, open_ms=1100)


def feed(detector: TurnDetector, speech: bool, duration_ms: int) -> list[TurnEvent]:
    events: list[TurnEvent] = []
    for _ in range(duration_ms // 20):
        events += detector.frame(speech)
    return events


def only_pause(events: Iterable[TurnEvent]) -> Paused:
    (pause,) = events
    assert isinstance(pause, Paused)
    return pause


def test_a_silent_line_gives_no_events() -> None:
    assert feed(TurnDetector(TIMING), SILENCE, 60_000) == []


def test_a_turn_of_unknown_meaning_starts_pauses_and_ends() -> None:
    detector = TurnDetector(TIMING)
    assert feed(detector, SPEECH, 600) == [SpeechStarted(age_ms=20)]
    assert feed(detector, SILENCE, 460) == [Paused(1, speech_ms=600, silence_ms=120)]
    assert feed(detector, SILENCE, 20) == [TurnEnded(speech_ms=600, silence_ms=480)]
    assert not detector.in_turn


def test_a_complete_answer_ends_its_turn_early() -> None:
    detector = TurnDetector(TIMING)
    feed(detector, SPEECH, 400)
    pause = only_pause(feed(detector, SILENCE, 120))
    assert detector.judge(pause, Completeness.COMPLETE) == ()
    assert feed(detector, SILENCE, 100) == [TurnEnded(speech_ms=400, silence_ms=220)]


def test_a_judgement_that_comes_late_ends_the_turn_at_once() -> None:
    detector = TurnDetector(TIMING)
    feed(detector, SPEECH, 400)
    pause = only_pause(feed(detector, SILENCE, 300))
    assert detector.judge(pause, Completeness.COMPLETE) == (TurnEnded(400, 300),)


def test_an_unfinished_answer_is_given_time_to_go_on() -> None:
    detector = TurnDetector(TIMING)
    feed(detector, SPEECH, 800)
    pause = only_pause(feed(detector, SILENCE, 120))
    detector.judge(pause, Completeness.OPEN)
    assert feed(detector, SILENCE, 960) == []
    assert feed(detector, SILENCE, 20) == [TurnEnded(800, 1100)]


def test_a_judgement_may_be_revised_while_the_pause_lasts() -> None:
    detector = TurnDetector(TIMING)
    feed(detector, SPEECH, 800)
    pause = only_pause(feed(detector, SILENCE, 120))
    detector.judge(pause, Completeness.OPEN)
    feed(detector, SILENCE, 400)
    assert detector.judge(pause, Completeness.UNKNOWN) == (TurnEnded(800, 520),)


def test_speech_that_goes_on_makes_the_judgement_void() -> None:
    detector = TurnDetector(TIMING)
    feed(detector, SPEECH, 400)
    pause = only_pause(feed(detector, SILENCE, 160))
    assert feed(detector, SPEECH, 400) == [Resumed(pause_ms=160)]
    assert detector.judge(pause, Completeness.COMPLETE) == ()
    second = only_pause(feed(detector, SILENCE, 300))
    assert second.number == pause.number + 1
    assert second.speech_ms == 960, "the pause inside is part of the speech"


def test_the_judgement_of_one_pause_does_not_count_for_the_next() -> None:
    detector = TurnDetector(TIMING)
    feed(detector, SPEECH, 400)
    pause = only_pause(feed(detector, SILENCE, 120))
    detector.judge(pause, Completeness.COMPLETE)
    feed(detector, SPEECH, 400)
    feed(detector, SILENCE, 460)
    assert detector.in_turn
    assert feed(detector, SILENCE, 20) == [TurnEnded(920, 480)]


def test_a_late_judgement_of_an_earlier_pause_does_not_touch_a_later_one() -> None:
    detector = TurnDetector(TIMING)
    feed(detector, SPEECH, 400)
    first = only_pause(feed(detector, SILENCE, 120))
    feed(detector, SPEECH, 400)
    only_pause(feed(detector, SILENCE, 300))
    assert detector.judge(first, Completeness.COMPLETE) == ()
    assert detector.in_turn


def test_gaps_shorter_than_the_speculative_silence_are_part_of_speech() -> None:
    detector = TurnDetector(TIMING)
    events: list[TurnEvent] = []
    for _ in range(5):
        events += feed(detector, SPEECH, 200) + feed(detector, SILENCE, 100)
    assert events == [SpeechStarted(20)]


def test_a_sound_too_short_for_speech_is_a_false_start() -> None:
    detector = TurnDetector(TIMING)
    assert feed(detector, SPEECH, 60) == [SpeechStarted(20)]
    assert feed(detector, SILENCE, 240)[1:] == [FalseStart(speech_ms=60)]
    assert not detector.in_turn


def test_the_onset_may_ask_for_more_than_one_frame() -> None:
    detector = TurnDetector(replace(TIMING, onset_ms=60, onset_window_ms=100))
    assert feed(detector, SPEECH, 40) + feed(detector, SILENCE, 20) == []
    assert feed(detector, SPEECH, 20) == [SpeechStarted(age_ms=80)]


@pytest.mark.parametrize("window_ms", [80, 400])
def test_a_click_in_a_pause_does_not_restart_the_silence(window_ms: int) -> None:
    detector = TurnDetector(replace(TIMING, onset_ms=40, onset_window_ms=window_ms))
    feed(detector, SPEECH, 600)
    events = feed(detector, SILENCE, 300) + feed(detector, SPEECH, 20)
    events += feed(detector, SILENCE, 160)
    assert events[-1] == TurnEnded(600, 480)


def test_endless_sound_is_cut_into_turns_of_the_longest_length() -> None:
    detector = TurnDetector(replace(TIMING, longest_turn_ms=5000))
    events = feed(detector, SPEECH, 10_100)
    assert [type(e) for e in events] == [SpeechStarted, TurnEnded] * 2 + [SpeechStarted]
    assert events[1] == TurnEnded(5000, 0, EndReason.TOO_LONG)


def test_missing_frames_are_silence() -> None:
    detector = TurnDetector(TIMING)
    feed(detector, SPEECH, 600)
    assert detector.gap(100) == []
    assert [type(e) for e in detector.gap(5000)] == [Paused, TurnEnded]
    assert detector.gap(3_600_000) == []


def test_gaps_of_less_than_a_frame_add_up() -> None:
    detector = TurnDetector(TIMING)
    feed(detector, SPEECH, 600)
    assert [type(e) for _ in range(13) for e in detector.gap(10)] == [Paused]
    assert detector.silence_ms == 120


def test_after_a_reset_the_line_is_quiet() -> None:
    detector = TurnDetector(TIMING)
    feed(detector, SPEECH, 600)
    detector.reset()
    assert feed(detector, SILENCE, 5000) == []


class Impatient:
    """Wants no silence at all; the first pause is then the end."""

    def silence_ms(self, completeness: Completeness, speech_ms: int) -> int:
        return 0


def test_a_turn_never_ends_before_recognition_could_start() -> None:
    strategy: EndOfTurn = Impatient()
    detector = TurnDetector(TIMING, end_of_turn=strategy)
    feed(detector, SPEECH, 600)
    assert feed(detector, SILENCE, 120) == [Paused(1, 600, 120), TurnEnded(600, 120)]


# -------------------------------------------------------------------- for any line whatever

RUNS = st.lists(st.tuples(st.booleans(), st.integers(1, 120)), max_size=40)
FOLLOWS: dict[type[TurnEvent] | None, set[type[TurnEvent]]] = {
    None: {SpeechStarted},
    SpeechStarted: {Paused, TurnEnded},
    Paused: {Resumed, TurnEnded, FalseStart},
    Resumed: {Paused, TurnEnded},
    TurnEnded: {SpeechStarted},
    FalseStart: {SpeechStarted},
}


def play(detector: TurnDetector, runs: list[tuple[bool, int]]) -> list[tuple[int, TurnEvent]]:
    frames = [speech for speech, length in runs for _ in range(length)]
    return [(at, event) for at, speech in enumerate(frames) for event in detector.frame(speech)]


@given(RUNS, st.sampled_from([20, 40, 60]))
def test_events_come_in_an_order_that_makes_sense(
    runs: list[tuple[bool, int]], onset_ms: int
) -> None:
    before: type[TurnEvent] | None = None
    for _, event in play(TurnDetector(replace(TIMING, onset_ms=onset_ms)), runs):
        assert type(event) in FOLLOWS[before]
        before = type(event)


@given(RUNS)
def test_no_turn_without_speech_in_it(runs: list[tuple[bool, int]]) -> None:
    frames = [speech for speech, length in runs for _ in range(length)]
    timing = TIMING
    for at, event in play(TurnDetector(timing), runs):
        if isinstance(event, TurnEnded):
            end = at + 1 - event.silence_ms // 20
            voiced = frames[end - event.speech_ms // 20 : end]
            assert sum(voiced) * 20 >= timing.least_speech_ms
            assert voiced[0] and voiced[-1]


@given(RUNS, st.integers(200, 2000))
def test_silence_after_a_turn_is_what_was_really_silent(
    runs: list[tuple[bool, int]], wait_ms: int
) -> None:
    frames = [speech for speech, length in runs for _ in range(length)]
    for at, event in play(TurnDetector(TIMING, end_of_turn=FixedEndOfTurn(wait_ms)), runs):
        if isinstance(event, TurnEnded) and event.reason is EndReason.SILENCE:
            silent = event.silence_ms // 20
            assert not any(frames[at + 1 - silent : at + 1])
            assert wait_ms <= event.silence_ms < wait_ms + 20


@given(RUNS)
def test_every_turn_is_over_once_the_line_stays_silent(runs: list[tuple[bool, int]]) -> None:
    detector = TurnDetector(TIMING)
    play(detector, runs)
    detector.gap(2000)
    assert not detector.in_turn
    assert detector.silence_ms == 0


@given(RUNS, st.sampled_from(list(Completeness)))
def test_no_turn_is_longer_than_its_ceiling(
    runs: list[tuple[bool, int]], completeness: Completeness
) -> None:
    timing = replace(TIMING, longest_turn_ms=2000)
    detector = TurnDetector(timing)
    for speech, length in runs:
        for _ in range(length):
            for event in detector.frame(speech):
                if isinstance(event, Paused):
                    detector.judge(event, completeness)
                if isinstance(event, TurnEnded):
                    assert event.speech_ms + event.silence_ms <= timing.longest_turn_ms


@pytest.mark.parametrize("speech", [SPEECH, SILENCE])
def test_a_frame_is_never_more_than_three_events(speech: bool) -> None:
    detector = TurnDetector(replace(TIMING, longest_turn_ms=1120))
    feed(detector, SPEECH, 1000)
    assert all(len(detector.frame(speech)) <= 3 for _ in range(100))
