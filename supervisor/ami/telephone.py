"""The telephone of a session, by way of Asterisk's manager interface."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import ExitStack, asynccontextmanager, suppress
from typing import Final
from uuid import UUID, uuid4

import structlog

from conversation.flow import CallOutcome
from conversation.telephone import TelephoneError
from supervisor.ami.client import AmiClient, AmiError, AmiRefusedError
from supervisor.ami.doors import AmiDoorPhone
from supervisor.ami.outcome import AmiAttempt
from supervisor.ami.protocol import Message
from supervisor.attempts import Watched
from supervisor.doors.phone import DoorPhone
from supervisor.phones import DESTINATION, PHONE
from supervisor.settings import AmiSettings
from supervisor.visitors import TOLD_BY, Visitor, Visitors

SIGHT_LIMIT_S: Final = 10.0
"""How long a call that was cancelled may still come to be, and is hung up on sight."""

_log = structlog.get_logger(__name__)


class AmiTelephone:
    """A :class:`conversation.telephone.Telephone`; use it through :meth:`running`."""

    def __init__(self, client: AmiClient, settings: AmiSettings) -> None:
        self._client = client
        self._settings = settings
        self._visitors = Visitors()
        self._stopping: set[asyncio.Task[None]] = set()
        self.doors: DoorPhone = AmiDoorPhone(client, self._channel)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["AmiTelephone"]:
        """Stay connected, and learn which channel each visitor's call is, during the block."""
        async with self._client.running():
            with self._client.watching("UserEvent", self._learn_caller):
                try:
                    yield self
                finally:
                    await self._finish_stopping()

    async def connected(self) -> None:
        """Wait until people can be called; give it a time-out of your own."""
        await self._client.connected()

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
        attempt = AmiAttempt()
        watched = Watched(attempt, on_ringing)

        def take(event: Message | None) -> None:
            if event is None:
                watched.lost()
            else:
                attempt.take(event)
                watched.changed()

        action_id = f"ramal-originate-{uuid4()}"
        with ExitStack() as watches:
            for key in (str(leg_id), action_id):
                watches.enter_context(self._client.watching(key, take))
            try:
                await self._originate(phone, leg_id, ring_s, return_port, action_id)
                return await watched.outcome(ring_s)
            except BaseException:
                self._stop(leg_id, seen=attempt.seen)
                raise

    async def hang_up(self, leg_id: UUID) -> None:
        """End a leg, ringing or answered; a leg that is gone already is no error."""
        try:
            await self._client.action("Hangup", ("Channel", str(leg_id)))
        except AmiRefusedError:
            return
        except AmiError as error:
            raise TelephoneError(str(error)) from error

    async def transfer(self, call_id: UUID, destination: str) -> None:
        """Let the dialplan send the caller to ``destination`` once our end of the call is over."""
        if not DESTINATION.fullmatch(destination):
            raise TelephoneError(f"{destination!r} is no extension of a dialplan")
        await self._set_variable(call_id, "RAMAL_NEXT", destination)

    async def expect_end(self, call_id: UUID) -> None:
        """Tell the dialplan that the coming end of a call is meant, not the death of a process."""
        await self._set_variable(call_id, "RAMAL_END", "1")

    def caller(self, call_id: UUID) -> str | None:
        """The number that a visitor called from, if Asterisk told."""
        return self._visitors.number(call_id)

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
            task = asyncio.create_task(self._hang_up_on_sight(leg_id), name="hang up on sight")
            self._stopping.add(task)
            task.add_done_callback(self._stopping.discard)

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

    async def _finish_stopping(self) -> None:
        for task in self._stopping:
            task.cancel()
        await asyncio.gather(*self._stopping, return_exceptions=True)

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
