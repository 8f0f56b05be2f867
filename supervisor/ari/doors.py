"""Doors by way of ARI, which sends keys only to channels of its own application: the dialplan does
it for us, and says by answering that it is done."""

from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID, uuid4

from conversation.flow import CallOutcome
from conversation.telephone import TelephoneError
from supervisor.ari.client import AriClient
from supervisor.ari.errors import AriError
from supervisor.ari.outcome import AriAttempt
from supervisor.attempts import Watched

KEYS_CONTEXT: Final = "ramal-keys"
"""Of the shipped dialplan: ``SendDTMF`` on another channel."""
DONE_CONTEXT: Final = "ramal-done"
"""Where our half of the Local channel goes once the other one has answered: it hangs up."""
MARGIN_S: Final = 2.0


class AriDoorPhone:
    """A :class:`supervisor.doors.phone.DoorPhone`. ``channel_of`` names a visitor's channel, or
    raises ``TelephoneError``."""

    def __init__(self, client: AriClient, channel_of: Callable[[UUID], str]) -> None:
        self._client = client
        self._channel_of = channel_of

    async def connected(self) -> None:
        """Wait until we are logged in."""
        await self._client.connected()

    async def send_digits(self, call_id: UUID, digits: str, *, on_ms: int, gap_ms: int) -> None:
        """Let the dialplan press the keys; returns when the last one was released."""
        variables = {
            "RAMAL_CHANNEL": self._channel_of(call_id),
            "RAMAL_KEYS": digits,
            "RAMAL_ON_MS": str(on_ms),
            "RAMAL_GAP_MS": str(gap_ms),
        }
        limit_s = MARGIN_S + len(digits) * (on_ms + gap_ms) / 1000
        await self.run_dialplan(KEYS_CONTEXT, "s", variables, limit_s=limit_s)

    async def run_dialplan(
        self, context: str, extension: str, variables: Mapping[str, str], *, limit_s: float
    ) -> None:
        """Originate a Local channel, whose other half runs the dialplan."""
        channel_id = str(uuid4())
        watched = Watched(AriAttempt(), lambda: None)
        query = {
            "endpoint": f"Local/{extension}@{context}/n",
            "channelId": channel_id,
            "context": DONE_CONTEXT,
            "extension": "s",
            "priority": "1",
            "timeout": str(max(1, round(limit_s))),
        }
        where = f"{extension}@{context} of the dialplan"
        with self._client.watching(channel_id, watched.take):
            try:
                await self._client.request(
                    "POST", "/channels", query=query, body={"variables": dict(variables)}
                )
            except AriError as error:
                raise TelephoneError(f"{where} cannot be run: {error}") from error
            outcome = await watched.outcome(limit_s)
        if outcome is not CallOutcome.ANSWERED:
            raise TelephoneError(f"{where} ended without an answer, or there is none")
