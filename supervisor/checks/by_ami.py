"""An Asterisk seen through its manager interface."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final
from uuid import UUID

from supervisor.ami.client import AmiClient, AmiError
from supervisor.ami.protocol import Message
from supervisor.checks.echo_call import EchoFailed
from supervisor.checks.finding import Finding, fail
from supervisor.checks.rights import ENOUGH, judge_actions, judge_events
from supervisor.settings import AmiSettings

EVENTS: Final = ("Newchannel", "UserEvent", "VarSet", "Newexten", "RTCPSent", "DeviceStateChange")
"""Of the classes call, user, dialplan, reporting; what a call of ours causes if we may see it."""
TIMEOUT_MS: Final = 5000


class ByAmi:
    """Asks and originates; ``client`` is connected."""

    def __init__(self, client: AmiClient, settings: AmiSettings) -> None:
        self._client = client
        self._settings = settings
        self._classes: set[str] = set()
        self._told: set[str] = set()
        self._tag = ""

    async def ask(self, expression: str) -> str:
        """See :class:`supervisor.checks.dialplan.Asked`."""
        try:
            answer = await self._client.action("Getvar", ("Variable", expression))
        except AmiError:
            return ""
        return answer.get("Value")

    async def rights(self) -> Finding:
        """Which actions we may do."""
        try:
            answer = await self._client.action("ListCommands")
        except AmiError as error:
            return fail("ami rights", f"Asterisk does not tell our rights: {error}.", ENOUGH)
        return judge_actions({name for name, _ in answer.lines})

    async def originate(self, call_id: UUID, port: int) -> None:
        """See :class:`supervisor.checks.echo_call.Originates`."""
        self._tag = str(call_id)
        lines = (
            ("Channel", "Local/s@ramal-answer/n"),
            ("ChannelId", str(call_id)),
            ("Context", self._settings.context),
            ("Exten", "s"),
            ("Priority", "1"),
            ("Timeout", str(TIMEOUT_MS)),
            *(("Variable", f"{k}={v}") for k, v in variables(call_id, port, self._settings.audio)),
            ("Async", "true"),
        )
        try:
            await self._client.action("Originate", *lines)
        except AmiError as error:
            raise EchoFailed(str(error)) from error

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Note, during the block, which events come."""
        with ExitStack() as watches:
            for name in EVENTS:
                watches.enter_context(self._client.watching(name, self._take))
            yield

    def events(self) -> Finding:
        """What we were told of the call."""
        return judge_events(
            self._classes,
            told_of_call="Newchannel" in self._told,
            told_of_user="UserEvent" in self._told,
        )

    def _take(self, event: Message | None) -> None:
        if event is None:
            return
        self._classes.add(event.get("Privilege").partition(",")[0])
        if self._tag in (event.get("Uniqueid"), event.get("uuid")):
            self._told.add(event.event)


def variables(call_id: UUID, port: int, audio: str) -> Iterator[tuple[str, str]]:
    """Of both halves of the call; those with two underscores reach the second one, too.

    ``ramal-answer`` finds in ARG1 and ARG2 what ``numbers.conf`` would give it. The end is
    announced from the start, so that the dialplan does not connect again.
    """
    yield "RAMAL_LEG", str(call_id)
    yield "RAMAL_RETURN_PORT", str(port)
    yield "RAMAL_FORMAT", audio
    yield "__ARG1", str(port)
    yield "__ARG2", audio
    yield "__RAMAL_END", "1"
