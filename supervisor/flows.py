"""Which flows there are, and how each is made ready; imported by workers only."""

from collections.abc import Mapping
from importlib import import_module
from typing import Final

from audiosocket.connection import Connection
from supervisor.calls import Flow, Service, Session, Shared
from supervisor.database.extensions import Extension
from supervisor.echo import EchoSession


async def doorman(shared: Shared, extension: Extension) -> Service:
    """The ``doorman`` flow; its engines are only imported where it is used."""
    from supervisor.doorman import doorman_service  # noqa: PLC0415

    return await doorman_service(shared, extension)


async def echo(shared: Shared, _: Extension) -> Service:
    """The ``echo`` flow: it can be listened to, and is never recorded."""
    monitor = shared.monitoring.of_extension(frozenset())

    def answer(connection: Connection) -> Session:
        return EchoSession(connection.call_id, monitor)

    return answer


async def prepare_doorman(shared: Shared) -> None:
    """Open the engines, so that the first extension need not wait for them."""
    import_module("supervisor.doorman")
    await shared.speech.engines()


FLOWS: Final[Mapping[str, Flow]] = {"doorman": Flow(doorman, prepare_doorman), "echo": Flow(echo)}
"""By the names that ``supervisor.rules.FLOWS`` lists."""
