"""The scenarios of the demo: one to a file, chosen by name."""

from importlib import resources
from pathlib import Path

from supervisor.callers.script import ScriptError, read_text
from supervisor.simulation.reading import parse_scenarios
from supervisor.simulation.scenario import Scenario

DEFAULT_SCENARIO = "authorised-delivery"
BEYOND = ("directory", "model", "visitors", "pins")
"""What of a scenario the demo's sample condominium does not have."""


def scenario_names() -> list[str]:
    """The scenarios that come with the program, the default one first."""
    folder = resources.files("supervisor.demo") / "scenarios"
    files = [entry.name for entry in folder.iterdir() if entry.name.endswith(".yaml")]
    names = [name.removesuffix(".yaml") for name in files]
    return sorted(names, key=lambda name: (name != DEFAULT_SCENARIO, name))


def load_scenario(name: str) -> Scenario:
    """A scenario by name, or from a file ``*.yaml``. Raises :class:`ScriptError`."""
    if name.endswith(".yaml"):
        return parse_scenario(read_text(Path(name)), name)
    if name not in scenario_names():
        known = ", ".join(scenario_names())
        raise ScriptError(f'There is no scenario "{name}"; choose one of {known}, or a YAML file.')
    file = resources.files("supervisor.demo") / "scenarios" / f"{name}.yaml"
    return parse_scenario(file.read_text(encoding="utf-8"), file.name)


def parse_scenario(text: str, source: str) -> Scenario:
    """A scenario from YAML; ``source`` names it in errors. Raises :class:`ScriptError`."""
    scenarios = parse_scenarios(text, source)
    if len(scenarios) != 1:
        raise ScriptError(
            f"{source} has {len(scenarios)} scenarios, and the demo runs one; see: ramal simulate"
        )
    [scenario] = scenarios
    beyond = [name for name in BEYOND if getattr(scenario, name)]
    if beyond:
        raise ScriptError(
            f"{source}: the demo does without {beyond[0]!r}; see: ramal simulate {source}"
        )
    return scenario
