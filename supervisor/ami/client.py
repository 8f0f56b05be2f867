"""A client of Asterisk's manager interface that stays connected.

One task owns the connection: it logs in, reads, and tries again with backoff when Asterisk goes
away. Actions fail at once while there is no connection, so that a call is told within its time.
"""

import asyncio
import itertools
from collections.abc import Iterable
from typing import Final

import structlog

from supervisor.ami.protocol import AmiProtocolError, Message, MessageDecoder, encode_action
from supervisor.asterisk_client import AsteriskClient
from supervisor.metrics import Metrics

CONNECT_LIMIT_S: Final = 5.0
ACTION_LIMIT_S: Final = 5.0
"""Asterisk answers an action within milliseconds; ``Originate`` too, being asynchronous."""
PING_EVERY_S: Final = 15.0
MAX_UNSENT_BYTES: Final = 1 << 20
READ_BYTES: Final = 65536

_log = structlog.get_logger(__name__)


class AmiError(Exception):
    """An action could not be done; the message says why in one sentence."""


class AmiDisconnectedError(AmiError):
    """There is no connection to Asterisk, or it went away before the answer."""


class AmiRefusedError(AmiError):
    """Asterisk answered with an error; the message holds its words."""


class AmiLoginError(AmiError):
    """Asterisk does not know the user or the secret."""


class AmiClient(AsteriskClient[Message]):
    """Use it through :meth:`running`.

    What can be watched is a channel id (it matches ``Uniqueid`` and ``DestUniqueid``), an ActionID,
    or an event's name.
    """

    def __init__(
        self, host: str, port: int, user: str, secret: str, metrics: Metrics | None = None
    ) -> None:
        self._address = (host, port)
        self._login = (("Username", user), ("Secret", secret), ("Events", "on"))
        reconnects = (metrics or Metrics()).ami_reconnects
        super().__init__("ami", (OSError, TimeoutError, AmiProtocolError, AmiError), reconnects)
        self._ids = itertools.count(1)
        self._answers: dict[str, asyncio.Future[Message]] = {}
        self._writer: asyncio.StreamWriter | None = None

    async def try_once(self) -> None:
        """Connect, log in and leave: a test of the settings. Raises :class:`AmiError`."""
        try:
            await self._session(serve=False)
        except (OSError, TimeoutError, AmiProtocolError) as error:
            raise AmiDisconnectedError(self._why(error)) from error

    async def action(
        self, name: str, *lines: tuple[str, str], action_id: str | None = None
    ) -> Message:
        """Do an action and return the response. ``action_id`` lets its events be watched.

        Raises :class:`AmiRefusedError`, :class:`AmiDisconnectedError`, and ``UnsafeValueError``
        for values that would be more than values.
        """
        if not self.is_connected:
            raise AmiDisconnectedError("there is no connection to Asterisk")
        return await self._ask(name, lines, action_id)

    def send(self, name: str, *lines: tuple[str, str]) -> None:
        """Send an action without waiting for its answer; without a connection nothing happens."""
        data = encode_action(name, self._next_id(), lines)
        if self._writer is None or not self.is_connected:
            return
        if self._writer.transport.get_write_buffer_size() > MAX_UNSENT_BYTES:
            self._writer.transport.abort()
            return
        self._writer.write(data)

    # ------------------------------------------------------------------ the connection

    async def _serve(self) -> None:
        await self._session(serve=True)

    async def _session(self, *, serve: bool) -> None:
        """From connecting to the connection's end, which is an error if we are to serve."""
        async with asyncio.timeout(CONNECT_LIMIT_S):
            reader, self._writer = await asyncio.open_connection(*self._address)
        writer = self._writer
        try:
            async with asyncio.TaskGroup() as tasks:
                reading = tasks.create_task(self._read(reader))
                await self._log_in()
                if serve:
                    self._came()
                    _log.info("ami.connected", host=self._address[0], port=self._address[1])
                    tasks.create_task(self._keep_alive())
                else:
                    reading.cancel()
        except* (OSError, TimeoutError, AmiProtocolError, AmiError) as errors:
            raise _first(errors) from None
        finally:
            writer.transport.abort()
            if not serve:
                self._writer = None

    async def _log_in(self) -> None:
        try:
            await self._ask("Login", self._login)
        except AmiRefusedError:
            raise AmiLoginError(
                "Asterisk refuses the AMI user or secret; compare [ami] in ramal.toml with "
                "manager.conf (also its permit line), then reload the manager"
            ) from None

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(PING_EVERY_S)
            await self._ask("Ping", ())

    async def _read(self, reader: asyncio.StreamReader) -> None:
        decoder = MessageDecoder()
        while data := await reader.read(READ_BYTES):
            for message in decoder.feed(data):
                self._take(message)
        raise AmiDisconnectedError("Asterisk closed the connection")

    def _next_id(self) -> str:
        return f"ramal-{next(self._ids)}"

    async def _ask(
        self, name: str, lines: Iterable[tuple[str, str]], action_id: str | None = None
    ) -> Message:
        action_id = action_id or self._next_id()
        data = encode_action(name, action_id, lines)
        if self._writer is None:
            raise AmiDisconnectedError("there is no connection to Asterisk")
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._answers[action_id] = answer
        try:
            self._writer.write(data)
            async with asyncio.timeout(ACTION_LIMIT_S):
                response = await answer
        except TimeoutError:
            raise AmiDisconnectedError(
                f"Asterisk does not answer {name} within {ACTION_LIMIT_S:g} s"
            ) from None
        finally:
            self._answers.pop(action_id, None)
        if response.get("Response") == "Error":
            raise AmiRefusedError(f"Asterisk refuses {name}: {response.get('Message')}")
        return response

    def _take(self, message: Message) -> None:
        if message.is_response:
            answer = self._answers.get(message.get("ActionID"))
            if answer is not None and not answer.done():
                answer.set_result(message)
            return
        keys = {message.get(name) for name in ("Uniqueid", "DestUniqueid", "ActionID")}
        keys.add(message.event)
        self._tell(keys, message)

    def _lose(self) -> None:
        self._writer = None
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(AmiDisconnectedError("the connection to Asterisk was lost"))
        super()._lose()

    def _why(self, error: BaseException) -> str:
        host, port = self._address
        if isinstance(error, TimeoutError):
            return f"{host}:{port} does not answer"
        if isinstance(error, ConnectionRefusedError):
            return f"nothing listens on {host}:{port}"
        return str(error)


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """The cause among errors that came together: a refused login rather than the lost line."""
    leaves = [leaf for error in errors.exceptions for leaf in _leaves(error)]
    return next((leaf for leaf in leaves if isinstance(leaf, AmiLoginError)), leaves[0])


def _leaves(error: BaseException) -> list[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [leaf for each in error.exceptions for leaf in _leaves(each)]
    return [error]
