"""What doors need of the telephone system: keys sent to an intercom, a piece of dialplan run."""

from collections.abc import Mapping
from typing import Protocol
from uuid import UUID


class DoorPhone(Protocol):
    """A telephone system that can do something about doors.

    All raise nothing but ``TelephoneError``, have their own time-outs and are safe to cancel.
    """

    async def connected(self) -> None:
        """Wait until it can be asked; give it a time-out of your own."""

    async def send_digits(self, call_id: UUID, digits: str, *, on_ms: int, gap_ms: int) -> None:
        """Send keys (``0123456789*#ABCD``) to the phone that a visitor calls from."""

    async def run_dialplan(
        self, context: str, extension: str, variables: Mapping[str, str], *, limit_s: float
    ) -> None:
        """Run an extension of the dialplan on a channel of its own, with channel variables, and
        return when it has answered; an error if it ends or ``limit_s`` passes without that."""
