"""The picture of a call: what is drawn is really there, and where it belongs."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib import image

from audiosocket.frames import TELEPHONE_HZ
from supervisor.demo.timeline import draw
from supervisor.simulation.picture import Lane, Latency, Mark, Picture, Speech

BLUE, ORANGE = "#2563a8", "#c2570c"


def tone(start_s: float, end_s: float, total_s: float) -> npt.NDArray[np.int16]:
    samples = np.zeros(round(total_s * TELEPHONE_HZ), np.int16)
    seconds = np.arange(round((end_s - start_s) * TELEPHONE_HZ)) / TELEPHONE_HZ
    first = round(start_s * TELEPHONE_HZ)
    samples[first : first + seconds.size] = 9000 * np.sin(2 * np.pi * 300 * seconds)
    return samples


def columns_of(picture: npt.NDArray[np.float32], colour: str) -> npt.NDArray[np.int64]:
    """The pixel columns right of the lanes' names with much of ``colour`` in them."""
    wanted = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    close = np.abs(picture[:, :, :3] - wanted).max(axis=2) < 0.05
    columns = np.flatnonzero(close.sum(axis=0) > 12)
    return columns[columns > 175]


def two_lanes() -> Picture:
    visitor = Lane("Visitor", "at the gate", BLUE, tone(2, 5, 10), [Speech(2, 5, "Boa tarde.")])
    doorman = Lane("Doorman", "portaria", ORANGE, tone(6, 9, 10), [Speech(6, 9, "Boa tarde!")])
    latency = Latency(5.0, 6.0, 0, 1, "1000 ms")
    return Picture("Title", "Subtitle", 10.0, [visitor, doorman], [latency], [Mark(9.5, "bye")])


def test_each_waveform_is_drawn_where_it_sounds(tmp_path: Path) -> None:
    draw(two_lanes(), tmp_path / "timeline.png")
    pixels = image.imread(tmp_path / "timeline.png")
    left, width = 170, pixels.shape[1] - 170 - 27
    for colour, start_s, end_s in ((BLUE, 2, 5), (ORANGE, 6, 9)):
        columns = columns_of(pixels, colour)
        assert abs(columns.min() - (left + width * start_s / 10)) < 6
        assert abs(columns.max() - (left + width * end_s / 10)) < 6
        assert columns.size > 0.9 * (columns.max() - columns.min())


def test_a_long_call_makes_a_wider_picture_but_not_an_endless_one(tmp_path: Path) -> None:
    widths = []
    for seconds in (10.0, 24.0, 900.0):
        lane = Lane("Visitor", "", BLUE, np.zeros(round(seconds * TELEPHONE_HZ), np.int16))
        draw(Picture("Title", "", seconds, [lane]), tmp_path / "timeline.png")
        widths.append(image.imread(tmp_path / "timeline.png").shape[1])
    assert widths == sorted(widths)
    assert widths[0] < widths[1] < widths[2] <= 3400


def test_a_call_without_a_sound_is_still_drawn(tmp_path: Path) -> None:
    lane = Lane("Visitor", "", BLUE, np.zeros(0, np.int16))
    target = tmp_path / "new" / "timeline.png"
    draw(Picture("Nobody", "", 0.0, [lane]), target)
    assert target.read_bytes().startswith(b"\x89PNG")
