"""A run as one HTML file that needs nothing else: verdicts, timelines, the sound of each call."""

import base64
import io
from collections.abc import Iterator, Sequence
from html import escape
from importlib import resources
from pathlib import Path

import numpy as np
import soundfile

from audiosocket.frames import TELEPHONE_HZ
from supervisor.callers.person import Leg
from supervisor.errors import OperatorError
from supervisor.simulation.drawing import svg_of
from supervisor.simulation.portrait import Told, picture_of
from supervisor.simulation.result import Played, latencies, success_percent, understood_lines

SOUND = ("MP3", "MPEG_LAYER_III", "audio/mpeg")
"""Which every browser plays, also at 8 kHz."""
COMPRESSION = 0.9
"""libsndfile's scale from 0 (best) to 1 (smallest): speech of a telephone needs little."""


def write_report(path: Path, played: Sequence[Played], took_s: float) -> None:
    """Write the file; failures come first. Raises :class:`OperatorError` if it cannot be."""
    style = (resources.files("supervisor.simulation") / "report.css").read_text(encoding="utf-8")
    ordered = sorted(played, key=lambda one: one.passed)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8") as file:
            file.writelines(_head(style))
            file.writelines(_summary(played, took_s))
            for one in ordered:
                file.writelines(_call(one))
            file.write("</main></body></html>\n")
    except OSError as error:
        raise OperatorError(f"{path} cannot be written: {error.strerror}.") from None


def _head(style: str) -> Iterator[str]:
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>Simulated calls</title><style>{style}</style></head><body><main>"


def _summary(played: Sequence[Played], took_s: float) -> Iterator[str]:
    passed = sum(one.passed for one in played)
    yield "<h1>Simulated calls</h1><p class='figures'>"
    yield f"<b>{passed}</b> of {len(played)} passed ({success_percent(played):.1f} %) in "
    yield f"{took_s:.0f} s"
    if spread := latencies(played):
        yield f" · voice-to-voice p50 {spread['p50']:.0f} ms, p95 {spread['p95']:.0f} ms"
    yield "</p>"


def _call(one: Played) -> Iterator[str]:
    verdict = "passed" if one.passed else "failed"
    yield f"<details class='{verdict}'{'' if one.passed else ' open'}>"
    yield f"<summary><span class='verdict'>{verdict}</span> <b>{escape(one.label)}</b> "
    yield f"{escape(one.scenario.title)} <small>seed {one.seed}</small></summary><ul>"
    for check in one.checks:
        found = f" <i>there was: {escape(check.found)}</i>" if check.found and not check.met else ""
        mark = "✓" if check.met else "✗"
        yield f"<li class='{'met' if check.met else 'unmet'}'>{mark} {escape(check.what)}{found}"
        yield "</li>"
    yield "</ul>"
    if one.told is not None:
        yield f"<div class='timeline'>{svg_of(picture_of(one.told))}</div>"
        yield from _sounds(one.told)
        yield from _understood(one.told)
    yield "</details>\n"


def _sounds(told: Told) -> Iterator[str]:
    agent = told.agent.lower()
    legs = [(f"{told.place.capitalize()} (left: visitor, right: {agent})", told.visitor)]
    legs += [
        (f"Phone {phone} (left: resident, right: {agent})", leg) for phone, leg, _ in told.residents
    ]
    for label, leg in legs:
        yield f"<label>{escape(label)} <audio controls preload='none' src='{_sound(leg)}'></audio>"
        yield "</label>"


def _sound(leg: Leg) -> str:
    """A leg in stereo as a data URL."""
    sent, received = (track.samples(leg.connected_at) for track in (leg.sent, leg.received))
    both = np.zeros((max(sent.size, received.size, 1), 2), np.int16)
    both[: sent.size, 0], both[: received.size, 1] = sent, received
    file = io.BytesIO()
    container, subtype, media = SOUND
    soundfile.write(
        file,
        both,
        TELEPHONE_HZ,
        format=container,
        subtype=subtype,
        compression_level=COMPRESSION,
    )
    return f"data:{media};base64,{base64.b64encode(file.getvalue()).decode()}"


def _understood(told: Told) -> Iterator[str]:
    yield "<table><tr><th>understood from</th><th>text</th><th>confidence</th></tr>"
    for line in understood_lines(told):
        passed = f" <i>let pass: {escape(str(line['ignored']))}</i>" if line["ignored"] else ""
        yield f"<tr><td>{escape(str(line['leg']))}</td><td>{escape(str(line['text']))}{passed}</td>"
        yield f"<td>{line['confidence']}</td></tr>"
    yield "</table>"
