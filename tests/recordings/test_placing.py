"""Where frames are placed, whatever the network and the event loop do."""

import numpy as np
import numpy.typing as npt

from audiosocket.frames import Kind, encode_frame
from supervisor.recordings.placing import Placing

FRAME_S = 0.02


def marked(number: int) -> bytes:
    """A frame that can be told from others."""
    return np.full(160, number, dtype="<i2").tobytes()


def marks(channel: npt.NDArray[np.int16]) -> list[int]:
    """The first sample of every frame."""
    return [int(sample) for sample in channel[::160]]


def ticking(placing: Placing, periods: list[int]) -> None:
    for number, period in enumerate(periods, start=1):
        placing.sent(period, encode_frame(Kind.SLIN, marked(number)), 8000)


def test_periods_that_were_skipped_are_silence() -> None:
    placing = Placing(8000, 100.0)
    ticking(placing, [7, 8, 11, 12])
    assert marks(placing.take(everything=True)[:, 1]) == [1, 2, 0, 0, 3, 4]


def test_jitter_moves_nothing() -> None:
    placing = Placing(8000, 100.0)
    late_s = [0.0, 0.03, 0.01, 0.05, 0.0, 0.0]
    for number, late in enumerate(late_s, start=1):
        placing.heard([marked(number)], 8000, 100.0 + number * FRAME_S + late)
    assert marks(placing.take(everything=True)[:, 0]) == [1, 2, 3, 4, 5, 6]


def test_a_burst_after_a_stall_is_where_it_was_said() -> None:
    placing = Placing(8000, 100.0)
    placing.heard([marked(1)], 8000, 100.02)
    placing.heard([marked(number) for number in range(2, 32)], 8000, 100.0 + 31 * FRAME_S)
    assert marks(placing.take(everything=True)[:, 0]) == list(range(1, 32))


def test_time_without_audio_is_silence_of_that_length() -> None:
    placing = Placing(8000, 100.0)
    placing.heard([marked(1)], 8000, 100.02)
    placing.heard([marked(2)], 8000, 101.0)
    assert marks(placing.take(everything=True)[:, 0]) == [1, *[0] * 48, 2]


def test_a_delay_too_short_for_a_gap_is_made_up_for_once_it_lasts() -> None:
    """A phone that begins 60 ms late would be 60 ms early in the recording for ever."""
    placing = Placing(8000, 100.0)
    for number in range(1, 101):
        placing.heard([marked(number)], 8000, 100.06 + number * FRAME_S)
    heard = placing.take(everything=True)[:, 0]
    assert marks(heard)[99 + 3] == 100
    assert np.count_nonzero(heard == 0) == 3 * 160


def test_no_word_is_cut_in_two_to_make_up_for_a_delay() -> None:
    placing = Placing(8000, 100.0)
    loud = np.full(160, 9000, dtype="<i2").tobytes()
    for number in range(1, 101):
        placing.heard([loud], 8000, 100.06 + number * FRAME_S)
    assert np.count_nonzero(placing.take(everything=True)[:, 0]) == 100 * 160


def test_what_is_taken_in_pieces_is_the_whole() -> None:
    whole, pieces = Placing(8000, 100.0), Placing(8000, 100.0)
    taken = []
    for number in range(1, 200):
        for placing in (whole, pieces):
            placing.sent(number, encode_frame(Kind.SLIN, marked(number)), 8000)
            if number % 50 < 25:  # speaks by halves: silence suppression
                placing.heard([marked(number)], 8000, 100.0 + number * FRAME_S)
        taken.append(pieces.take())
    taken.append(pieces.take(everything=True))
    assert np.array_equal(np.concatenate(taken), whole.take(everything=True))


def test_wideband_audio_keeps_its_length() -> None:
    placing = Placing(8000, 100.0)
    for number in range(1, 51):
        placing.heard([bytes(640)], 16000, 100.0 + number * FRAME_S)
    assert len(placing.take(everything=True)) == 8000
