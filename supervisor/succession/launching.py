"""Starting our successor ourselves: what a service manager asks for with SIGUSR2."""

import subprocess
import sys
import threading
from typing import Final

from supervisor.announcing import announce

COMMAND: Final = (
    sys.executable,
    "-c",
    "from supervisor.cli import main; main(['serve', '--replace'])",
)


def launch_successor() -> None:
    """Start ``ramal serve --replace`` as it is installed now, with our environment.

    It outlives us. If it ends before it took our place, that is told, and we go on.
    """
    announce("Starting ramal serve --replace to take the place of this process.")
    successor = subprocess.Popen(  # noqa: S603
        COMMAND, stdin=subprocess.DEVNULL, start_new_session=True
    )
    threading.Thread(target=_reap, args=(successor,), daemon=True).start()


def _reap(successor: "subprocess.Popen[bytes]") -> None:
    if status := successor.wait():
        announce(f"Process {successor.pid}, which was to take over, ended with status {status}.")
