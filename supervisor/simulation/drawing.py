"""The picture of a call as an SVG, for reports that are looked at in a browser."""

from collections.abc import Iterator
from html import escape

import numpy as np

from audiosocket.frames import TELEPHONE_HZ
from audiosocket.slin import Samples
from supervisor.simulation.picture import Lane, Latency, Mark, Picture, Speech

PIXELS_PER_SECOND = 46.0
LEFT, RIGHT, TOP, BOTTOM = 92.0, 16.0, 26.0, 22.0
LANE_HEIGHT = 74.0
WAVE_HEIGHT = 15.0
FULL_SCALE = 14000.0
"""Peaks from here on are drawn as high as there is room."""
POINTS_PER_SECOND = 20
LONGEST_WORDS = 46
LETTER = 5.4
"""Width of a letter of the words, in pixels."""
GOOD, SLOW = "#0b7a53", "#b4351f"
SLOW_MS = 700.0


def svg_of(picture: Picture) -> str:
    """The whole picture, as wide as the call is long; colours that do in the light and the dark."""
    width = LEFT + picture.duration_s * PIXELS_PER_SECOND + RIGHT
    height = TOP + LANE_HEIGHT * len(picture.lanes) + BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{escape(picture.title)}">',
        *_seconds(picture, height),
        *(part for latency in picture.latencies for part in _latency(latency)),
        *(part for row, lane in enumerate(picture.lanes) for part in _lane(lane, row)),
        *(part for mark in picture.marks for part in _mark(mark, height)),
        "</svg>",
    ]
    return "".join(parts)


def _x(at_s: float) -> float:
    return LEFT + max(0.0, at_s) * PIXELS_PER_SECOND


def _middle(row: int) -> float:
    return TOP + LANE_HEIGHT * row + 44


def _seconds(picture: Picture, height: float) -> Iterator[str]:
    for second in range(0, int(picture.duration_s) + 1):
        x = _x(second)
        yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{height - BOTTOM}"/>'
        if second % 2 == 0:
            yield f'<text class="faint" x="{x:.1f}" y="{height - 6:.0f}">{second} s</text>'


def _lane(lane: Lane, row: int) -> Iterator[str]:
    middle = _middle(row)
    yield f'<g fill="{lane.colour}"><text class="who" x="4" y="{middle:.0f}">{escape(lane.name)}'
    yield f'</text><text class="faint" x="4" y="{middle + 13:.0f}">{escape(lane.detail)}</text>'
    for stretch in lane.shaded:
        x, wide = _x(stretch.start_s), (stretch.end_s - stretch.start_s) * PIXELS_PER_SECOND
        yield f'<rect class="ringing" x="{x:.1f}" y="{middle - 9:.0f}" width="{max(0, wide):.1f}"'
        yield f' height="18"><title>{escape(stretch.text)}</title></rect>'
        yield f'<text class="faint" x="{x + 3:.1f}" y="{middle + 4:.0f}">'
        yield f"{escape(stretch.text)}</text>"
    yield f'<path d="{_wave(lane.samples, middle)}"/>'
    for number, turn in enumerate(lane.turns):
        yield from _turn(turn, middle, number)
    yield "</g>"


def _turn(turn: Speech, middle: float, number: int) -> Iterator[str]:
    """A bar with the words over it: the even ones higher, as neighbours may be close."""
    x, wide = _x(turn.start_s), (turn.end_s - turn.start_s) * PIXELS_PER_SECOND
    room = max(LONGEST_WORDS, int(wide / LETTER))
    words = turn.text if len(turn.text) <= room else turn.text[: room - 1] + "…"
    yield f'<rect x="{x:.1f}" y="{middle + 18:.0f}" width="{max(2, wide):.1f}" height="3"/>'
    yield f'<text class="words" x="{x:.1f}" y="{middle - (19 if number % 2 else 29):.0f}">'
    yield f"{escape(words)}<title>{escape(turn.text)}</title></text>"


def _wave(samples: Samples, middle: float) -> str:
    """Peaks above and below the line, a closed path; nothing for no sound."""
    step = TELEPHONE_HZ // POINTS_PER_SECOND
    usable = samples[: samples.size // step * step].astype(np.float32)
    if not usable.size:
        return ""
    peaks = np.abs(usable.reshape(-1, step)).max(axis=1)
    heights = 0.4 + WAVE_HEIGHT * np.minimum(peaks / FULL_SCALE, 1.0)
    xs = [_x((index + 0.5) / POINTS_PER_SECOND) for index in range(peaks.size)]
    above = [f"{x:.1f} {middle - high:.1f}" for x, high in zip(xs, heights, strict=True)]
    below = [f"{x:.1f} {middle + high:.1f}" for x, high in zip(xs, heights, strict=True)]
    return "M" + "L".join([*above, *reversed(below)]) + "Z"


def _latency(latency: Latency) -> Iterator[str]:
    colour = SLOW if (latency.end_s - latency.start_s) * 1000 > SLOW_MS else GOOD
    rows = sorted((latency.from_lane, latency.to_lane))
    x, wide = _x(latency.start_s), (latency.end_s - latency.start_s) * PIXELS_PER_SECOND
    top, bottom = _middle(rows[0]) - 16, _middle(rows[1]) + 16
    yield f'<rect x="{x:.1f}" y="{top:.0f}" width="{max(1, wide):.1f}" '
    yield f'height="{bottom - top:.0f}" fill="{colour}" opacity=".18"/>'
    yield f'<text class="faint" x="{x:.1f}" y="{(top + bottom) / 2:.0f}" style="fill:{colour}">'
    yield f"{escape(latency.label)}</text>"


def _mark(mark: Mark, height: float) -> Iterator[str]:
    x = _x(mark.at_s)
    yield f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 8}" y2="{height - BOTTOM}"/>'
    yield f'<text class="faint" x="{x + 3:.1f}" y="{TOP - 10:.0f}">{escape(mark.label)}</text>'
