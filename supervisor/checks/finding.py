"""What a check found, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    """It works, but something is likely to give trouble."""
    FAIL = "fail"
    """It does not work as it is."""


@dataclass(frozen=True, slots=True)
class Finding:
    """``text`` says what was found in a sentence; ``next_step`` what to do, empty where it is
    good."""

    part: str
    status: Status
    text: str
    next_step: str = ""

    @property
    def good(self) -> bool:
        """Whether nothing has to be put right."""
        return self.status is not Status.FAIL


def ok(part: str, text: str) -> Finding:
    """Something in order."""
    return Finding(part, Status.OK, text)


def warn(part: str, text: str, next_step: str) -> Finding:
    """Something that is likely to give trouble."""
    return Finding(part, Status.WARN, text, next_step)


def fail(part: str, text: str, next_step: str) -> Finding:
    """Something that does not work."""
    return Finding(part, Status.FAIL, text, next_step)
