"""Doors by way of Asterisk's manager interface: ``PlayDTMF`` and ``Originate`` of a Local channel.

Every value has been checked by its declaration before it comes here, and is refused again by
``supervisor/ami/protocol.py`` if it could be more than a value.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID, uuid4

from conversation.telephone import TelephoneError
from supervisor.ami.client import AmiClient, AmiError
from supervisor.ami.protocol import Message

GRACE_S: Final = 0.5
"""Beyond the time that the dialplan has: Asterisk reports a time-out within milliseconds of it."""


class AmiDoorPhone:
    """A :class:`supervisor.doors.phone.DoorPhone`. ``channel_of`` names a visitor's channel, or
    raises ``TelephoneError``."""

    def __init__(self, client: AmiClient, channel_of: Callable[[UUID], str]) -> None:
        self._client = client
        self._channel_of = channel_of

    async def connected(self) -> None:
        """Wait until we are logged in."""
        await self._client.connected()

    async def send_digits(self, call_id: UUID, digits: str, *, on_ms: int, gap_ms: int) -> None:
        """Press keys on the visitor's channel, one after the other.

        Asterisk answers ``PlayDTMF`` when the key is released, and takes our other actions only
        then (manager.c, 22.10.1): so a key is no longer than ``supervisor/doors/settings.py`` lets
        it be.
        """
        channel = self._channel_of(call_id)
        for place, digit in enumerate(digits):
            if place:
                await asyncio.sleep(gap_ms / 1000)
            lines = (("Channel", channel), ("Digit", digit), ("Duration", str(on_ms)))
            await self._do("PlayDTMF", lines)

    async def run_dialplan(
        self, context: str, extension: str, variables: Mapping[str, str], *, limit_s: float
    ) -> None:
        """Originate a Local channel; the half that runs the dialplan says by answering that all is
        done, and the other half ends then."""
        action_id = f"ramal-door-{uuid4()}"
        told: asyncio.Future[Message | None] = asyncio.get_running_loop().create_future()

        def take(event: Message | None) -> None:
            is_end = event is None or event.event == "OriginateResponse"
            if is_end and not told.done():
                told.set_result(event)

        lines = (
            ("Channel", f"Local/{extension}@{context}/n"),
            ("Application", "NoOp"),
            ("Timeout", str(round(limit_s * 1000))),
            *(("Variable", f"{name}={value}") for name, value in variables.items()),
            ("Async", "true"),
        )
        where = f"{extension}@{context} of the dialplan"
        with self._client.watching(action_id, take):
            await self._do("Originate", lines, action_id)
            try:
                async with asyncio.timeout(limit_s + GRACE_S):
                    end = await told
            except TimeoutError:
                raise TelephoneError(f"Asterisk did not tell how {where} went") from None
        if end is None:
            raise TelephoneError(f"the connection to Asterisk was lost while {where} ran")
        if end.get("Response") != "Success":
            raise TelephoneError(f"{where} ended without an answer, or there is none")

    async def _do(
        self, name: str, lines: tuple[tuple[str, str], ...], action_id: str | None = None
    ) -> None:
        try:
            await self._client.action(name, *lines, action_id=action_id)
        except (AmiError, ValueError) as error:
            raise TelephoneError(str(error)) from error
