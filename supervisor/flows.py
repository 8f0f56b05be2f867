"""Which flows there are, and how each is made ready; imported by workers only."""

from collections.abc import Mapping
from typing import Final

from audiosocket.connection import Connection
from supervisor.calls import MakeService, Service, Session, Shared
from supervisor.database.extensions import Extension
from supervisor.echo import EchoSession


async def echo_service(_: Shared, __: Extension) -> Service:
    """The ``echo`` flow."""

    def answer(connection: Connection) -> Session:
        return EchoSession(connection.call_id)

    return answer


SERVICES: Final[Mapping[str, MakeService]] = {"echo": echo_service}
"""By the names that ``supervisor.rules.FLOWS`` lists."""
