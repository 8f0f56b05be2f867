"""The telephone of a session, by way of Asterisk's manager interface."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from typing import Final
from uuid import UUID, uuid4

from conversation.flow import CallOutcome
from conversation.telephone import TelephoneError
from supervisor.ami.client import AmiClient, AmiError, AmiRefusedError
from supervisor.ami.doors import AmiDoorPhone
from supervisor.ami.outcome import AmiAttempt
from supervisor.ami.protocol import Message
from supervisor.asterisk_telephone import AsteriskTelephone
from supervisor.attempts import Watched
from supervisor.doors.phone import DoorPhone
from supervisor.settings import AmiSettings
from supervisor.visitors import TOLD_BY, Visitor

SIGHT_LIMIT_S: Final = 10.0
"""How long a call that was cancelled may still come to be, and is hung up on sight."""


class AmiTelephone(AsteriskTelephone[Message]):
    """Use it through :meth:`running`."""

    CALLERS = "UserEvent"

    def __init__(self, client: AmiClient, settings: AmiSettings) -> None:
        super().__init__(client)
        self._client = client
        self._settings = settings
        self.doors = AmiDoorPhone(client, self._channel)

    async def hang_up(self, leg_id: UUID) -> None:
        """End a leg, ringing or answered; a leg that is gone already is no error."""
        try:
            await self._client.action("Hangup", ("Channel", str(leg_id)))
        except AmiRefusedError:
            return
        except AmiError as error:
            raise TelephoneError(str(error)) from error

    def _attempt(self) -> AmiAttempt:
        return AmiAttempt()

    async def _ring(
        self, phone: str, leg_id: UUID, ring_s: float, return_port: int, watched: Watched[Message]
    ) -> CallOutcome:
        action_id = f"ramal-originate-{uuid4()}"
        with ExitStack() as watches:
            for key in (str(leg_id), action_id):
                watches.enter_context(self._client.watching(key, watched.take))
            try:
                await self._originate(phone, leg_id, ring_s, return_port, action_id)
                return await watched.outcome(ring_s)
            except BaseException:
                self._stop(leg_id, seen=watched.attempt.seen)
                raise

    def _channel(self, call_id: UUID) -> str:
        return self._visitors.find(call_id).channel

    async def _set_variable(self, call_id: UUID, name: str, value: str) -> None:
        lines = (("Channel", self._channel(call_id)), ("Variable", name), ("Value", value))
        try:
            await self._client.action("Setvar", *lines)
        except AmiError as error:
            raise TelephoneError(str(error)) from error

    async def _originate(
        self, phone: str, leg_id: UUID, ring_s: float, return_port: int, action_id: str
    ) -> None:
        settings = self._settings
        lines = (
            ("Channel", settings.dial.replace("{phone}", phone)),
            ("ChannelId", str(leg_id)),
            ("Context", settings.context),
            ("Exten", "s"),
            ("Priority", "1"),
            ("Timeout", str(round(ring_s * 1000))),
            ("CallerID", settings.caller_id),
            ("Variable", f"RAMAL_LEG={leg_id}"),
            ("Variable", f"RAMAL_RETURN_PORT={return_port}"),
            ("Variable", f"RAMAL_FORMAT={settings.audio}"),
            ("Async", "true"),
        )
        try:
            await self._client.action("Originate", *lines, action_id=action_id)
        except AmiError as error:
            raise TelephoneError(str(error)) from error

    def _stop(self, leg_id: UUID, *, seen: bool) -> None:
        """Hang up now, without waiting; a channel that is still to come is hung up on sight."""
        self._client.send("Hangup", ("Channel", str(leg_id)))
        if not seen:
            self._ending.start(self._hang_up_on_sight(leg_id))

    async def _hang_up_on_sight(self, leg_id: UUID) -> None:
        gone = asyncio.Event()

        def hang_up(event: Message | None) -> None:
            if event is not None and event.event in ("Hangup", "OriginateResponse"):
                gone.set()
            elif event is not None:
                self._client.send("Hangup", ("Channel", str(leg_id)))

        with self._client.watching(str(leg_id), hang_up), suppress(TimeoutError):
            async with asyncio.timeout(SIGHT_LIMIT_S):
                await gone.wait()

    async def _finish_ending(self) -> None:
        await self._ending.cancel()

    def _learn_caller(self, event: Message | None) -> None:
        if event is not None and event.get("UserEvent") == TOLD_BY:
            visitor = Visitor(event.get("chan"), event.get("from"))
            self._visitors.learn(event.get("uuid"), visitor)


class NoTelephone:
    """Stands in where no Asterisk is configured: nobody can be called."""

    REASON: Final = "no telephone system is configured: add [ami] or [ari] to ramal.toml"

    async def call(
        self,
        phone: str,
        leg_id: UUID,
        *,
        ring_s: float,
        return_port: int,
        on_ringing: Callable[[], None],
    ) -> CallOutcome:
        """Raises ``TelephoneError``."""
        raise TelephoneError(self.REASON)

    def caller(self, call_id: UUID) -> str | None:
        """Nobody told."""

    async def hang_up(self, leg_id: UUID) -> None:
        """There is no leg."""

    async def expect_end(self, call_id: UUID) -> None:
        """Nobody has to be told."""

    async def transfer(self, call_id: UUID, destination: str) -> None:
        """Raises ``TelephoneError``."""
        raise TelephoneError(self.REASON)

    @property
    def doors(self) -> DoorPhone:
        """Raises ``TelephoneError`` for everything too."""
        return self

    async def connected(self) -> None:
        """Raises ``TelephoneError``."""
        raise TelephoneError(self.REASON)

    async def send_digits(self, call_id: UUID, digits: str, *, on_ms: int, gap_ms: int) -> None:
        """Raises ``TelephoneError``."""
        raise TelephoneError(self.REASON)

    async def run_dialplan(
        self, context: str, extension: str, variables: Mapping[str, str], *, limit_s: float
    ) -> None:
        """Raises ``TelephoneError``."""
        raise TelephoneError(self.REASON)
