"""Which Asterisk can do what, by its version."""

import re
from typing import Final, TypeAlias

from supervisor.checks.finding import Finding, fail, ok, warn

Version: TypeAlias = tuple[int, int, int]

TESTED: Final = 22
OLDEST: Final = 18
"""The first with AudioSocket."""
NO_LONGER_MENDED: Final = frozenset({18, 19, 21})
"""Out of support since October 2025 (19: 2023), which security fixes end with."""
KEYS_SINCE: Final = {20: (20, 14, 0), 21: (21, 9, 0), 22: (22, 4, 0)}
"""Keys reach AudioSocket since then (asterisk/asterisk pull request 1138), and in every later one;
before, nobody can answer by keys."""
WIDE_SINCE: Final = {20: (20, 17, 0), 22: (22, 7, 0), 23: (23, 1, 0)}
"""Frames tell their rate since then (pull request 1492); before, slin16 comes labelled as 8 kHz."""
_TEXT: Final = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")


def parse(text: str) -> Version | None:
    """A version out of such as ``22.10.1~dfsg``; ``None`` for a development snapshot."""
    found = _TEXT.search(text)
    if found is None:
        return None
    return int(found[1]), int(found[2]), int(found[3] or 0)


def judge(text: str, *, wideband: bool) -> Finding:
    """What to say of a version."""
    part, version = "version", parse(text)
    if version is None:
        return warn(part, f"Asterisk {text} is no release.", f"The tests run on {TESTED}; use one.")
    said = f"Asterisk {version[0]}.{version[1]}.{version[2]}"
    if version[0] < OLDEST:
        step = f"Upgrade to {TESTED} (long-term support)."
        return fail(part, f"{said} has no AudioSocket; {OLDEST} was the first.", step)
    if wideband and not _has(version, WIDE_SINCE):
        step = f'Upgrade to {TESTED}, or set audio = "slin" and line_hz 8000.'
        return fail(part, f"{said} sends 16 kHz as if it were 8 kHz.", step)
    if not _has(version, KEYS_SINCE):
        step = f"Upgrade to {TESTED}: residents answer by keys where speech fails."
        return warn(part, f"{said} does not tell us of keys that are pressed.", step)
    if version[0] in NO_LONGER_MENDED:
        step = f"Upgrade to {TESTED} (long-term support)."
        return warn(part, f"{said} gets no security fixes any more.", step)
    return ok(part, f"{said}.")


def _has(version: Version, since: dict[int, Version]) -> bool:
    first = since.get(version[0])
    return version >= first if first else version[0] > max(since)
