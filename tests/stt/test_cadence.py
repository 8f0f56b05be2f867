"""What the pitch before a pause says about the end of a turn."""

import asyncio

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversation.ear import Ear
from stt.cadence import Cadence, CadenceWatch, is_moved_by_voice, weigh
from stt.endpointing import Completeness
from stt.turn_detector import TurnDetector
from stt.vad import RATE_HZ, Samples
from tests.hearing import LoudIsSpeech, Turns
from tests.stt.test_turn_model import Words

FALLING, RISING = (0.0, 2.0, 3.0, 1.0, -4.0), (0.0, -2.0, 0.0, -1.0, 3.0)
"""Semitones along a turn."""


def a_voice(melody: tuple[float, ...], middle_hz: float, length_ms: int = 1200) -> Samples:
    """Harmonics of a gliding pitch as a telephone lets them through, 300 to 3400 Hz."""
    count = length_ms * RATE_HZ // 1000
    glide = np.interp(np.linspace(0, len(melody) - 1, count), range(len(melody)), melody)
    pitch = middle_hz * 2 ** (glide / 12)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE_HZ
    voice = np.zeros(count)
    for harmonic in range(1, 40):
        passed = (pitch * harmonic > 300) & (pitch * harmonic < 3400)
        voice += np.where(passed, np.sin(harmonic * phase) / harmonic, 0.0)
    return (voice / np.abs(voice).max() * 12_000).astype(np.int16)


def with_pause(voice: Samples, pause_ms: int = 140) -> Samples:
    return np.concatenate((voice, np.zeros(pause_ms * RATE_HZ // 1000, np.int16)))


@pytest.mark.parametrize("middle_hz", [95.0, 130.0, 210.0, 290.0])
def test_a_voice_that_comes_down_to_its_floor_has_fallen_whoever_speaks(middle_hz: float) -> None:
    assert CadenceWatch().before_pause(with_pause(a_voice(FALLING, middle_hz))) is Cadence.FALLS


@pytest.mark.parametrize("middle_hz", [95.0, 130.0, 210.0, 290.0])
def test_a_voice_that_ends_above_its_floor_stays_up(middle_hz: float) -> None:
    assert CadenceWatch().before_pause(with_pause(a_voice(RISING, middle_hz))) is Cadence.STAYS_UP


def test_a_voice_without_melody_says_nothing() -> None:
    assert CadenceWatch().before_pause(with_pause(a_voice((0.0, 0.0), 130.0))) is Cadence.UNCLEAR


def test_noise_silence_and_a_click_have_no_cadence() -> None:
    noise = np.random.default_rng(1).normal(0, 3000, 8000).astype(np.int16)
    for sound in (noise, np.zeros(8000, np.int16), np.zeros(0, np.int16), noise[:100]):
        assert CadenceWatch().before_pause(sound) is Cadence.UNCLEAR


def test_what_was_said_long_before_does_not_move_the_floor() -> None:
    deep_then_high = np.concatenate(
        (a_voice((0.0, 0.0), 90.0, 4000), a_voice(FALLING, 130.0, 2400))
    )
    assert CadenceWatch().before_pause(with_pause(deep_then_high)) is Cadence.FALLS


@settings(max_examples=20)
@given(st.floats(0.02, 1.0), st.sampled_from([FALLING, RISING]))
def test_how_loud_somebody_is_does_not_matter(gain: float, melody: tuple[float, ...]) -> None:
    voice = with_pause(a_voice(melody, 130.0))
    softer = (voice * gain).astype(np.int16)
    assert CadenceWatch().before_pause(softer) is CadenceWatch().before_pause(voice)


def test_words_that_are_certain_or_half_said_are_not_the_voices_business() -> None:
    for words in (Completeness.CERTAIN, Completeness.OPEN):
        assert not is_moved_by_voice(words)
        assert {weigh(words, cadence) for cadence in Cadence} == {words}


def test_a_voice_moves_a_judgement_by_one_step_and_an_unclear_one_by_none() -> None:
    assert weigh(Completeness.COMPLETE, Cadence.STAYS_UP) is Completeness.LIKELY
    assert weigh(Completeness.LIKELY, Cadence.STAYS_UP) is Completeness.UNKNOWN
    assert weigh(Completeness.ENOUGH, Cadence.STAYS_UP) is Completeness.UNKNOWN
    assert weigh(Completeness.ENOUGH, Cadence.FALLS) is Completeness.COMPLETE
    assert all(weigh(words, Cadence.UNCLEAR) is words for words in Completeness)


def test_a_voice_that_falls_hurries_nothing_but_what_is_enough() -> None:
    """A resident's "sim" is judged likely: the breath before "... não" is his, however he fell."""
    hurried = {words for words in Completeness if weigh(words, Cadence.FALLS) is not words}
    assert hurried == {Completeness.ENOUGH}


@pytest.mark.parametrize(
    ("words", "melody", "silence_ms"),
    [
        (Completeness.COMPLETE, FALLING, 320),
        (Completeness.COMPLETE, RISING, 720),
        (Completeness.CERTAIN, RISING, 320),
        (Completeness.ENOUGH, FALLING, 320),
        (Completeness.UNKNOWN, FALLING, 900),
    ],
)
async def test_an_ear_waits_as_long_as_words_and_voice_ask_for(
    words: Completeness, melody: tuple[float, ...], silence_ms: int
) -> None:
    listener = Turns()
    ear = Ear(
        LoudIsSpeech(),
        TurnDetector(),
        lambda rate_hz: Words(),
        lambda text: words,
        listener,
        cadence=CadenceWatch(),
    )
    line = with_pause(a_voice(melody, 130.0), 1300)
    for frame in line[: len(line) // 160 * 160].reshape(-1, 160):
        ear.hear(frame)
        for _ in range(4):
            await asyncio.sleep(0)
    assert [turn.silence_ms for turn in listener.turns] == [silence_ms]
    await ear.close()
