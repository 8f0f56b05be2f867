"""Finds a Chromium for the tests, or fetches one without root. ``python -m tests.browser.fetch``

Looked for in this order: the machine's own, the newest one in the cache, and Debian's packages,
unpacked into the cache (``tests/packages``). It runs on the machine's own C library, so the
packages are those of the machine's own Debian, or of one that is older than the machine.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.packages.fetching import Program, Progress, Unavailable, cached_or_fetched, say

RELEASES = ("bookworm", "trixie")
"""Debian 12 and 13, the older first: a program runs on a C library that is newer than its own."""
VERSION_LIMIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Browser:
    """A Chromium that can be started; ``environment`` is what must be set besides."""

    version: str
    program: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    fonts: Path = Path("/usr/share/fonts")


def find_or_fetch(progress: Progress = print) -> Browser:
    """A Chromium. Raises :class:`Unavailable` with the reason."""
    return system_browser() or unpacked_browser(cached_or_fetched(chromium(), progress))


def system_browser() -> Browser | None:
    """The machine's own, if it is a program and no pointer to a package that is not there."""
    program = shutil.which("chromium")
    if program is None:
        return None
    try:
        return Browser(_ask_version(Path(program), {}), Path(program))
    except Unavailable:
        return None


def unpacked_browser(root: Path) -> Browser:
    """The Chromium in a folder of unpacked packages. Raises :class:`Unavailable`."""
    program, environment = root / "usr/lib/chromium/chromium", _libraries(root)
    version = _ask_version(program, environment)
    return Browser(version, program, environment, root / "usr/share/fonts")


def chromium() -> Program:
    """What is fetched."""
    return Program(
        name="Chromium",
        package="chromium",
        suites=_suites(),
        expected=_EXPECTED,
        never=_NEVER,
        wanted=_WANTED,
        missing=_missing,
        mark=_suites()[0],
    )


_EXPECTED = re.compile(
    r"chromium(-common)?$|fonts-dejavu-core$"
    r"|lib(?!c6$|llvm|z3|gl1-mesa|gtk|icu|perl|ssl|systemd-shared|pam|db5|.*-(data|perl|common)$)"
)
"""The program and the libraries that it is linked with; not what draws on a graphics card."""
_NEVER = re.compile(r"libc6$|libllvm|libgl1-mesa|mesa-|perl|systemd|dpkg|passwd|adduser|init-")
_WANTED = re.compile(r"(usr/)?lib/([^/]+/([^/]+\.so|pulseaudio/)|chromium/)|usr/share/fonts/")


def _suites() -> tuple[str, ...]:
    """The machine's own release of Debian, where it is one, and else the oldest."""
    try:
        codename = platform.freedesktop_os_release().get("VERSION_CODENAME", "")
    except OSError:
        codename = ""
    return (codename,) if codename in RELEASES else RELEASES[:1]


def _libraries(root: Path) -> dict[str, str]:
    folders = sorted(
        {path.parent for part in ("lib", "usr/lib") for path in root.glob(f"{part}/*/**/*.so*")}
    )
    names = [str(folder) for folder in folders if folder.name != "chromium"]
    return {"LD_LIBRARY_PATH": ":".join(names)}


def _missing(root: Path) -> set[str]:
    """Shared libraries that the program needs and neither ``root`` nor the machine has."""
    program = root / "usr/lib/chromium/chromium"
    if not program.exists():
        return {"the program"}
    listing = subprocess.run(
        ["ldd", str(program)],
        env={**os.environ, **_libraries(root)},
        capture_output=True,
        text=True,
        timeout=VERSION_LIMIT_S,
        check=False,
    )
    needs = re.findall(r"(\S+) => not found", listing.stdout)
    return {*needs, *re.findall(r"version `(GLIBC_[\d.]+)' not found", listing.stderr)}


def _ask_version(program: Path, environment: Mapping[str, str]) -> str:
    try:
        answer = subprocess.run(
            [str(program), "--version"],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=VERSION_LIMIT_S,
            check=False,
        )
    except OSError as error:
        raise Unavailable(f"{program} cannot be started: {error}.") from None
    found = re.search(r"Chromium (\d+[\d.]+)", answer.stdout)
    if found is None:
        told = (answer.stdout + answer.stderr).strip()
        raise Unavailable(f"{program} --version does not tell a version: {told!r}.")
    return found.group(1)


def _where() -> str:
    found = find_or_fetch()
    return f"Chromium {found.version}: {found.program}"


if __name__ == "__main__":
    sys.exit(say(_where))
