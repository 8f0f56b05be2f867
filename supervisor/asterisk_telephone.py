"""What the telephones of a session have in common that are Asterisk's, whatever interface places
the calls."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final, Generic, Self
from uuid import UUID

import structlog

from conversation.flow import CallOutcome
from conversation.owned_tasks import OwnedTasks
from conversation.telephone import TelephoneError
from supervisor.asterisk_client import AsteriskClient, Told
from supervisor.attempts import Attempt, Watched
from supervisor.doors.phone import DoorPhone
from supervisor.phones import DESTINATION, PHONE
from supervisor.visitors import Visitors

NEXT: Final = "RAMAL_NEXT"
"""The dialplan's variable: where a caller goes once our end of the call is over."""
END: Final = "RAMAL_END"
"""The dialplan's variable: the end that comes is meant, and no death of a process."""

_log = structlog.get_logger(__name__)


class AsteriskTelephone(ABC, Generic[Told]):
    """A :class:`conversation.telephone.Telephone`; use it through :meth:`running`."""

    doors: DoorPhone
    CALLERS: str
    """What to watch for the dialplan's word of who calls."""

    def __init__(self, client: AsteriskClient[Told]) -> None:
        self._link = client
        self._visitors = Visitors()
        self._ending = OwnedTasks(_failed)
        """Legs that nobody waits for any more, being hung up."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Stay connected, and learn which channel each visitor's call is, during the block."""
        async with self._link.running():
            with self._link.watching(self.CALLERS, self._learn_caller):
                try:
                    yield self
                finally:
                    await self._finish_ending()

    async def connected(self) -> None:
        """Wait until people can be called; give it a time-out of your own."""
        await self._link.connected()

    async def call(
        self,
        phone: str,
        leg_id: UUID,
        *,
        ring_s: float,
        return_port: int,
        on_ringing: Callable[[], None],
    ) -> CallOutcome:
        """Ring a phone; see the protocol. What is no telephone number is ``INVALID``.

        Asterisk runs the answered leg through the context of the settings with the channel
        variables ``RAMAL_LEG``, ``RAMAL_RETURN_PORT`` and ``RAMAL_FORMAT``.
        """
        if not PHONE.fullmatch(phone):
            _log.warning("telephone.invalid_number", leg=str(leg_id))
            return CallOutcome.INVALID
        watched = Watched(self._attempt(), on_ringing)
        return await self._ring(phone, leg_id, ring_s, return_port, watched)

    @abstractmethod
    async def hang_up(self, leg_id: UUID) -> None:
        """End a leg, ringing or answered; a leg that is gone already is no error."""

    async def transfer(self, call_id: UUID, destination: str) -> None:
        """Let the dialplan send the caller to ``destination`` once our end of the call is over."""
        if not DESTINATION.fullmatch(destination):
            raise TelephoneError(f"{destination!r} is no extension of a dialplan")
        await self._set_variable(call_id, NEXT, destination)

    async def expect_end(self, call_id: UUID) -> None:
        """Tell the dialplan that the coming end of a call is meant, not the death of a process."""
        await self._set_variable(call_id, END, "1")

    def caller(self, call_id: UUID) -> str | None:
        """The number that a visitor called from, if Asterisk told."""
        return self._visitors.number(call_id)

    # ------------------------------------------------------------------ for drivers

    @abstractmethod
    def _attempt(self) -> Attempt[Told]:
        """A new one, which understands the interface's events."""

    @abstractmethod
    async def _ring(
        self, phone: str, leg_id: UUID, ring_s: float, return_port: int, watched: Watched[Told]
    ) -> CallOutcome:
        """Originate the call and wait for its end. Raises ``TelephoneError``; however it is left
        without an outcome, the phone does not ring on."""

    @abstractmethod
    async def _set_variable(self, call_id: UUID, name: str, value: str) -> None:
        """Write a variable that the dialplan reads after our end of a visitor's call. Raises
        ``TelephoneError``."""

    @abstractmethod
    def _learn_caller(self, event: Told | None) -> None:
        """The dialplan may have told who calls."""

    @abstractmethod
    async def _finish_ending(self) -> None:
        """Legs that are still being hung up when we stop."""


def _failed(error: BaseException) -> None:
    _log.error("telephone.not_hung_up", exc_info=error)
