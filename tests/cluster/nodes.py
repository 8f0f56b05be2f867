"""A Ray cluster of nodes on this machine, as an operator starts them, and how they die."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil
import ray
from ray import serve

from tests.engines.processes import ROOT, TOKEN
from tests.ports import free_ports

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

    def replicas(self, deployment: str) -> list[psutil.Process]:
        """The processes of this node's replicas."""
        wanted = f"ray::ServeReplica:ramal:{deployment}"
        found = []
        for each in self._descendants():
            try:
                if each.cmdline()[:1] and each.cmdline()[0].startswith(wanted):
                    found.append(each)
            except psutil.NoSuchProcess:
                continue
        return found

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
def nodes_in(folder: Path, count: int) -> Iterator[tuple[str, list[Node]]]:
    """The cluster's address and its nodes, of which the first is the head.

    Ray has sockets in the folder, whose paths have 107 bytes at most: no place for pytest's.
    """
    gcs, client, *ports = free_ports(2 + count)
    address = f"127.0.0.1:{gcs}"
    head = ("--head", "--port", str(gcs), "--ray-client-server-port", str(client))
    head = (*head, "--include-dashboard", "false", "--temp-dir", str(folder))
    nodes: list[Node] = []
    with ExitStack() as stack:
        for port in ports:
            process = subprocess.Popen(
                [*RAY, *(("--address", address) if nodes else head), *_SMALL],
                env=os.environ
                | {
                    "RAY_USAGE_STATS_ENABLED": "0",
                    "RAY_SERVE_WORKER_PROXY_HTTP_PORT": str(port),
                    "RAMAL_ENGINES__TOKEN": TOKEN,
                    "PYTHONPATH": str(ROOT),
                },
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            nodes.append(Node(process, port))
            stack.callback(nodes[-1].kill)
            nodes[-1].until_started()
        yield address, nodes


@contextmanager
def served_on(count: int, application: Any) -> Iterator[list[Node]]:
    """The application on a cluster of so many nodes, once it is ready."""
    with (
        tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as folder,
        nodes_in(Path(folder), count) as (address, nodes),
    ):
        ray.init(address=address, log_to_driver=False, logging_level="error")
        try:
            options = {"host": "127.0.0.1", "port": nodes[0].port}
            serve.start(proxy_location="EveryNode", http_options=options)
            serve.run(application, name="ramal", route_prefix="/", logging_config=_QUIET)
            yield nodes
        finally:
            ray.shutdown()


_QUIET = {"log_level": "WARNING", "enable_access_log": False}
_SMALL = (
    *("--num-cpus", "4", "--object-store-memory", "100000000"),
    *("--min-worker-port", "0", "--max-worker-port", "0", "--dashboard-agent-listen-port", "0"),
    *("--node-ip-address", "127.0.0.1", "--disable-usage-stats"),
)
