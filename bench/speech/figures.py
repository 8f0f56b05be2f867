"""The figures of one engine, as they travel from the process that measures it to the table."""

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Setup:
    """What is measured: ``note`` says which weights, and how it computes. ``loaded_mib`` is what
    the warm engine added to its process (helpers included), ``gpu_mib`` what it took of a GPU."""

    engine: str
    note: str
    device: str
    ready_s: float
    loaded_mib: float
    gpu_mib: float = 0.0


@dataclass(frozen=True, slots=True)
class Spoken:
    """So many sentences at once: milliseconds to the first sound; ``slowest`` is the slowest
    stream's wall seconds for a second of its speech: below 1 nobody hears a gap."""

    engine: str
    streams: int
    speech_s: float
    first_ms: float
    first_p95_ms: float
    slowest: float
    together: float
    """Wall seconds for a second of speech of all streams."""
    cpu: float
    """Seconds of all cores for a second of speech."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """From closing a stream in mid-sentence to its end, and how much later than usual the next
    one's first sound then is: medians in milliseconds."""

    engine: str
    closed_ms: float
    next_later_ms: float


@dataclass(frozen=True, slots=True)
class Heard:
    """So many utterances of ``seconds`` at once: milliseconds from asking to the text."""

    engine: str
    seconds: int
    at_once: int
    text_ms: float
    text_p95_ms: float
    cpu_ms: float
    """Of all cores, for each text."""


@dataclass(frozen=True, slots=True)
class Cached:
    """Milliseconds to the first sound of a prompt that was rendered before."""

    where: str
    median_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that was not measured, and why."""

    engine: str
    what: str
    why: str


Figure = Setup | Spoken | Cancelled | Heard | Cached | LeftOut
KINDS = {each.__name__: each for each in (Setup, Spoken, Cancelled, Heard, Cached, LeftOut)}


def to_json(figure: Figure) -> dict[str, Any]:
    """With its kind."""
    return {"kind": type(figure).__name__, **asdict(figure)}


def from_json(told: dict[str, Any]) -> Figure:
    """What :func:`to_json` made."""
    fields = dict(told)
    figure: Figure = KINDS[fields.pop("kind")](**fields)
    return figure


def p95(values: Sequence[float]) -> float:
    """The 95th percentile, of few values the worst."""
    ranked = sorted(values)
    return ranked[round(0.95 * (len(ranked) - 1))]


def median(values: Sequence[float]) -> float:
    """Of any number of values but none."""
    return statistics.median(values)
