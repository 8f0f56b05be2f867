"""Whether a replica's engine is well, for Serve to ask."""

from dataclasses import dataclass
from typing import Final

MOST_FAILURES: Final = 3
"""In a row: one may be the request's own fault."""


class IllError(Exception):
    """The replica is to be replaced; the message says why."""


@dataclass(slots=True)
class Condition:
    """Counts failures in a row of ``what``."""

    what: str
    failures: int = 0
    reason: str = ""

    def worked(self) -> None:
        """It did what it was asked."""
        self.failures = 0

    def failed(self, error: Exception) -> None:
        """It did not, for a reason of its own."""
        self.failures += 1
        self.reason = str(error) or type(error).__name__

    def check(self) -> None:
        """Raises :class:`IllError`."""
        if self.failures >= MOST_FAILURES:
            raise IllError(f"{self.what} failed {self.failures} times in a row: {self.reason}")
