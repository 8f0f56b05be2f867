"""A private view of Debian's archive: resolve, download and unpack without root.

apt runs with a state folder of its own and an empty list of installed packages, so it names
everything a package needs, checks the archive's signature with the host's keyring and every
file's hash with the signed index, and changes nothing on the machine. The machine's own apt
settings (proxies, certificates) stay in force.
"""

import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

APT_TIMEOUT_S = 300.0
KEYRINGS = (
    Path("/usr/share/keyrings/debian-archive-keyring.gpg"),
    Path("/usr/share/keyrings/debian-archive-keyring.pgp"),
)


class ArchiveError(Exception):
    """apt could not do what was asked; the message is its own, in one line."""


@dataclass(frozen=True, slots=True)
class Package:
    """One file of the archive, as ``apt-get --print-uris`` names it."""

    name: str
    version: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Source:
    """A mirror's address and the keys that its signatures are checked with."""

    mirror: str
    keyring: Path


class Archive:
    """Debian's archive, seen by an apt with all its state under ``work``."""

    def __init__(self, source: Source, suite: str, work: Path) -> None:
        self._work = work
        self._configuration = work / "apt.conf"
        for folder in ("etc", "state/lists/partial", "cache/archives/partial"):
            (work / folder).mkdir(parents=True, exist_ok=True)
        (work / "status").touch()
        options = f"arch={_architecture()} signed-by={source.keyring}"
        (work / "etc/sources.list").write_text(f"deb [{options}] {source.mirror} {suite} main\n")
        self._configuration.write_text(_APT_CONFIGURATION.format(work=work))

    def update(self) -> None:
        """Download and check the index. Raises :class:`ArchiveError` also for a partial one."""
        self._apt("update")

    def closure(self, package: str) -> list[Package]:
        """``package`` and everything that it depends on, as if nothing were installed."""
        lines = self._apt("install", "--yes", "--print-uris", package).splitlines()
        return [_package(line) for line in lines if line.startswith("'")]

    def download(self, packages: Iterable[Package], folder: Path) -> list[Path]:
        """Fetch package files into ``folder``, their hashes checked, and return their paths."""
        folder.mkdir(parents=True, exist_ok=True)
        wanted = [f"{p.name}={p.version}" for p in packages]
        if wanted:
            self._apt("download", *wanted, cwd=folder)
        return sorted(folder.glob("*.deb"))

    def _apt(self, *arguments: str, cwd: Path | None = None) -> str:
        # -c is read after the host's own settings, so what it says wins
        command = ["apt-get", "-c", str(self._configuration), "-qq", *arguments]
        try:
            done = subprocess.run(
                command, cwd=cwd, capture_output=True, text=True, timeout=APT_TIMEOUT_S, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise ArchiveError(f"apt-get {arguments[0]} took over {APT_TIMEOUT_S:.0f} s") from error
        problems = [line for line in done.stderr.splitlines() if line.startswith(("E:", "W: Fail"))]
        if done.returncode or problems:
            raise ArchiveError(" ".join(problems) or f"apt-get {arguments[0]} failed")
        return done.stdout


def host_mirror() -> str | None:
    """The mirror of Debian that this machine's own apt uses; ``None`` where it uses none."""
    if shutil.which("apt-get") is None:
        return None
    listing = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"],
        capture_output=True,
        text=True,
        timeout=APT_TIMEOUT_S,
        check=False,
    )
    addresses = [line.rstrip("/") for line in listing.stdout.splitlines()]
    # a cloud image names a list of mirrors: mirror+file:/etc/apt/mirrors/debian.list
    return next((a for a in addresses if a.endswith(("/debian", "/debian.list"))), None)


def host_keyring() -> Path | None:
    """The keys of Debian's archive as this machine's own packages brought them."""
    return next((path for path in KEYRINGS if path.exists()), None)


def unpack(package_file: Path, root: Path, wanted: Callable[[str], bool]) -> None:
    """Write the files of a package whose path (``usr/lib/...``) is ``wanted`` under ``root``."""
    command = ["dpkg-deb", "--fsys-tarfile", str(package_file)]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE) as reading,
        tarfile.open(fileobj=reading.stdout, mode="r|") as members,
    ):
        # refuses paths out of root; older 3.11s lack it, and the files are Debian's, checked
        members.extraction_filter = getattr(tarfile, "tar_filter", None)
        for member in members:
            if wanted(member.name.removeprefix("./")) and not member.isdir():
                members.extract(member, root)
    if reading.returncode:
        raise ArchiveError(f"dpkg-deb could not read {package_file.name}")


_APT_CONFIGURATION = """\
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
Dir::Etc::sourcelist "{work}/etc/sources.list";
Dir::Etc::sourceparts "{work}/etc";
Dir::Etc::preferences "{work}/etc/preferences";
Dir::Etc::preferencesparts "{work}/etc";
Dir::State "{work}/state";
Dir::State::status "{work}/status";
Dir::Cache "{work}/cache";
Dir::Log "{work}";
APT::Sandbox::User "";
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::Check-Valid-Until "false";
Acquire::Retries "2";
Debug::NoLocking "true";
"""
# Check-Valid-Until: a mirror that is frozen for reproducible builds is older than its own limit.


def _architecture() -> str:
    answer = subprocess.run(
        ["dpkg", "--print-architecture"], capture_output=True, text=True, timeout=10, check=True
    )
    return answer.stdout.strip()


def _package(line: str) -> Package:
    _, file_name, size_bytes, *_ = line.split(" ")
    name, version, _ = file_name.split("_")
    return Package(name, unquote(version), int(size_bytes))
