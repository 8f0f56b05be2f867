"""AMI's text protocol without a socket: bytes in, messages out, actions as bytes.

Messages are ``Name: value`` lines that end in CR LF, with an empty line after each; a name may
come several times (``Variable``). The server's first line is a banner.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

MAX_MESSAGE_BYTES: Final = 256 * 1024
"""Far above any event of Asterisk; what never ends is not AMI."""
MAX_LINE_BYTES: Final = 1024
"""Asterisk reads an action's lines into a buffer of 1025 (manager.c, ``inbuf``)."""
BANNER: Final = b"Asterisk Call Manager"
_FORBIDDEN: Final = frozenset("\r\n\0")


class AmiProtocolError(Exception):
    """The peer does not speak AMI."""


class UnsafeValueError(ValueError):
    """A name or value that would change the meaning of the action that it is part of."""


@dataclass(frozen=True, slots=True)
class Message:
    """An event or a response: its lines in order. Names are compared without regard to case."""

    lines: tuple[tuple[str, str], ...]

    def get(self, name: str, default: str = "") -> str:
        """The first value of ``name``."""
        wanted = name.casefold()
        return next((value for key, value in self.lines if key.casefold() == wanted), default)

    @property
    def event(self) -> str:
        """The event's name; empty for a response."""
        return self.get("Event")

    @property
    def is_response(self) -> bool:
        """Whether it answers an action; ``OriginateResponse`` is an event all the same."""
        return bool(self.lines) and self.lines[0][0].casefold() == "response"


class MessageDecoder:
    """Turns the stream's bytes into messages, however they are cut."""

    def __init__(self) -> None:
        self._rest = b""
        self._greeted = False

    def feed(self, data: bytes) -> list[Message]:
        """The messages that ``data`` completes. Raises :class:`AmiProtocolError`."""
        self._rest += data
        if not self._greeted and not self._take_banner():
            return []
        *complete, self._rest = self._rest.split(b"\r\n\r\n")
        if len(self._rest) > MAX_MESSAGE_BYTES:
            raise AmiProtocolError(f"a message longer than {MAX_MESSAGE_BYTES} bytes")
        return [message for text in complete if (message := _parse(text)).lines]

    def _take_banner(self) -> bool:
        start = self._rest[: len(BANNER)]
        if not BANNER.startswith(start):
            raise AmiProtocolError("what answers there is not Asterisk's manager interface")
        line, end, rest = self._rest.partition(b"\r\n")
        if not end and len(line) > MAX_LINE_BYTES:
            raise AmiProtocolError("what answers there is not Asterisk's manager interface")
        if end:
            self._rest, self._greeted = rest, True
        return self._greeted


def encode_action(name: str, action_id: str, lines: Iterable[tuple[str, str]] = ()) -> bytes:
    """An action as bytes. Raises :class:`UnsafeValueError` rather than let a value be more.

    CR, LF and NUL are refused anywhere; a line longer than Asterisk's buffer would be cut in two.
    """
    whole = (("Action", name), ("ActionID", action_id), *lines)
    return b"".join(_line(key, value) for key, value in whole) + b"\r\n"


def _line(key: str, value: str) -> bytes:
    if not key or ":" in key or _FORBIDDEN & set(key + value):
        raise UnsafeValueError(f"{key!r}: {value!r} cannot be sent to Asterisk")
    line = f"{key}: {value}".encode()
    if len(line) + 2 > MAX_LINE_BYTES:
        raise UnsafeValueError(f"the value of {key} is too long for Asterisk")
    return line + b"\r\n"


def _parse(text: bytes) -> Message:
    lines = text.decode("utf-8", errors="replace").split("\r\n")
    pairs = (line.partition(":") for line in lines if line)
    return Message(tuple((key.strip(), value.strip()) for key, _, value in pairs))
