"""A real Asterisk on loopback for one test, started from the shipped configuration."""

import asyncio
import os
import secrets
import shutil
import socket
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.asterisk.configuration import Ports, Site, write_configuration
from tests.asterisk.installation import Installation
from tests.ports import free_port, free_range

READY_TIMEOUT_S = 20.0
"""Ready in about half a second on an idle machine; a busy one is given time."""

STOP_TIMEOUT_S = 5.0
RTP_PORTS = 60
LOG_TAIL_LINES = 60


class AsteriskFailed(Exception):
    """Asterisk did not start; its log is in the notes."""


class AsteriskServer:
    """``async with AsteriskServer(installation, site) as asterisk:`` one process, ended with it.

    ``sip``, ``ami`` and ``ari`` are its addresses, ``ami_user`` and ``ami_secret`` those of the
    shipped least-privileged user, ``ari_user`` and ``ari_secret`` those of ARI's, ``ready_s`` the
    seconds it took to start.
    """

    ami_user = ari_user = "ramal"

    def __init__(self, installation: Installation, site: Site) -> None:
        self.site = site
        self.ports = _free_ports()
        self.ami_secret = secrets.token_hex(16)
        self.ari_secret = secrets.token_hex(16)
        self.ready_s = 0.0
        self._installation = installation
        # /tmp, not the caller's temporary folder: a control socket's path has 108 bytes at most
        self._run = Path(tempfile.mkdtemp(prefix="ramal-asterisk-", dir="/tmp"))
        self._process: asyncio.subprocess.Process | None = None

    @property
    def sip(self) -> tuple[str, int]:
        """Where phones send SIP over UDP."""
        return ("127.0.0.1", self.ports.sip)

    @property
    def ami(self) -> tuple[str, int]:
        """Where the manager interface listens."""
        return ("127.0.0.1", self.ports.ami)

    @property
    def ari(self) -> tuple[str, int]:
        """Where ARI listens (HTTP)."""
        return ("127.0.0.1", self.ports.http)

    async def __aenter__(self) -> Self:
        started = time.monotonic()
        try:
            self._configure()
            self._process = await self._start()
            async with asyncio.timeout(READY_TIMEOUT_S):
                await self._wait_until_ready(self._process)
        except BaseException as error:
            await self.stop()
            error.add_note(self.log_tail())
            self._clean_up()
            raise
        self.ready_s = time.monotonic() - started
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()
        if error is not None:
            error.add_note(self.log_tail())
        self._clean_up()

    async def crash(self) -> None:
        """Kill the process: nobody is told anything."""
        assert self._process is not None
        self._process.kill()
        await self._process.wait()

    async def start_again(self) -> None:
        """Start it as it was, on the same ports, after :meth:`crash` or :meth:`stop`."""
        (self._run / "asterisk.ctl").unlink(missing_ok=True)
        self._process = await self._start()
        async with asyncio.timeout(READY_TIMEOUT_S):
            await self._wait_until_ready(self._process)

    async def cli(self, command: str) -> str:
        """The answer of ``asterisk -rx command``."""
        done = await asyncio.create_subprocess_exec(
            *(*self._installation.command, "-C", str(self._configuration), "-rx", command),
            env={**os.environ, **self._installation.environment},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(READY_TIMEOUT_S):
            answer, _ = await done.communicate()
        return answer.decode(errors="replace")

    def log(self) -> str:
        """Everything it has logged so far."""
        files = (self._run / "log/full", self._run / "log/stdout")
        return "".join(f.read_text(errors="replace") for f in files if f.exists())

    def log_tail(self) -> str:
        """The end of the log, for a failure's report."""
        lines = self.log().splitlines()
        return "\n".join(["Asterisk's log ends with:", *lines[-LOG_TAIL_LINES:]])

    @property
    def _configuration(self) -> Path:
        return self._run / "etc/asterisk.conf"

    def _clean_up(self) -> None:
        if not os.environ.get("RAMAL_KEEP_ASTERISK"):
            shutil.rmtree(self._run, ignore_errors=True)

    def _configure(self) -> None:
        installation = self._installation
        write_configuration(
            self._run,
            self.site,
            self.ports,
            ami_secret=self.ami_secret,
            ari_secret=self.ari_secret,
            modules=installation.modules,
            data=installation.data,
        )

    async def _start(self) -> asyncio.subprocess.Process:
        installation = self._installation
        with (self._run / "log/stdout").open("ab") as output:
            return await asyncio.create_subprocess_exec(
                *_ended_with_us(),
                *(*installation.command, "-C", str(self._configuration), "-f", "-T"),
                env={**os.environ, **installation.environment},
                cwd=self._run,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    async def _wait_until_ready(self, process: asyncio.subprocess.Process) -> None:
        while not (self._run / "asterisk.ctl").exists():
            if process.returncode is not None:
                raise AsteriskFailed(f"Asterisk ended with {process.returncode}")
            await asyncio.sleep(0.02)
        while "fully booted" not in await self.cli("core waitfullybooted"):
            if process.returncode is not None:
                raise AsteriskFailed(f"Asterisk ended with {process.returncode}")
            await asyncio.sleep(0.02)

    async def stop(self) -> None:
        """End the process; leaving the block does it too."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_TIMEOUT_S)
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def _ended_with_us() -> tuple[str, ...]:
    """So that a test run which is killed leaves no Asterisk behind, where the machine can."""
    return ("setpriv", "--pdeathsig", "TERM", "--") if shutil.which("setpriv") else ()


def _free_ports() -> Ports:
    """Ports that are free now. SIP and RTP are UDP; the manager is TCP."""
    rtp_first = free_range(RTP_PORTS)
    return Ports(
        sip=free_port(socket.SOCK_DGRAM),
        ami=free_port(),
        http=free_port(),
        rtp_first=rtp_first,
        rtp_last=rtp_first + RTP_PORTS - 1,
    )
