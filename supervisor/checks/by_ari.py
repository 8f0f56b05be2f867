"""An Asterisk seen through ARI."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import UUID, uuid4

from supervisor.ari.client import AriClient
from supervisor.ari.errors import AriError
from supervisor.checks.by_ami import variables
from supervisor.checks.echo_call import EchoFailed
from supervisor.settings import AriSettings


class ByAri:
    """Asks and originates; ``client`` is connected.

    ARI evaluates functions only on a channel, so :meth:`asking` makes one that goes nowhere.
    """

    def __init__(self, client: AriClient, settings: AriSettings) -> None:
        self._client = client
        self._settings = settings
        self._channel = ""

    @asynccontextmanager
    async def asking(self) -> AsyncIterator[None]:
        """Be able to ask during the block. Raises ``AriError``."""
        channel = f"ramal-doctor-{uuid4()}"
        query = {
            "endpoint": "Local/s@ramal-answer/n",
            "app": self._client.application,
            "channelId": channel,
        }
        await self._client.request("POST", "/channels/create", query=query)
        self._channel = channel
        try:
            if not await self.ask("CHANNEL(name)"):
                raise AriError("it makes no channels of its own: load app_stasis.so")
            yield
        finally:
            self._channel = ""
            with suppress(AriError):
                await self._client.request("DELETE", f"/channels/{channel}")

    async def ask(self, expression: str) -> str:
        """See :class:`supervisor.checks.dialplan.Asked`."""
        path = f"/channels/{self._channel}/variable"
        if expression.isidentifier():
            path = "/asterisk/variable"
        try:
            answer = await self._client.request("GET", path, query={"variable": expression})
        except AriError:
            return ""
        return str(answer.get("value", "")) if isinstance(answer, dict) else ""

    async def originate(self, call_id: UUID, port: int) -> None:
        """See :class:`supervisor.checks.echo_call.Originates`."""
        query = {
            "endpoint": "Local/s@ramal-answer/n",
            "channelId": str(call_id),
            "context": self._settings.context,
            "extension": "s",
            "priority": "1",
            "timeout": "5",
        }
        body = {"variables": dict(variables(call_id, port, self._settings.audio))}
        try:
            await self._client.request("POST", "/channels", query=query, body=body)
        except AriError as error:
            raise EchoFailed(str(error)) from error
