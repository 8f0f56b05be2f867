"""Agents imported from where their entry points say they are."""

from importlib.metadata import EntryPoint

from supervisor.agents.agent import AgentKind
from supervisor.rules import ExtensionProblem


def load(point: EntryPoint) -> AgentKind:
    """Import an agent. Raises ``ExtensionProblem`` for whatever its package does wrong."""
    package = point.dist.name if point.dist is not None else "ramal"
    try:
        kind = point.load()
    except Exception as error:
        raise ExtensionProblem(
            f'the agent "{point.name}" of the package {package} cannot be loaded: '
            f"{type(error).__name__}: {error}"
        ) from error
    if not isinstance(kind, AgentKind):
        raise ExtensionProblem(
            f'"{point.value}" of the package {package} is no AgentKind: see docs/flows.md'
        )
    return kind
