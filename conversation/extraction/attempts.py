"""What became of each request to a language model, and what it cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """How a request ended; only ``ANSWERED`` fills slots."""

    ANSWERED = "answered"
    LATE = "late"
    """Its share of the deadline was over."""
    REFUSED = "refused"
    """The model would not, or a filter would not let it."""
    INVALID = "invalid"
    """No JSON, or not what the schema says."""
    TRUNCATED = "truncated"
    TOO_LONG = "too_long"
    """More bytes than any honest answer has."""
    ERROR = "error"
    """The server said so: 401, 429, 500 ..."""
    UNREACHABLE = "unreachable"
    SPARED = "spared"
    """Not sent: the model failed so often just now that it is left alone for a while."""
    DROPPED = "dropped"
    """Nobody needs it any more: the caller went on speaking, or hung up."""


@dataclass(frozen=True, slots=True)
class Price:
    """Of a million tokens, in whatever currency the operator counts."""

    input: float = 0.0
    output: float = 0.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request. Tokens are the server's own count, 0 where it told none."""

    model: str
    group: str
    outcome: Outcome
    took_ms: int
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0
    detail: str = ""
    """Such as the HTTP status; never the key, never the caller's words."""


def account(attempts: Sequence[Attempt], took_ms: int) -> dict[str, Any]:
    """A turn's entry in the journal: what was asked of whom, and what it came to."""
    return {
        "took_ms": took_ms,
        "requests": [_in_short(attempt) for attempt in attempts],
        "input_tokens": sum(attempt.input_tokens for attempt in attempts),
        "output_tokens": sum(attempt.output_tokens for attempt in attempts),
        "cost": round(sum(attempt.cost for attempt in attempts), 8),
    }


def _in_short(attempt: Attempt) -> Mapping[str, Any]:
    told = {"slots": attempt.group, "model": attempt.model, "outcome": str(attempt.outcome)}
    return {**told, "ms": attempt.took_ms, **({"why": attempt.detail} if attempt.detail else {})}
