"""Ports that tests give away, below those that the kernel gives to whoever connects: one of those
may be taken by any connection before the server that it was found for listens on it."""

import os
import random
import socket
from collections.abc import Iterator
from itertools import cycle
from typing import Final

HOST: Final = "127.0.0.1"
SERVERS: Final = range(10_000, 21_600)
RTP: Final = range(21_600, 32_000)
"""Of which an Asterisk takes some in a row."""
MOST_TESTERS: Final = 8


def _own() -> Iterator[int]:
    """Round and round the share of this process among those of pytest-xdist, from anywhere."""
    tester = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % MOST_TESTERS
    share = SERVERS[tester::MOST_TESTERS]
    start = random.randrange(len(share))
    return cycle((*share[start:], *share[:start]))


_PORTS: Final = _own()


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port of loopback that nothing is bound to, and that no test was given lately."""
    return next(port for port in _PORTS if _is_free(port, kind))


def free_ports(count: int) -> list[int]:
    """Ports that nothing listens on now."""
    return [free_port() for _ in range(count)]


def free_range(count: int) -> int:
    """The even first port of ``count`` free UDP ports."""
    while True:
        first = random.randrange(RTP.start, RTP.stop - count, 2)
        if all(_is_free(port, socket.SOCK_DGRAM) for port in range(first, first + count)):
            return first


def _is_free(port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind is socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            if kind is socket.SOCK_STREAM:
                probe.listen()
        except OSError:
            return False
        return True
