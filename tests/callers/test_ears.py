"""What a simulated person makes of the frames that it hears."""

import asyncio

import numpy as np
import pytest

from supervisor.callers.ears import Ears, LineEndedError, loudness

LOUD = np.full(160, 3000, np.int16)
SILENT = np.zeros(160, np.int16)


def hear(ears: Ears, pattern: str, start: float = 10.0) -> float:
    """One frame per character: ``#`` audible, ``.`` silent; returns when the next one is due."""
    for index, mark in enumerate(pattern):
        ears.take(LOUD if mark == "#" else SILENT, start + 0.02 * index)
    return start + 0.02 * len(pattern)


def test_a_pause_inside_a_sentence_does_not_end_the_sound() -> None:
    ears = Ears()
    hear(ears, "." * 5 + "#" * 10 + "." * 15 + "#" * 10 + "." * 40)
    [sound] = ears.sounds
    assert [sound.start, sound.end] == pytest.approx([10.1, 10.8])


def test_a_long_silence_separates_two_sounds() -> None:
    ears = Ears()
    hear(ears, "##" + "." * 30 + "##")
    assert len(ears.sounds) == 2


def test_the_noise_floor_of_a_digital_line_is_not_a_sound() -> None:
    ears = Ears()
    assert not ears.take(np.tile(np.array([8, -8], np.int16), 80), 10.0)
    assert ears.sounds == []


def test_loudness_is_the_root_of_the_mean_square() -> None:
    assert loudness(np.array([300, -400], np.int16)) == pytest.approx(353.55, abs=0.01)
    assert loudness(np.zeros(0, np.int16)) == 0.0


async def test_the_end_of_a_turn_is_told_once_the_silence_is_long_enough() -> None:
    ears = Ears()
    waiting = asyncio.create_task(ears.quiet_after(0.0, 0.5))
    await asyncio.sleep(0)
    due = hear(ears, "#" * 10 + "." * 24)
    await asyncio.sleep(0)
    assert not waiting.done()
    hear(ears, "..", due)
    assert (await waiting).end == pytest.approx(10.2)


async def test_a_turn_that_was_over_before_does_not_count_as_the_next_one() -> None:
    ears = Ears()
    due = hear(ears, "#" * 10 + "." * 40)
    waiting = asyncio.create_task(ears.quiet_after(due, 0.5))
    hear(ears, "." * 10, due)
    await asyncio.sleep(0)
    assert not waiting.done()
    due = hear(ears, "#" * 5 + "." * 30, due + 0.2)
    assert (await waiting).start > due - 1.0


async def test_the_end_of_the_line_ends_a_turn_too() -> None:
    ears = Ears()
    waiting = asyncio.create_task(ears.quiet_after(0.0, 0.5))
    await asyncio.sleep(0)
    hear(ears, "#" * 10)
    ears.end("the agent hung up")
    assert (await waiting).end == pytest.approx(10.2)


async def test_speech_that_goes_on_is_told_when_it_has_lasted_long_enough() -> None:
    ears = Ears()
    waiting = asyncio.create_task(ears.speech_for(0.0, 0.3))
    await asyncio.sleep(0)
    due = hear(ears, "#" * 14)
    await asyncio.sleep(0)
    assert not waiting.done()
    hear(ears, "##", due)
    await waiting


async def test_whoever_waits_is_told_that_the_line_ended() -> None:
    ears = Ears()
    waiting = asyncio.create_task(ears.quiet_after(0.0, 0.5))
    await asyncio.sleep(0)
    ears.end("the agent hung up")
    with pytest.raises(LineEndedError, match="the agent hung up"):
        await waiting
    with pytest.raises(LineEndedError):
        await ears.until(lambda: False)
