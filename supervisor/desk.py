"""One extension inside a worker: its two listening sockets and the service that answers."""

import socket
from uuid import UUID

from audiosocket.clock import MediaClock
from audiosocket.connection import Connection
from audiosocket.limits import Limits, WireCounters
from audiosocket.listener import Listener
from audiosocket.server import AudioSocketServer
from supervisor.calls import Service
from supervisor.database.extensions import Extension
from supervisor.legs import LegPort, Legs
from supervisor.reception import Reception
from supervisor.rules import line_hz_of


class Desk:
    """Where an extension's calls arrive; ``returns`` conducts those of residents who answer."""

    def __init__(
        self,
        extension: Extension,
        service: Service,
        reception: Reception,
        returns: AudioSocketServer,
        legs: Legs,
        *,
        clock: MediaClock,
        limits: Limits,
        counters: WireCounters,
    ) -> None:
        self._reception = reception
        self._legs = legs
        self._return_port: LegPort | None = None
        self._calls: set[UUID] = set()
        self._visitors = AudioSocketServer(
            self._accept, clock=clock, limits=limits, counters=counters
        )
        self._returns = returns
        self.follow(extension, service)

    @property
    def calls(self) -> int:
        """How many go on that came in here."""
        return len(self._calls & self._reception.call_ids) if self._calls else 0

    def follow(self, extension: Extension, service: Service) -> None:
        """New calls begin as the row says now; those that run keep what they have."""
        self.extension = extension
        self.service = service
        self._visitors.rate_hz = line_hz_of(extension)

    async def open(self, visitors: socket.socket, returns: socket.socket) -> None:
        """Accept connections from now on, those that wait in the backlog first."""
        self._return_port = self._legs.listen(returns, self._returns)
        await self._visitors.start(sock=visitors)

    async def close(self) -> None:
        """Take no new calls; return once those that run have finished.

        Until then their answered legs still arrive: a phone may be ringing.
        """
        await self.refuse_visitors()
        await self._reception.finish(self._calls)
        self.refuse_legs()

    async def refuse_visitors(self) -> None:
        """Take no new calls; return when it is known of all who connected before who they are."""
        self._visitors.stop_listening()
        await self._visitors.introduced()

    def refuse_legs(self) -> None:
        """Take no more answered legs."""
        if self._return_port is not None:
            self._return_port.close()
            self._return_port = None

    def _accept(self, connection: Connection) -> Listener:
        listener = self._reception.accept(self.extension.number, self.service, connection)
        self._calls &= self._reception.call_ids
        self._calls.add(connection.call_id)
        return listener
