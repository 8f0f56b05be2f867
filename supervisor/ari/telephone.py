"""The telephone of a session, by way of ARI.

A resident's call is originated into the dialplan, not into an ARI application: whatever becomes
of us, the dialplan ends it. What the dialplan has to know of a visitor's channel is written to its
``SHARED`` variables, since ARI sets a channel's own only inside an application.
"""

import asyncio
import re
from typing import Final
from urllib.parse import quote
from uuid import UUID

import structlog

from conversation.flow import CallOutcome
from conversation.telephone import TelephoneError
from supervisor.ari.client import AriClient
from supervisor.ari.doors import AriDoorPhone
from supervisor.ari.errors import AriError, AriRefusedError
from supervisor.ari.events import Event, channel_of, text_of
from supervisor.ari.outcome import REFUSED, AriAttempt
from supervisor.asterisk_telephone import AsteriskTelephone
from supervisor.attempts import Watched
from supervisor.settings import AriSettings
from supervisor.visitors import TOLD_BY, Visitor

GONE: Final = 404
CHANNEL: Final = re.compile(r"[^,()\s]{1,200}")
"""A channel's name that is safe as the argument of a dialplan function."""

_log = structlog.get_logger(__name__)


class AriTelephone(AsteriskTelephone[Event]):
    """Use it through :meth:`running`."""

    CALLERS = TOLD_BY

    def __init__(self, client: AriClient, settings: AriSettings) -> None:
        super().__init__(client)
        self._client = client
        self._settings = settings
        self.doors = AriDoorPhone(client, self._channel)

    async def hang_up(self, leg_id: UUID) -> None:
        """End a leg, ringing or answered; a leg that is gone already is no error."""
        try:
            await self._client.request("DELETE", f"/channels/{leg_id}")
        except AriRefusedError as refusal:
            if refusal.status != GONE:
                raise TelephoneError(str(refusal)) from refusal
        except AriError as error:
            raise TelephoneError(str(error)) from error

    def _attempt(self) -> AriAttempt:
        return AriAttempt()

    async def _ring(
        self, phone: str, leg_id: UUID, ring_s: float, return_port: int, watched: Watched[Event]
    ) -> CallOutcome:
        if not self._client.is_connected:
            raise TelephoneError("there is no connection to Asterisk")
        with self._client.watching(str(leg_id), watched.take):
            originating = asyncio.create_task(self._originate(phone, leg_id, ring_s, return_port))
            try:
                await asyncio.shield(originating)
                return await watched.outcome(ring_s)
            except AriRefusedError as refusal:
                if refusal.status == REFUSED:
                    return CallOutcome.UNREACHABLE
                raise TelephoneError(str(refusal)) from refusal
            except AriError as error:
                self._ending.start(self._put_down(originating, leg_id))
                raise TelephoneError(str(error)) from error
            except BaseException:
                self._ending.start(self._put_down(originating, leg_id))
                raise

    async def _originate(self, phone: str, leg_id: UUID, ring_s: float, return_port: int) -> None:
        settings = self._settings
        query = {
            "endpoint": settings.dial.replace("{phone}", phone),
            "channelId": str(leg_id),
            "context": settings.context,
            "extension": "s",
            "priority": "1",
            "timeout": str(max(1, int(ring_s))),
            "callerId": settings.caller_id,
        }
        variables = {
            "RAMAL_LEG": str(leg_id),
            "RAMAL_RETURN_PORT": str(return_port),
            "RAMAL_FORMAT": settings.audio,
        }
        await self._client.request("POST", "/channels", query=query, body={"variables": variables})

    async def _put_down(self, originating: "asyncio.Task[None]", leg_id: UUID) -> None:
        """Hang up, once the channel has come to be: no phone shall ring on that nobody waits
        for."""
        await asyncio.wait([originating])
        try:
            await self.hang_up(leg_id)
        except TelephoneError as error:
            _log.warning("telephone.not_hung_up", leg=str(leg_id), reason=str(error))

    def _channel(self, call_id: UUID) -> str:
        channel = self._visitors.find(call_id).channel
        if not CHANNEL.fullmatch(channel):
            raise TelephoneError(f"{channel!r} is no name of a channel")
        return channel

    async def _set_variable(self, call_id: UUID, name: str, value: str) -> None:
        visitor = self._visitors.find(call_id)
        write = {"variable": f"SHARED({name},{self._channel(call_id)})", "value": value}
        read_back = f"/channels/{quote(visitor.channel_id, safe='')}/variable"
        try:
            await self._client.request("POST", "/asterisk/variable", query=write)
            # the first answers the same for a channel that is gone
            await self._client.request("GET", read_back, query={"variable": f"SHARED({name})"})
        except AriError as error:
            raise TelephoneError(str(error)) from error

    def _learn_caller(self, event: Event | None) -> None:
        if event is None or not isinstance(told := event.get("userevent"), dict):
            return
        channel_id = text_of(channel_of(event), "id")
        visitor = Visitor(text_of(told, "chan"), text_of(told, "from"), channel_id)
        self._visitors.learn(text_of(told, "uuid"), visitor)

    async def _finish_ending(self) -> None:
        await self._ending.finish(None)
