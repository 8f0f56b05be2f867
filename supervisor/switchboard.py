"""Brings a leg that connects to a return port to the session that waits for it."""

from uuid import UUID

from audiosocket.connection import CallRefused, Connection
from audiosocket.listener import Listener


class LegSwitchboard:
    """A :class:`conversation.calling.Switchboard`: one per worker, for all its return ports."""

    def __init__(self) -> None:
        self._expected: dict[UUID, Listener] = {}

    def expect(self, leg_id: UUID, listener: Listener) -> None:
        """Give the connection with this UUID to ``listener``."""
        self._expected[leg_id] = listener

    def forget(self, leg_id: UUID) -> None:
        """Nobody waits for this UUID any longer; an unknown one is no error."""
        self._expected.pop(leg_id, None)

    def expects(self, leg_id: UUID) -> bool:
        """Whether somebody waits for this UUID."""
        return leg_id in self._expected

    def accept(self, connection: Connection) -> Listener:
        """The listener that waits for this connection; raises ``CallRefused`` where none does.

        A UUID is good for one connection: whoever learns it later cannot join the call.
        """
        try:
            return self._expected.pop(connection.call_id)
        except KeyError:
            raise CallRefused("nobody waits for this leg") from None
