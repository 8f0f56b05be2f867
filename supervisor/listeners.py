"""The listening sockets of an extension: bound by the supervisor, used by workers."""

import errno
import os
import socket
from dataclasses import dataclass
from typing import Final

BACKLOG: Final = 256
"""Callers that wait while a worker is replaced; Asterisk waits 2 s for each (facts, section 2)."""


class PortError(Exception):
    """A port cannot be listened on; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Listeners:
    """``visitors`` takes callers, ``returns`` the answered legs of our own calls."""

    visitors: socket.socket
    returns: socket.socket

    @property
    def sockets(self) -> tuple[socket.socket, socket.socket]:
        """Both, in the order in which they are handed over."""
        return self.visitors, self.returns

    @property
    def ports(self) -> tuple[int, int]:
        """The ports of both."""
        return self.visitors.getsockname()[1], self.returns.getsockname()[1]

    def close(self, *, keep: "Listeners | None" = None) -> None:
        """Close our copies but for those that ``keep`` uses too.

        A worker's copies keep a port open until it closes them as well.
        """
        for each in self.sockets:
            if keep is None or each not in keep.sockets:
                each.close()


def bind_listeners(
    host: str, port: int, return_port: int, before: Listeners | None = None
) -> Listeners:
    """Listen on both ports, on the sockets of ``before`` where these have the port already.

    Raises :class:`PortError`, and then nothing new is held.
    """
    held = dict(zip(before.ports, before.sockets, strict=True)) if before else {}
    visitors = held.get(port) or bind_listener(host, port)
    try:
        return Listeners(visitors, held.get(return_port) or bind_listener(host, return_port))
    except PortError:
        if port not in held:
            visitors.close()
        raise


def bind_listener(host: str, port: int) -> socket.socket:
    """A listening TCP socket. Raises :class:`PortError`."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror:
        raise PortError(f"the host {host} is not known: correct host in the settings") from None
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise PortError(_complaint(host, port, error)) from None
    return listener


def _complaint(host: str, port: int, error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"port {port} is in use by another program: stop that or choose another port"
        case errno.EACCES:
            return f"port {port} may not be used by this user: choose one above 1023"
        case errno.EADDRNOTAVAIL:
            return f"this machine has no address {host}: correct host in the settings"
    return f"port {port} cannot be listened on: {os.strerror(error.errno or 0)}"
