"""The seam between a session and whatever places calls, such as Asterisk's manager interface."""

from collections.abc import Callable
from typing import Protocol
from uuid import UUID

from conversation.flow import CallOutcome


class Telephone(Protocol):
    """Places and moves calls.

    Every method has its own time-out, is safe to cancel, and raises nothing but
    :class:`TelephoneError`.
    """

    async def call(
        self,
        phone: str,
        leg_id: UUID,
        *,
        ring_s: float,
        return_port: int,
        on_ringing: Callable[[], None],
    ) -> CallOutcome:
        """Ring ``phone`` for at most ``ring_s`` seconds.

        When it is answered, the telephone system opens an AudioSocket connection to
        ``return_port`` with ``leg_id`` as its UUID. Cancelling the coroutine stops the ringing.
        """

    async def hang_up(self, leg_id: UUID) -> None:
        """End a leg, ringing or answered; a leg that is gone already is no error."""

    async def expect_end(self, call_id: UUID) -> None:
        """Say that the coming end of the caller's leg is meant: the dialplan shall not bring the
        call back, as it does when a process dies."""

    async def transfer(self, call_id: UUID, destination: str) -> None:
        """Send the caller's leg to ``destination`` (an extension of the dialplan) after our end."""


class TelephoneError(Exception):
    """The telephone system could not do what was asked; the message says why in one sentence."""
