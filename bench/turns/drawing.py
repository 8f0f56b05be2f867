"""The curve of cut-offs against delay, as one HTML page that needs nothing else."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

WIDTH, HEIGHT, LEFT, BOTTOM = 760, 420, 60, 50
MOST_MS, MOST_PERCENT = 1000, 40
COLOURS = {"fixed": "#b3541e", "adaptive": "#1e5fb3", "words": "#2d8a4e"}
TARGET_MS, TARGET_PERCENT = 350, 3


def _x(delay_ms: float) -> float:
    return LEFT + min(delay_ms, MOST_MS) / MOST_MS * (WIDTH - LEFT - 20)


def _y(percent: float) -> float:
    return HEIGHT - BOTTOM - min(percent, MOST_PERCENT) / MOST_PERCENT * (HEIGHT - BOTTOM - 20)


def curve_page(rows: Sequence[Mapping[str, Any]]) -> str:
    """Every setting as a point; the region of the targets is shaded."""
    parts = [
        f'<rect x="{LEFT}" y="{_y(TARGET_PERCENT):.0f}" width="{_x(TARGET_MS) - LEFT:.0f}" '
        f'height="{_y(0) - _y(TARGET_PERCENT):.0f}" fill="#cde8cd"/>'
    ]
    for percent in range(0, MOST_PERCENT + 1, 10):
        y = _y(percent)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - 20}" y1="{y}" y2="{y}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{percent} %</text>')
    for delay_ms in range(0, MOST_MS + 1, 200):
        x = _x(delay_ms)
        parts.append(f'<text x="{x}" y="{_y(0) + 20}" text-anchor="middle">{delay_ms} ms</text>')
    for kind, colour in COLOURS.items():
        mine = [row for row in rows if row["setting"].startswith(kind)]
        points = [(_x(row["median_ms"]), _y(row["cut_off_percent"])) for row in mine]
        path = " ".join(f"{x:.0f},{y:.0f}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}"/>')
        for row, (x, y) in zip(mine, points, strict=True):
            parts.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="4" fill="{colour}"/>')
            label = escape(f"{row['setting']}: {row['cut_off_percent']:.1f} %")
            parts.append(f'<text x="{x + 7:.0f}" y="{y - 6:.0f}">{label}</text>')
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Ends of turns</title>'
        "<style>body{font:14px sans-serif;margin:2em}text{font-size:12px}</style>"
        "<h1>Turns that were cut off, against the median delay</h1>"
        "<p>The shaded corner is the target: 3 % at 350 ms.</p>"
        f'<svg width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="The curve">'
        f"{''.join(parts)}</svg></html>\n"
    )
