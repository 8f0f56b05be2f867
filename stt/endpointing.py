"""When a turn ends: how much silence to wait for, given what was asked and heard so far."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Completeness(StrEnum):
    """How far the words heard so far answer what was asked; the conversation judges it."""

    COMPLETE = "complete"
    """They answer it: "sim" to a yes/no question."""
    UNKNOWN = "unknown"
    """They may or may not be the whole answer."""
    OPEN = "open"
    """They stop in the middle: "apartamento cinco..."."""


class EndOfTurn(Protocol):
    """A strategy that says how long a silence must be to end the caller's turn."""

    def silence_ms(self, completeness: Completeness, speech_ms: int) -> int:
        """Silence to wait for, in ms, after ``speech_ms`` of speech that reads as given."""
