"""Agents of installed packages, by their entry points: nobody needs a fork of ours for one.

A package says in its ``pyproject.toml``::

    [project.entry-points."ramal.agents"]
    poll = "my_package.poll:POLL"

Looking for names imports nothing of the packages: the supervisor only needs these.
"""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Final

GROUP: Final = "ramal.agents"


@cache
def installed_agents() -> Mapping[str, EntryPoint]:
    """By the name that an extension's ``flow`` has; of two packages with one name, the first."""
    found: dict[str, EntryPoint] = {}
    for point in entry_points(group=GROUP):
        found.setdefault(point.name, point)
    return found
