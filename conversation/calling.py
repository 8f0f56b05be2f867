"""Calling somebody from within a session: ring, wait for the leg, tell how it ended."""

import asyncio
from collections.abc import Callable
from typing import Protocol
from uuid import UUID

import structlog

from audiosocket.listener import Listener
from conversation.flow import CallOut, CallOutcome
from conversation.leg import Leg
from conversation.telephone import Telephone, TelephoneError

log = structlog.get_logger(__name__)


class Switchboard(Protocol):
    """Brings the connection of an answered call to the leg that waits for it."""

    def expect(self, leg_id: UUID, listener: Listener) -> None:
        """Give the connection with this UUID on the return port to ``listener``."""

    def forget(self, leg_id: UUID) -> None:
        """Nobody waits for this UUID any longer; an unknown one is no error."""


class OutgoingCall:
    """One attempt to bring a party onto a leg."""

    def __init__(
        self, leg: Leg, action: CallOut, telephone: Telephone, switchboard: Switchboard
    ) -> None:
        self.leg = leg
        self._action = action
        self._telephone = telephone
        self._switchboard = switchboard

    async def place(
        self,
        *,
        return_port: int,
        rings_within_s: float,
        leg_timeout_s: float,
        on_ringing: Callable[[], None],
    ) -> CallOutcome:
        """Ring; on ``ANSWERED`` the leg is up. Cancelling stops the phone from ringing.

        A phone that does not ring within ``rings_within_s`` is ``UNREACHABLE``.

        Trouble with the telephone system is logged and becomes ``FAILED``: the flow has to tell
        the visitor something in any case.
        """
        self._switchboard.expect(self.leg.leg_id, self.leg)
        try:
            outcome = await self._ring(return_port, rings_within_s, on_ringing)
            if outcome is CallOutcome.ANSWERED:
                await self._leg_comes_up(leg_timeout_s)
            return outcome
        except TelephoneError as error:
            log.warning("call_out_failed", reason=str(error), leg=str(self.leg.leg_id))
            return CallOutcome.FAILED
        finally:
            self._switchboard.forget(self.leg.leg_id)

    async def _ring(
        self, return_port: int, rings_within_s: float, on_ringing: Callable[[], None]
    ) -> CallOutcome:
        def rings() -> None:
            if not silence.expired():
                silence.reschedule(None)
            on_ringing()

        silence = asyncio.timeout(rings_within_s)
        try:
            async with silence:
                return await self._telephone.call(
                    self._action.phone,
                    self.leg.leg_id,
                    ring_s=self._action.ring_s,
                    return_port=return_port,
                    on_ringing=rings,
                )
        except TimeoutError:
            return CallOutcome.UNREACHABLE

    async def _leg_comes_up(self, timeout_s: float) -> None:
        try:
            async with asyncio.timeout(timeout_s):
                await self.leg.connected.wait()
        except TimeoutError:
            await self._telephone.hang_up(self.leg.leg_id)
            raise TelephoneError(
                f"the phone was answered, but its audio did not come within {timeout_s:g} s: "
                "check the dialplan's ramal-resident context"
            ) from None
        except asyncio.CancelledError:
            await self._telephone.hang_up(self.leg.leg_id)
            raise
