"""Programs from Debian's archive, unpacked into a cache without root. Nothing is installed.

The cache is ``${XDG_CACHE_HOME:-~/.cache}/ramal/PROGRAM/``, a folder per version; delete it to
fetch anew. ``RAMAL_DEBIAN_MIRROR`` and ``RAMAL_DEBIAN_KEYRING`` serve a machine whose apt is not
Debian's.
"""

import fcntl
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.packages.debian import (
    Archive,
    ArchiveError,
    Package,
    Source,
    host_keyring,
    host_mirror,
    unpack,
)

Progress = Callable[[str], None]


class Unavailable(Exception):
    """There is no such program to test with; the message says why in one sentence."""


@dataclass(frozen=True, slots=True)
class Program:
    """What is fetched, and how little of it is enough.

    ``expected`` are names of packages that are tried first, ``never`` those that are not even
    taken if something is missing. ``wanted`` are paths in packages, from the root without a slash.
    ``missing`` names what an unpacked folder lacks. ``mark`` tells caches apart that were chosen
    for other needs.
    """

    name: str
    package: str
    suites: tuple[str, ...]
    expected: re.Pattern[str]
    never: re.Pattern[str]
    wanted: re.Pattern[str]
    missing: Callable[[Path], set[str]]
    mark: str

    @property
    def cache(self) -> Path:
        """Where unpacked versions are kept, one folder each."""
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        return Path(base) / "ramal" / self.package

    def cached(self) -> Path | None:
        """The newest version in the cache that serves today's needs."""
        folders = list(self.cache.glob(f"[0-9]*-{self.mark}"))
        return max(folders, key=version_key) if folders else None

    def is_wanted(self, path: str) -> bool:
        """Whether a package's file is worth unpacking."""
        return self.wanted.match(path) is not None


def cached_or_fetched(program: Program, progress: Progress) -> Path:
    """The folder of an unpacked version. Raises :class:`Unavailable` with the reason."""
    if found := program.cached():
        return found
    program.cache.mkdir(parents=True, exist_ok=True)
    with _locked(program, progress):
        return program.cached() or _fetch(program, progress)


def _fetch(program: Program, progress: Progress) -> Path:
    source = chosen_source(program.name)
    with tempfile.TemporaryDirectory(prefix="fetching-", dir=program.cache) as work:
        problems = []
        for suite in program.suites:
            try:
                return _fetch_suite(program, source, suite, Path(work) / suite, progress)
            except ArchiveError as error:
                problems.append(f"{suite}: {error}")
    raise Unavailable(
        f"There is no {program.name} here, none in the cache, and fetching one from Debian's "
        f"archive failed ({'; '.join(problems)})."
    )


def _fetch_suite(
    program: Program, source: Source, suite: str, work: Path, progress: Progress
) -> Path:
    started = time.monotonic()
    archive = Archive(source, suite, work)
    progress(f"{program.name}: reading the index of Debian {suite} ...")
    archive.update()
    packages = archive.closure(program.package)
    root = work / "root"
    _unpack_what_is_needed(program, archive, packages, root, progress)
    version = next(p.version for p in packages if p.name == program.package)
    version = re.sub(r"^\d+:|[-+~].*$", "", version)
    final = program.cache / f"{version}-{program.mark}"
    root.rename(final)  # all or nothing: a run that is interrupted leaves no half a version
    took_s = time.monotonic() - started
    progress(f"{program.name}: {version} is in {final} after {took_s:.1f} s")
    return final


def _unpack_what_is_needed(
    program: Program, archive: Archive, packages: list[Package], root: Path, progress: Progress
) -> None:
    """Fetch the few packages that we expect to need, and all the others only if we are wrong."""
    expected = [p for p in packages if program.expected.match(p.name)]
    others = [p for p in packages if p not in expected and not program.never.match(p.name)]
    for batch in (expected, others):
        size_mb = sum(p.size_bytes for p in batch) / 1e6
        progress(f"{program.name}: downloading {len(batch)} packages, {size_mb:.0f} MB ...")
        downloads = root.parent / f"downloads-{len(batch)}"
        for file in archive.download(batch, downloads):
            unpack(file, root, program.is_wanted)
        shutil.rmtree(downloads)
        missing = program.missing(root)
        if not missing:
            return
        progress(f"{program.name}: still missing {', '.join(sorted(missing))}")
    raise ArchiveError(f"the packages lack {', '.join(sorted(missing))}")


def chosen_source(what: str) -> Source:
    """The mirror and keys of the environment, or this machine's own, to fetch ``what`` from.

    Raises :class:`Unavailable` where there are none.
    """
    mirror = os.environ.get("RAMAL_DEBIAN_MIRROR") or host_mirror()
    if mirror is None:
        raise Unavailable(
            f"There is no {what} that would do on this machine, none in the cache, and no Debian "
            "apt to fetch one with (RAMAL_DEBIAN_MIRROR can name a mirror)."
        )
    chosen = os.environ.get("RAMAL_DEBIAN_KEYRING")
    keyring = Path(chosen) if chosen else host_keyring()
    if keyring is None or not keyring.exists():
        raise Unavailable(
            f"{what}'s packages cannot be checked: the keys of Debian's archive are not here "
            "(package debian-archive-keyring, or RAMAL_DEBIAN_KEYRING)."
        )
    return Source(mirror, keyring)


def say(find: Callable[[], str]) -> int:
    """Print what ``find`` tells and how long it took, or why not; an exit status."""
    started = time.monotonic()
    try:
        found = find()
    except Unavailable as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{found} ({time.monotonic() - started:.1f} s)\n")
    return 0


def version_key(folder: Path) -> tuple[int, ...]:
    """The numbers of a version's folder, to sort by."""
    return tuple(int(number) for number in re.findall(r"\d+", folder.name))


@contextmanager
def _locked(program: Program, progress: Progress) -> Iterator[None]:
    """Let one process fetch at a time; the others wait and then find the cache filled."""
    with (program.cache / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress(f"{program.name}: another process is fetching it; waiting ...")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
