"""Whether a replica's engine is well, for Serve to ask."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from engines.lost_device import DeviceWatch, end_process

MOST_FAILURES: Final = 3
"""In a row: one may be the request's own fault."""


class IllError(Exception):
    """The replica is to be replaced; the message says why."""


@dataclass(slots=True)
class Condition:
    """Counts failures in a row of ``what``. Where it lost its GPU the process ends at once:
    gateways know that earlier than they hear of a replica's health, and ask another one."""

    what: str
    failures: int = 0
    reason: str = ""
    device: DeviceWatch = field(default_factory=DeviceWatch)
    end: Callable[[str], object] = end_process

    def worked(self) -> None:
        """It did what it was asked."""
        self.failures = 0
        self.device.worked()

    def failed(self, error: Exception) -> None:
        """It did not, for a reason of its own."""
        self.failures += 1
        self.reason = str(error) or type(error).__name__
        self.device.failed(error)
        if self.device.reason is not None:
            self.end(f"{self.what} lost its GPU: {self.device.reason}")

    def check(self) -> None:
        """Raises :class:`IllError`."""
        if self.failures >= MOST_FAILURES:
            raise IllError(f"{self.what} failed {self.failures} times in a row: {self.reason}")
