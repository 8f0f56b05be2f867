"""Scenarios from YAML files: one to a file, or many that share what they have in common."""

from collections.abc import Iterable, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from supervisor.callers.script import ScriptError, complaint, first_mistake, read_text, read_yaml
from supervisor.simulation.scenario import Scenario

SHARED = "shared"
"""The part of a file of many that holds what its scenarios refer to (``&name``, ``*name``)."""

MERGE = "tag:yaml.org,2002:merge"


def shipped_scenarios() -> list[Scenario]:
    """Those that come with the program. Raises :class:`ScriptError`."""
    with resources.as_file(resources.files("supervisor.simulation") / "scenarios") as folder:
        return load_scenarios([folder])


def load_scenarios(paths: Iterable[Path]) -> list[Scenario]:
    """The scenarios of files and folders (``*.yaml`` in them, by name).

    Raises :class:`ScriptError` with file and line; also for a name that two of them have.
    """
    files = [file for path in paths for file in _files(path)]
    scenarios = [
        scenario for file in files for scenario in parse_scenarios(read_text(file), str(file))
    ]
    names = [scenario.name for scenario in scenarios]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ScriptError(f'Two scenarios are called "{twice}"; give one of them another name.')
    return scenarios


def parse_scenarios(text: str, source: str) -> list[Scenario]:
    """The scenarios of a file: a mapping that is one, or ``scenarios:`` with a list of them.

    Raises :class:`ScriptError` with ``source`` and the line.
    """
    data = read_yaml(text, source)
    if not (isinstance(data, dict) and "scenarios" in data):
        return [_validated(data, text, source, ())]
    unknown = set(data) - {SHARED, "scenarios"}
    if unknown or not isinstance(data["scenarios"], list):
        raise ScriptError(
            f"{source}: a file of many scenarios has a list of {SHARED!r} parts and 'scenarios' "
            "with a list of scenarios; correct it."
        )
    return [
        _validated(one, text, source, ("scenarios", index))
        for index, one in enumerate(data["scenarios"])
    ]


def _files(path: Path) -> Sequence[Path]:
    if not path.is_dir():
        return [path]
    files = sorted(path.glob("*.yaml"))
    if not files:
        raise ScriptError(f"There are no scenarios (*.yaml) in {path}.")
    return files


def _validated(data: Any, text: str, source: str, inside: Sequence[str | int]) -> Scenario:
    try:
        return Scenario.model_validate(data)
    except ValidationError as error:
        where = [*inside, *first_mistake(error)["loc"]]
        name = data.get("name") if isinstance(data, dict) else None
        about = f" ({name})" if isinstance(name, str) else ""
        raise complaint(error, f"{source}:{line_of(text, where)}{about}") from None


def line_of(text: str, where: Sequence[str | int]) -> int:
    """The line, from 1, of the place ``where`` leads to in a YAML text, or of the nearest above."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    line = 1
    for step in where:
        found = _child(node, step)
        if found is None:
            break
        node, line = found
    return line


def _child(node: Any, step: str | int) -> tuple[Any, int] | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        child = node.value[step]
        return child, child.start_mark.line + 1
    if not isinstance(node, yaml.MappingNode):
        return None
    for key, value in node.value:
        if key.value == str(step):
            return value, key.start_mark.line + 1
    merged = (value for key, value in node.value if key.tag == MERGE)
    found = (_child(value, step) for value in merged)
    return next((one for one in found if one is not None), None)
