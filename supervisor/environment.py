"""Which variables in the environment are Ramal's: a misspelt one does not go unnoticed, and
processes that we start get none of them."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Final

PREFIX: Final = "RAMAL_"

NO_SETTINGS: Final = frozenset(
    f"{PREFIX}{name}"
    for name in (
        "CONFIG",
        "DEBIAN_KEYRING",
        "DEBIAN_MIRROR",
        "KEEP_ASTERISK",
        "REQUIRE_ASTERISK",
        "REQUIRE_BROWSER",
    )
)
"""The settings file's name, and what the tests' Asterisk is told (docs/asterisk.md)."""

_KUBERNETES: Final = re.compile(
    r"(\w+_)?(SERVICE_(HOST|PORT(_\w+)?)|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)"
)
"""What Kubernetes gives to every pod beside a Service named ``ramal`` or ``ramal-...``."""


def misspelt(environment: Mapping[str, str], known: Iterable[str]) -> str | None:
    """What to tell of the first variable that looks like a setting and is none.

    ``known`` are the variables of all settings; where a setting has sections, ``known`` has the
    name of the section too.
    """
    names = {*known}
    for variable in sorted(environment):
        name = variable.upper()
        if name.startswith(PREFIX) and not _is_ours(name, environment[variable], names):
            meant = get_close_matches(name, names, n=1)
            cure = f"did you mean {meant[0]}?" if meant else "remove it."
            return f"{variable}: there is no such setting; {cure}"
    return None


def without_ours(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for a process that is told its settings in another way.

    A secret in there would be read by everything that the process starts in its turn.
    """
    return {name: value for name, value in environment.items() if not _is_setting(name.upper())}


def _is_setting(name: str) -> bool:
    return name == "DATABASE_URL" or name.startswith(PREFIX)


def _is_ours(name: str, value: str, known: set[str]) -> bool:
    if name in NO_SETTINGS or name.split("__", maxsplit=1)[0] in known:
        return True
    if name.endswith("_PORT") and "://" in value:
        return True  # Kubernetes again: RAMAL_PORT=tcp://10.0.0.7:9101
    return _KUBERNETES.fullmatch(name.removeprefix(PREFIX)) is not None
