"""Finds an Asterisk for the tests, or fetches one without root. ``python -m tests.asterisk.fetch``

Looked for in this order: the machine's own (22 or later, with AudioSocket), the newest one in
the cache, and Debian's packages, unpacked into the cache. Nothing is installed.

The cache is ``${XDG_CACHE_HOME:-~/.cache}/ramal/asterisk/``, a folder per version and list of
modules; delete it to fetch anew.
``RAMAL_DEBIAN_MIRROR`` and ``RAMAL_DEBIAN_KEYRING`` serve a machine whose apt is not Debian's.
"""

import fcntl
import hashlib
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.asterisk.debian import (
    Archive,
    ArchiveError,
    Package,
    Source,
    host_keyring,
    host_mirror,
    unpack,
)
from tests.asterisk.installation import (
    AsteriskUnavailable,
    Installation,
    missing_libraries,
    system_installation,
    unpacked_installation,
)

SUITES = ("sid", "forky")
"""Where Asterisk 22 is: Debian 12 and 13 have none, unstable and testing do (November 2026)."""

MODULES_CONF = tuple(
    Path(__file__).parents[2] / "deploy/asterisk" / name
    for name in ("modules.conf", "modules-ari.conf")
)

Progress = Callable[[str], None]


def find_or_fetch(progress: Progress = print) -> Installation:
    """An Asterisk that can be started. Raises :class:`AsteriskUnavailable` with the reason."""
    found = system_installation() or cached_installation()
    if found is not None:
        return found
    cache = cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    with _locked(cache / "lock", progress):
        return cached_installation() or _fetch(cache, progress)


def cache_folder() -> Path:
    """Where unpacked versions are kept, one folder each."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "ramal/asterisk"


def cached_installation() -> Installation | None:
    """The newest version in the cache that was made for today's list of modules."""
    folders = list(cache_folder().glob(f"[0-9]*-{_modules_mark()}"))
    if not folders:
        return None
    return unpacked_installation(max(folders, key=version_key))


def _fetch(cache: Path, progress: Progress) -> Installation:
    source = chosen_source()
    with tempfile.TemporaryDirectory(prefix="fetching-", dir=cache) as work:
        problems = []
        for suite in SUITES:
            try:
                return _fetch_suite(source, suite, Path(work) / suite, progress)
            except ArchiveError as error:
                problems.append(f"{suite}: {error}")
    raise AsteriskUnavailable(
        "There is no Asterisk here, none in the cache, and fetching one from Debian's archive "
        f"failed ({'; '.join(problems)})."
    )


def _fetch_suite(source: Source, suite: str, work: Path, progress: Progress) -> Installation:
    started = time.monotonic()
    archive = Archive(source, suite, work)
    progress(f"Asterisk: reading the index of Debian {suite} ...")
    archive.update()
    packages = archive.closure("asterisk")
    root = work / "root"
    _unpack_what_is_needed(archive, packages, root, progress)
    version = next(p.version for p in packages if p.name == "asterisk")
    version = re.sub(r"^\d+:|\+.*$", "", version)
    final = cache_folder() / f"{version}-{_modules_mark()}"
    root.rename(final)  # all or nothing: a run that is interrupted leaves no half a version
    progress(f"Asterisk: {version} is in {final} after {time.monotonic() - started:.1f} s")
    return unpacked_installation(final)


def _unpack_what_is_needed(
    archive: Archive, packages: list[Package], root: Path, progress: Progress
) -> None:
    """Fetch the few packages that we expect to need, and all the others only if we are wrong."""
    expected = [p for p in packages if _EXPECTED.match(p.name)]
    others = [p for p in packages if p not in expected and not _NEVER.match(p.name)]
    for batch in (expected, others):
        size_mb = sum(p.size_bytes for p in batch) / 1e6
        progress(f"Asterisk: downloading {len(batch)} packages, {size_mb:.0f} MB ...")
        downloads = root.parent / f"downloads-{len(batch)}"
        for file in archive.download(batch, downloads):
            unpack(file, root, is_wanted)
        shutil.rmtree(downloads)
        missing = missing_libraries(root, modules())
        if not missing:
            return
        progress(f"Asterisk: still missing {', '.join(sorted(missing))}")
    raise ArchiveError(f"the packages lack {', '.join(sorted(missing))}")


def modules() -> list[str]:
    """File names of the modules that the lists in ``deploy/asterisk`` load."""
    text = "".join(file.read_text() for file in MODULES_CONF)
    return re.findall(r"^(?:load|require) *=>? *(\S+\.so)", text, re.MULTILINE)


def _modules_mark() -> str:
    """Tells caches apart whose packages were chosen for other modules."""
    return hashlib.sha256(" ".join(modules()).encode()).hexdigest()[:8]


def chosen_source() -> Source:
    """The mirror and keys of the environment, or this machine's own.

    Raises :class:`AsteriskUnavailable` where there are none.
    """
    mirror = os.environ.get("RAMAL_DEBIAN_MIRROR") or host_mirror()
    if mirror is None:
        raise AsteriskUnavailable(
            "There is no Asterisk 22 on this machine, none in the cache, and no Debian apt to "
            "fetch one with (RAMAL_DEBIAN_MIRROR can name a mirror)."
        )
    chosen = os.environ.get("RAMAL_DEBIAN_KEYRING")
    keyring = Path(chosen) if chosen else host_keyring()
    if keyring is None or not keyring.exists():
        raise AsteriskUnavailable(
            "Asterisk's packages cannot be checked: the keys of Debian's archive are not here "
            "(package debian-archive-keyring, or RAMAL_DEBIAN_KEYRING)."
        )
    return Source(mirror, keyring)


_EXPECTED = re.compile(
    r"asterisk(-modules)?$|libc6$|libgcc-s1$|libstdc\+\+6$|zlib1g$|lib("
    r"bsd0|cap2|crypt1|edit2|gsm1|jansson4|md0|sqlite3-0|ssl3|systemd0|tinfo6|uriparser1|uuid1"
    r"|xml2|xslt1\.1|zstd1)"
)
"""What the modules of deploy/asterisk need of 22.10.1's 160 packages; a soname may move on."""

_NEVER = re.compile(
    r"perl|libperl|systemd(-|$)|gnupg|gpg|dirmngr|passwd|login|adduser|init-|.*-data$"
)

_WANTED = re.compile(
    r"usr/sbin/asterisk$|usr/lib/[^/]+/(asterisk/modules/|ossl-modules/|[^/]+\.so)|usr/lib/ld-linux"
    r"|usr/share/asterisk/documentation/"
)
"""The program, libraries, and the documentation in XML without which modules refuse to load."""


def is_wanted(path: str) -> bool:
    """Whether a package's file, named from the root without a slash, is worth unpacking."""
    return _WANTED.match(path) is not None


def version_key(folder: Path) -> tuple[int, ...]:
    """The numbers of a version's folder, to sort by."""
    return tuple(int(number) for number in re.findall(r"\d+", folder.name))


@contextmanager
def _locked(path: Path, progress: Progress) -> Iterator[None]:
    """Let one process fetch at a time; the others wait and then find the cache filled."""
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("Asterisk: another process is fetching it; waiting ...")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def main() -> int:
    """Fetch, and say where it is or why not."""
    started = time.monotonic()
    try:
        found = find_or_fetch()
    except AsteriskUnavailable as error:
        sys.stderr.write(f"{error}\n")
        return 1
    took_s = time.monotonic() - started
    sys.stdout.write(f"Asterisk {found.version}: {found.command[-1]} ({took_s:.1f} s)\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
