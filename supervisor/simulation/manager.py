"""The answering side of the Asterisk Manager Interface (AMI), as much as the exchange needs.

The text is that of Asterisk 22: ``Name: value`` lines that end in CR LF, a blank line after each
message, repeated names where a message lists several values (``Variable``).
"""

import asyncio
import contextlib
import hmac
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeAlias

from supervisor.ami.protocol import MAX_LINE_BYTES, Message

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
"""What Asterisk 22 says first; clients wait for it before they log in."""

MAX_HEADERS = 128
"""Asterisk's own bound on the lines of one action (manager.h, ``AST_MAX_MANHEADERS``)."""

MAX_BACKLOG_BYTES = 1 << 20
"""A client that lets this much pile up unread is dropped, as it would stop every other one."""


def event(name: str, **values: str) -> Message:
    """An event with its values in the order given."""
    return Message((("Event", name), *values.items()))


def response(outcome: str, **values: str) -> Message:
    """The answer to an action: ``Success``, ``Error`` or ``Goodbye``, and its message."""
    return Message((("Response", outcome), *values.items()))


def encode(message: Message) -> bytes:
    """The message as it goes over the wire; a line break inside a value becomes a space."""
    lines = (f"{name}: {' '.join(value.splitlines())}\r\n" for name, value in message.lines)
    return ("".join(lines) + "\r\n").encode()


Answer: TypeAlias = Callable[[Message], Awaitable[Iterable[Message]]]
"""Takes an action and gives its response first, then the events that belong to it."""


class ManagerSession:
    """One client's connection: the banner, a login, then actions answered one after another."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        user: str,
        secret: str,
        answer: Answer,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._user = user
        self._secret = secret
        self._answer = answer
        self.logged_in = False

    async def serve(self) -> None:
        """Answer until the client logs off or goes; returns with the connection closed."""
        self._writer.write(BANNER)
        try:
            # A client that vanishes, or sends what Asterisk would refuse to read, ends here.
            with contextlib.suppress(ConnectionError, ValueError):
                while (action := await self._read_action()) and await self._take(action):
                    await self._writer.drain()
        finally:
            self.logged_in = False
            self._writer.close()

    def tell(self, message: Message) -> None:
        """Send an event to a client that has logged in; a client that never reads is dropped."""
        if not self.logged_in:
            return
        if self._writer.transport.get_write_buffer_size() > MAX_BACKLOG_BYTES:
            self._writer.transport.abort()
            return
        self._writer.write(encode(message))

    async def _take(self, action: Message) -> bool:
        name = action.get("Action").casefold()
        if name == "logoff":
            self._reply(action, response("Goodbye", Message="Thanks for all the fish."))
            return False
        if name == "login":
            return self._log_in(action)
        if not self.logged_in:
            self._reply(action, response("Error", Message="Permission denied"))
            return True
        first, *rest = await self._answer(action)
        self._reply(action, first)
        for message in rest:
            self.tell(message)
        return True

    def _log_in(self, action: Message) -> bool:
        right = hmac.compare_digest(action.get("Secret").encode(), self._secret.encode())
        self.logged_in = right and action.get("Username") == self._user
        if not self.logged_in:
            self._reply(action, response("Error", Message="Authentication failed"))
            return False
        self._reply(action, response("Success", Message="Authentication accepted"))
        self.tell(event("FullyBooted", Privilege="system,all", Status="Fully Booted"))
        return True

    def _reply(self, action: Message, reply: Message) -> None:
        if action_id := action.get("ActionID"):
            head, *rest = reply.lines
            reply = Message((head, ("ActionID", action_id), *rest))
        self._writer.write(encode(reply))

    async def _read_action(self) -> Message | None:
        lines: list[tuple[str, str]] = []
        while line := await self._reader.readline():
            if len(line) > MAX_LINE_BYTES or len(lines) > MAX_HEADERS:
                raise ValueError("an action beyond Asterisk's bounds")
            text = line.decode(errors="replace").strip("\r\n")
            if text:
                name, _, value = text.partition(":")
                lines.append((name.strip(), value.strip()))
            elif lines:
                return Message(tuple(lines))
        return None
