"""A Ray cluster of two nodes on this machine, as an operator starts them, and how they die."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil

from tests.engines.processes import ROOT, TOKEN
from tests.supervisor.serving import free_ports

STARTED = b"Ray runtime started"
RAY = (sys.executable, "-c", "from ray.scripts.scripts import main; main()", "start", "--block")


class Node:
    """``ray start`` and all that came of it; ``port`` is that of its proxy, once Serve runs."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int) -> None:
        self._process = process
        self.port = port

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def replica(self, deployment: str) -> psutil.Process | None:
        """The process of this node's replica."""
        wanted = f"ray::ServeReplica:ramal:{deployment}"
        for each in self._descendants():
            try:
                if each.cmdline()[:1] and each.cmdline()[0].startswith(wanted):
                    return each
            except psutil.NoSuchProcess:
                continue
        return None

    def until_started(self) -> None:
        """Read what it says until its parts run: a driver that comes earlier is ended by Ray."""
        assert self._process.stdout is not None
        said = b""
        while STARTED not in said:
            line = self._process.stdout.readline()
            assert line, said.decode()
            said += line

    def kill(self) -> None:
        """As a power cut does: everything at once, and nobody says goodbye."""
        for each in self._descendants():
            try:
                each.send_signal(signal.SIGKILL)
            except psutil.NoSuchProcess:
                continue
        self._process.kill()
        self._process.wait()

    def _descendants(self) -> list[psutil.Process]:
        try:
            return psutil.Process(self._process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []


@contextmanager
def two_nodes(folder: Path) -> Iterator[tuple[str, Node, Node]]:
    """The cluster's address, its head, and its other node."""
    gcs, client, first, second = free_ports(4)
    address = f"127.0.0.1:{gcs}"
    environment = os.environ | {
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_SERVE_WORKER_PROXY_HTTP_PORT": str(second),
        "RAMAL_ENGINES__TOKEN": TOKEN,
        "PYTHONPATH": str(ROOT),
    }
    head = ("--head", "--port", str(gcs), "--ray-client-server-port", str(client))
    head = (*head, "--include-dashboard", "false", "--temp-dir", str(folder))
    nodes = []
    with ExitStack() as stack:
        for arguments, port in ((head, first), (("--address", address), second)):
            process = subprocess.Popen(
                [*RAY, *arguments, *_SMALL],
                env=environment,
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            nodes.append(Node(process, port))
            stack.callback(nodes[-1].kill)
            nodes[-1].until_started()
        yield address, nodes[0], nodes[1]


_SMALL = (
    *("--num-cpus", "4", "--object-store-memory", "100000000"),
    *("--min-worker-port", "0", "--max-worker-port", "0", "--dashboard-agent-listen-port", "0"),
    *("--node-ip-address", "127.0.0.1", "--disable-usage-stats"),
)
