"""Going on after a false interruption begins at a phrase, not in the middle of a word."""

import numpy as np

from conversation.phrases import FRAME_BYTES, phrase_start

VOICE = (np.full(160, 3000, dtype="<i2")).tobytes()
PAUSE = bytes(FRAME_BYTES)


def test_speech_goes_on_after_the_last_pause_that_was_heard() -> None:
    audio = VOICE * 50 + PAUSE * 10 + VOICE * 50
    assert phrase_start(audio, 70 * FRAME_BYTES) == 60 * FRAME_BYTES


def test_a_gap_shorter_than_a_pause_is_part_of_a_word() -> None:
    audio = VOICE * 150 + PAUSE * 2 + VOICE * 20
    assert phrase_start(audio, 160 * FRAME_BYTES) == 160 * FRAME_BYTES


def test_the_first_phrase_begins_at_the_beginning() -> None:
    assert phrase_start(VOICE * 40, 25 * FRAME_BYTES) == 0


def test_nothing_heard_yet_begins_at_the_beginning() -> None:
    assert phrase_start(VOICE * 40, 0) == 0


def test_a_position_behind_the_end_is_the_end() -> None:
    audio = VOICE * 200
    assert phrase_start(audio, 10**9) == len(audio)
