"""The picture of a call as a PNG: waveforms, who spoke when, the words, the latencies."""

import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from audiosocket.frames import TELEPHONE_HZ
from supervisor.errors import OperatorError
from supervisor.simulation.picture import Lane, Latency, Mark, Picture, Speech

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, FAINT, GRID, PAPER = "#1f2933", "#7b8794", "#dfe5ec", "#fbfcfd"
GOOD, SLOW = "#0b7a53", "#b4351f"
LEGEND = "coloured line: a turn  ·  dark line: voice activity  ·  band: voice-to-voice"
TARGET_MS = 700
"""Latencies above this are drawn in another colour: the target of voice-to-voice's p95."""

INCHES_PER_SECOND = 0.82
WIDTH_INCHES = (13.0, 30.0)
LANE_INCHES = 1.75
HEAD_INCHES, FOOT_INCHES, LEFT_INCHES, RIGHT_INCHES = 0.95, 0.62, 1.55, 0.25
WORDS_POINTS = 9
CHARACTERS_PER_INCH = 13.5
"""Of the words' font: DejaVu Sans at :data:`WORDS_POINTS`, Portuguese text, with some to spare."""


@dataclass(frozen=True, slots=True)
class _Scale:
    duration_s: float
    inches_per_second: float


def load_drawing() -> tuple[Any, Any]:
    """matplotlib's figure and canvas: a second of importing, so do it while something else waits.

    Raises :class:`OperatorError` without the ``demo`` extra.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - an extra
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ImportError:
        raise OperatorError(
            "The timeline needs matplotlib; install it with: pip install 'ramal[demo]'."
        ) from None
    return Figure, FigureCanvasAgg


def draw(picture: Picture, path: Path) -> None:
    """Write the picture as a PNG. Raises :class:`OperatorError` without the ``demo`` extra."""
    figure_class, canvas_class = load_drawing()
    width = float(np.clip(picture.duration_s * INCHES_PER_SECOND, *WIDTH_INCHES))
    height = HEAD_INCHES + FOOT_INCHES + LANE_INCHES * len(picture.lanes)
    figure = figure_class(figsize=(width, height), dpi=110, facecolor=PAPER)
    canvas_class(figure)
    axes = figure.add_axes(
        (
            LEFT_INCHES / width,
            FOOT_INCHES / height,
            1 - (LEFT_INCHES + RIGHT_INCHES) / width,
            1 - (HEAD_INCHES + FOOT_INCHES) / height,
        )
    )
    seconds = max(picture.duration_s, 0.1)
    scale = _Scale(seconds, (width - LEFT_INCHES - RIGHT_INCHES) / seconds)
    _prepare(axes, picture, scale)
    for index, lane in enumerate(picture.lanes):
        _draw_lane(axes, lane, -float(index), scale)
    for latency in picture.latencies:
        _draw_latency(axes, latency)
    for mark in picture.marks:
        _draw_mark(axes, mark, scale)
    head = 1 - 0.34 / height
    figure.text(
        0.3 / width, head, picture.title, fontsize=15, weight="bold", color=INK, va="center"
    )
    figure.text(
        0.3 / width, head - 0.27 / height, picture.subtitle, fontsize=9.5, color=FAINT, va="center"
    )
    figure.text(
        1 - 0.3 / width,
        head - 0.27 / height,
        LEGEND,
        fontsize=8.5,
        color=FAINT,
        ha="right",
        va="center",
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="png", facecolor=PAPER)


def _prepare(axes: "Axes", picture: Picture, scale: _Scale) -> None:
    axes.set_facecolor(PAPER)
    axes.set_xlim(0, scale.duration_s)
    axes.set_ylim(-len(picture.lanes) + 0.5, 0.5)
    axes.set_yticks([])
    axes.xaxis.set_major_locator(_every_second(picture.duration_s))
    axes.tick_params(axis="x", colors=FAINT, labelsize=8.5, length=0)
    axes.set_xlabel("seconds from the caller's first frame", fontsize=9, color=FAINT)
    axes.grid(axis="x", color=GRID, linewidth=0.8, zorder=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    for edge in range(len(picture.lanes) - 1):
        axes.axhline(-edge - 0.5, color=GRID, linewidth=0.8, zorder=0)


def _every_second(duration_s: float) -> Any:
    from matplotlib.ticker import MultipleLocator  # noqa: PLC0415 - an extra

    return MultipleLocator(1 if duration_s <= 40 else 2)


def _draw_lane(axes: "Axes", lane: Lane, middle: float, scale: _Scale) -> None:
    label: dict[str, Any] = {
        "transform": axes.get_yaxis_transform(),
        "ha": "right",
        "clip_on": False,
    }
    axes.text(
        -0.012,
        middle + 0.05,
        lane.name,
        color=lane.colour,
        fontsize=11,
        weight="bold",
        va="bottom",
        **label,
    )
    axes.text(-0.012, middle + 0.01, lane.detail, color=FAINT, fontsize=8.5, va="top", **label)
    for shaded in lane.shaded:
        _draw_shaded(axes, lane, shaded, middle)
    _draw_wave(axes, lane, middle, scale.duration_s)
    for start_s, end_s in lane.voiced:
        axes.plot(
            [start_s, end_s],
            [middle - 0.235] * 2,
            color=INK,
            linewidth=1.5,
            solid_capstyle="butt",
            zorder=4,
        )
    for turn in lane.turns:
        axes.plot(
            [turn.start_s, turn.end_s],
            [middle - 0.19] * 2,
            color=lane.colour,
            linewidth=3.2,
            solid_capstyle="butt",
            zorder=4,
        )
        _draw_words(axes, turn, middle, scale)


def _draw_wave(axes: "Axes", lane: Lane, middle: float, duration_s: float) -> None:
    columns = 2600
    step = max(1, round(duration_s * TELEPHONE_HZ / columns))
    usable = lane.samples[: lane.samples.size // step * step].astype(np.float32)
    peaks = np.abs(usable.reshape(-1, step)).max(axis=1) if usable.size else np.zeros(0)
    height = 0.155 * np.minimum(peaks / 14000, 1.0)
    seconds = (np.arange(peaks.size) + 0.5) * step / TELEPHONE_HZ
    axes.plot(
        [0, duration_s], [middle, middle], color=lane.colour, linewidth=0.6, alpha=0.45, zorder=2
    )
    axes.fill_between(
        seconds, middle - height, middle + height, color=lane.colour, linewidth=0, zorder=3
    )


def _draw_words(axes: "Axes", turn: Speech, middle: float, scale: _Scale) -> None:
    room = max(turn.end_s - turn.start_s, 1.1) * scale.inches_per_second
    lines = textwrap.wrap(turn.text, max(10, int(room * CHARACTERS_PER_INCH)))
    if len(lines) > 3:
        lines = [*lines[:2], lines[2].rstrip(".,") + " …"]
    longest = max((len(line) for line in lines), default=0) / CHARACTERS_PER_INCH
    left = min(turn.start_s, scale.duration_s - longest / scale.inches_per_second)
    axes.text(
        max(0.0, left),
        middle + 0.2,
        "\n".join(lines),
        fontsize=WORDS_POINTS,
        color=INK,
        va="bottom",
        ha="left",
        linespacing=1.15,
        zorder=6,
    )


def _draw_shaded(axes: "Axes", lane: Lane, shaded: Speech, middle: float) -> None:
    axes.fill_between(
        [shaded.start_s, shaded.end_s],
        middle - 0.13,
        middle + 0.13,
        facecolor="none",
        edgecolor=lane.colour,
        hatch="////",
        linewidth=0,
        alpha=0.35,
        zorder=1,
    )
    axes.text(
        (shaded.start_s + shaded.end_s) / 2,
        middle - 0.16,
        shaded.text,
        fontsize=8.5,
        style="italic",
        color=lane.colour,
        ha="center",
        va="top",
        zorder=6,
    )


def _draw_latency(axes: "Axes", latency: Latency) -> None:
    slow = (latency.end_s - latency.start_s) * 1000 > TARGET_MS
    colour = SLOW if slow else GOOD
    top, bottom = sorted((-float(latency.from_lane), -float(latency.to_lane)), reverse=True)
    axes.fill_between(
        [latency.start_s, latency.end_s],
        bottom - 0.19,
        top + 0.16,
        color=colour,
        alpha=0.14,
        linewidth=0,
        zorder=1,
    )
    axes.text(
        (latency.start_s + latency.end_s) / 2,
        (top + bottom) / 2 + 0.08,
        latency.label,
        fontsize=8.5,
        weight="bold",
        color=colour,
        ha="center",
        va="center",
        zorder=7,
        bbox={
            "boxstyle": "round,pad=0.28",
            "facecolor": PAPER,
            "edgecolor": colour,
            "linewidth": 0.9,
        },
    )


def _draw_mark(axes: "Axes", mark: Mark, scale: _Scale) -> None:
    """The label stands to the right of the line, or to its left near the right edge."""
    axes.axvline(mark.at_s, color=INK, linewidth=0.9, linestyle=(0, (2, 3)), zorder=2)
    right = mark.at_s > 0.85 * scale.duration_s
    label = f"{mark.label} " if right else f" {mark.label}"
    axes.text(
        mark.at_s,
        0.5,
        label,
        fontsize=8.5,
        color=INK,
        va="bottom",
        ha="right" if right else "left",
        clip_on=False,
        zorder=7,
    )
