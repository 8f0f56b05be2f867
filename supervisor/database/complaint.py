"""Trouble that is met again every few seconds, for as long as it takes: logged once."""

from collections.abc import Callable
from typing import Any


class Complaint:
    """Logs a reason when it is another one than last time; :meth:`over` when there is none.

    ``log`` is a logger's method, ``event`` what happened.
    """

    def __init__(self, log: Callable[..., Any], event: str) -> None:
        self._log = log
        self._event = event
        self._reason: str | None = None

    def about(self, error: Exception, **facts: Any) -> None:
        """It cannot be done for now."""
        reason = str(error) or type(error).__name__
        if reason != self._reason:
            self._reason = reason
            self._log(self._event, error=reason, **facts)

    def over(self) -> bool:
        """It was done. Returns whether there was a complaint."""
        had_one, self._reason = self._reason is not None, None
        return had_one
