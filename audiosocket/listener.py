"""Who listens to a connection, and how a connection can end."""

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from audiosocket.slin import Samples

if TYPE_CHECKING:
    from audiosocket.connection import Connection


class EndReason(StrEnum):
    """Why a connection ended. Asterisk's own way to end a call is ``PEER_CLOSED``."""

    PEER_CLOSED = "peer_closed"
    """The peer closed its side (TCP FIN)."""
    PEER_HANGUP = "peer_hangup"
    """The peer sent 0x00."""
    HUNG_UP = "hung_up"
    """We hung up, and let the last audio play."""
    ABORTED = "aborted"
    """We dropped the connection at once."""
    REFUSED = "refused"
    """``accept`` did not want the call: answered with 0x00, or dropped if there are too many."""
    PROTOCOL_ERROR = "protocol_error"
    """The peer does not speak AudioSocket."""
    TIMED_OUT = "timed_out"
    """No UUID in time, or half a frame and no rest."""
    NOT_READING = "not_reading"
    """The peer did not read what we sent."""
    LOST = "lost"
    """The network or the peer's machine broke the connection."""
    FAILED = "failed"
    """A listener raised: a fault of ours, logged with its traceback."""


class Listener(Protocol):
    """What a call tells whoever handles it.

    All methods are called on the event loop and must return within microseconds; one that raises
    ends its own call as ``FAILED``. ``audio_received`` and ``audio_gap`` together follow the
    clock: the sum of what they tell is the time since the call began, 0.1 s behind at most while
    the loop keeps up, so a listener needs no timer of its own to notice silence.
    """

    def call_started(self, connection: "Connection") -> None:
        """The UUID is known (``connection.call_id``); the first call of all."""

    def audio_received(self, samples: Samples, rate_hz: int) -> None:
        """One audio frame of the peer, read-only int16, of any length above 0."""

    def audio_gap(self, gap_ms: int) -> None:
        """No audio for so long: the peer sent none (silence suppression, a key being pressed),
        or it came too late to be of use and was dropped. Take it for silence."""

    def dtmf_received(self, digit: str) -> None:
        """A key, at its release: one character of ``0-9*#A-D``."""

    def call_ended(self, reason: EndReason) -> None:
        """The last call of all, exactly once for each ``call_started``."""


class IgnoringListener:
    """Does nothing with what it hears; inherit from it to care about some of it only."""

    def call_started(self, connection: "Connection") -> None:
        """Ignore it."""

    def audio_received(self, samples: Samples, rate_hz: int) -> None:
        """Ignore it."""

    def audio_gap(self, gap_ms: int) -> None:
        """Ignore it."""

    def dtmf_received(self, digit: str) -> None:
        """Ignore it."""

    def call_ended(self, reason: EndReason) -> None:
        """Ignore it."""
