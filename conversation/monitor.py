"""The seam between a session and whoever records its legs or listens to them."""

from collections.abc import Mapping
from typing import Any, Protocol
from uuid import UUID

from audiosocket.connection import Connection


class Monitor(Protocol):
    """Is told of every leg's connection as it comes."""

    def __call__(
        self, call_id: UUID, party: str, connection: Connection
    ) -> Mapping[str, Any] | None:
        """What the call's log keeps of the recording that begins; ``None`` where none does.

        Must not block, and raises nothing: a call that cannot be recorded goes on.
        """
