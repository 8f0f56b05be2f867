"""What a recogniser counts, for whoever exposes it."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable


@dataclass(slots=True)
class RecognitionCounters:
    """Totals since the engine was opened, written on the event loop alone."""

    results: int = 0
    partials: int = 0
    """Texts had while the caller spoke, or had just stopped."""
    partials_skipped: int = 0
    """Not even begun, or left for a caller who waited, because the machine was behind."""
    given_up: int = 0
    """Requests that were left half computed, because nobody wanted them any more."""
    refused: int = 0
    """Requests that could not have been answered in time."""
    late: int = 0
    """... and those that were not, although begun."""
    compute_s: float = 0.0
    """Seconds of a worker, partial results included."""
    guarded: Counter[str] = field(default_factory=Counter)
    """Texts not believed, by the guard that said so: see :mod:`stt.hallucinations`."""


@runtime_checkable
class Counting(Protocol):
    """A recogniser that counts."""

    counters: RecognitionCounters
