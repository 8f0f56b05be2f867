"""Finds an Asterisk for the tests, or fetches one without root. ``python -m tests.asterisk.fetch``

Looked for in this order: the machine's own (22 or later, with AudioSocket), the newest one in
the cache, and Debian's packages, unpacked into the cache (``tests/packages``).
"""

import hashlib
import re
import sys
from pathlib import Path

from tests.asterisk.installation import (
    Installation,
    missing_libraries,
    system_installation,
    unpacked_installation,
)
from tests.packages.fetching import Program, Progress, cached_or_fetched, say

MODULES_CONF = Path(__file__).parents[2] / "deploy/asterisk/modules.conf"


def find_or_fetch(progress: Progress = print) -> Installation:
    """An Asterisk that can be started. Raises :class:`Unavailable` with the reason."""
    found = system_installation()
    return found or unpacked_installation(cached_or_fetched(asterisk(), progress))


def modules() -> list[str]:
    """File names of the modules that ``deploy/asterisk/modules.conf`` loads."""
    return re.findall(r"^(?:load|require) *=>? *(\S+\.so)", MODULES_CONF.read_text(), re.MULTILINE)


def asterisk() -> Program:
    """What is fetched: for today's list of modules."""
    return Program(
        name="Asterisk",
        package="asterisk",
        # Debian 12 and 13 have no Asterisk, unstable and testing do (November 2026)
        suites=("sid", "forky"),
        expected=_EXPECTED,
        never=_NEVER,
        wanted=_WANTED,
        missing=lambda root: missing_libraries(root, modules()),
        mark=hashlib.sha256(" ".join(modules()).encode()).hexdigest()[:8],
    )


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


def _where() -> str:
    found = find_or_fetch()
    return f"Asterisk {found.version}: {found.command[-1]}"


if __name__ == "__main__":
    sys.exit(say(_where))
