"""Which flows there are, and how each is made ready; imported by workers only."""

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import EntryPoint
from typing import Final

from audiosocket.connection import Connection
from supervisor.agents.installed import installed_agents
from supervisor.calls import Flow, Service, Session, Shared
from supervisor.database.extensions import Extension
from supervisor.echo import EchoSession
from supervisor.errors import OperatorError
from supervisor.rules import ExtensionProblem


def agent(point: EntryPoint) -> Flow:
    """The flow of an agent, ours or a package's, which is imported where it is used."""

    async def service(shared: Shared, extension: Extension) -> Service:
        from supervisor.agents.answering import agent_service  # noqa: PLC0415
        from supervisor.agents.loading import load  # noqa: PLC0415

        return await agent_service(shared, extension, load(point), foreign=point.dist is not None)

    async def prepare(shared: Shared) -> None:
        """Open the engines, so that the first extension need not wait for them."""
        loading = import_module("supervisor.agents.loading")
        import_module("supervisor.agents.answering")
        try:
            loading.load(point)
        except ExtensionProblem as problem:
            raise OperatorError(str(problem)) from problem
        await shared.speech.engines()

    return Flow(service, prepare)


async def echo(shared: Shared, _: Extension) -> Service:
    """The ``echo`` flow: it can be listened to, and is never recorded."""
    monitor = shared.monitoring.of_extension(frozenset())

    def answer(connection: Connection) -> Session:
        return EchoSession(connection.call_id, monitor)

    return answer


def _ours(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, "ramal.agents")


AGENTS: Final[Mapping[str, EntryPoint]] = {
    **installed_agents(),
    "doorman": _ours("doorman", "supervisor.agents.doorman:DOORMAN"),
    "receptionist": _ours("receptionist", "supervisor.agents.receptionist:RECEPTIONIST"),
}
"""Where each agent is, ours and those of packages; nothing is imported yet."""
FLOWS: Final[Mapping[str, Flow]] = {
    **{name: agent(point) for name, point in AGENTS.items()},
    "echo": Flow(echo),
}
"""By the names that ``supervisor.rules.flows`` lists."""
