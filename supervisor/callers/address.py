"""Where a call goes: ``HOST:PORT`` as people write it."""

import ipaddress
from dataclasses import dataclass

from supervisor.errors import OperatorError


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a TCP port."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine, as far as the name tells."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def parse_address(text: str) -> Address:
    """``HOST:PORT``, ``[IPv6]:PORT`` or ``:PORT`` for this machine.

    Raises :class:`OperatorError` with an example.
    """
    host, _, port = text.rpartition(":")
    host = host.strip("[]") or "127.0.0.1"
    if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
        raise OperatorError(f'"{text}" is no address; write HOST:PORT, such as 127.0.0.1:9101.')
    return Address(host, int(port))
