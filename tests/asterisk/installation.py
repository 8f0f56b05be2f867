"""Where an Asterisk is on this machine, and how it is started from there."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.packages.fetching import Unavailable

OLDEST_SUPPORTED = 22
"""The major version that Ramal is tested with; AudioSocket itself came with Asterisk 18."""

VERSION_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class Installation:
    """A program that can be started as it is.

    ``command`` is the beginning of its command line, ``environment`` what must be set besides.
    ``version`` is as Asterisk tells it, e.g. ``"22.10.1"``.
    """

    version: str
    command: tuple[str, ...]
    modules: Path
    data: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def major(self) -> int:
        """The first number of the version."""
        return int(self.version.partition(".")[0])


def system_installation() -> Installation | None:
    """The machine's own Asterisk, if it is new enough and has the AudioSocket application."""
    program = shutil.which("asterisk", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if program is None:
        return None
    modules = next(iter(Path("/usr/lib").glob("**/asterisk/modules/app_audiosocket.so")), None)
    if modules is None:
        return None
    data = next((d for d in _DATA_FOLDERS if (d / "documentation").is_dir()), _DATA_FOLDERS[0])
    version = _ask_version((program,), {})
    found = Installation(version, (program,), modules.parent, data)
    return found if found.major >= OLDEST_SUPPORTED else None


def unpacked_installation(root: Path) -> Installation:
    """The Asterisk in a folder of unpacked Debian packages, with that folder's own C library.

    Started through the folder's dynamic loader, so it runs on hosts with another libc.
    Raises :class:`Unavailable` when the folder does not hold a program that starts.
    """
    loader = _loader(root)
    libraries = loader.parent
    command = (
        *(str(loader), "--library-path", str(libraries), "--argv0", "asterisk"),
        str(root / "usr/sbin/asterisk"),
    )
    environment = {"OPENSSL_MODULES": str(libraries / "ossl-modules")}
    return Installation(
        version=_ask_version(command, environment),
        command=command,
        modules=libraries / "asterisk/modules",
        data=root / "usr/share/asterisk",
        environment=environment,
    )


def missing_libraries(root: Path, modules: list[str]) -> set[str]:
    """Shared libraries that the program or one of ``modules`` needs and ``root`` lacks."""
    loader = _loader(root)
    folder = loader.parent / "asterisk/modules"
    programs = [root / "usr/sbin/asterisk", *(folder / name for name in modules)]
    missing = {f"module {p.name}" for p in programs if not p.exists()}
    for program in programs:
        listing = subprocess.run(
            [str(loader), "--library-path", str(loader.parent), "--list", str(program)],
            capture_output=True,
            text=True,
            timeout=VERSION_TIMEOUT_S,
            check=False,
        )
        missing |= set(re.findall(r"(\S+) => not found", listing.stdout))
        missing |= set(re.findall(r"(\S+): cannot open shared object", listing.stderr))
    return missing


_DATA_FOLDERS = (Path("/usr/share/asterisk"), Path("/var/lib/asterisk"))


def _loader(root: Path) -> Path:
    for pattern in ("usr/lib/*-linux-gnu*/ld-linux-*.so.*", "usr/lib/ld-linux-*.so.*"):
        for path in sorted(root.glob(pattern)):
            return path
    raise Unavailable(f"{root} holds no dynamic loader: the unpacking was not complete.")


def _ask_version(command: tuple[str, ...], environment: Mapping[str, str]) -> str:
    answer = subprocess.run(
        [*command, "-V"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=VERSION_TIMEOUT_S,
        check=False,
    )
    found = re.search(r"Asterisk \D*(\d+\.\d+\.\d+)", answer.stdout)
    if found is None:
        told = (answer.stdout + answer.stderr).strip()
        raise Unavailable(f"{command[-1]} -V does not tell a version: {told!r}")
    return found.group(1)
