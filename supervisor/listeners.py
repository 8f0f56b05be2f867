"""The listening sockets of an extension: bound by the supervisor, used by workers."""

import errno
import os
import socket
from dataclasses import dataclass
from typing import Final, TypeAlias

BACKLOG: Final = 256
"""Callers that wait while a worker is replaced; Asterisk waits 2 s for each (facts, section 2)."""


class PortError(Exception):
    """A port cannot be listened on; the message says why and what to do."""


FreeSockets: TypeAlias = dict[int, socket.socket]
"""Sockets that listen, by port, and that no extension has at the moment."""


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

    @property
    def by_port(self) -> FreeSockets:
        """The sockets, to be given to whoever needs their ports."""
        return dict(zip(self.ports, self.sockets, strict=True))

    def close(self) -> None:
        """Close our copies; a worker's keep a port open until it closes them as well."""
        for each in self.sockets:
            each.close()


def bind_listeners(host: str, port: int, return_port: int, free: FreeSockets) -> Listeners:
    """Listen on both ports, with the sockets of ``free`` that have them already, taken from there.

    Raises :class:`PortError`, and then ``free`` is as it was and nothing new is held.
    """
    taken = {each: free.pop(each) for each in (port, return_port) if each in free}
    made: list[socket.socket] = []
    try:
        for each in (port, return_port):
            if each not in taken:
                made.append(bind_listener(host, each))
                taken[each] = made[-1]
        return Listeners(taken[port], taken[return_port])
    except PortError:
        for new in made:
            new.close()
        free.update({number: each for number, each in taken.items() if each not in made})
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
