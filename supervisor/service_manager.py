"""What systemd is told of a service of ``Type=notify`` (sd_notify(3)); others ask for nothing."""

import os
import socket
from typing import Final

VARIABLE: Final = "NOTIFY_SOCKET"
LIMIT_S: Final = 1.0


def tell_in_charge() -> None:
    """That this process is the service now, and answers. Raises ``OSError``."""
    address = os.environ.get(VARIABLE)
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]  # an abstract name (unix(7))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.settimeout(LIMIT_S)
        line.sendto(f"READY=1\nMAINPID={os.getpid()}".encode(), address)
