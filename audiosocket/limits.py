"""What a connection puts up with, and what it counts."""

from collections import Counter
from dataclasses import dataclass, field

from audiosocket.listener import EndReason


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one connection and of a server; the reasons stand with each."""

    max_connections: int = 1000
    """Connections of one server at once; more are dropped at once, so that the dialplan goes on."""
    uuid_timeout_s: float = 5.0
    """Asterisk sends the UUID right after connecting; a caller not yet answered closes instead."""
    frame_timeout_s: float = 2.0
    """A frame that began must be whole by then; Asterisk itself gives a payload 5 ms."""
    not_reading_s: float = 5.0
    """Our frames are dropped while the peer does not read; after so long the call is over."""
    stale_s: float = 1.0
    """Older audio, piled up during a stall, is dropped and told as a gap. A shorter stall costs
    time but no words."""
    goodbye_s: float = 1.0
    """After our 0x00: how long the peer has to close (facts: 10 of 10 clean ends with 1 s)."""


@dataclass(slots=True)
class WireCounters:
    """Totals of a server or a process since it began; they only grow. Frames are counted in when
    their connection ends."""

    connections: int = 0
    calls: int = 0
    ended: Counter[EndReason] = field(default_factory=Counter)
    """Ended connections by reason, those that never became a call included."""
    frames_in: int = 0
    frames_out: int = 0
    dropped_out: int = 0
    """Frames of ours that were not sent since the peer did not read."""
    stale_in: int = 0
    """Audio frames that came too late to be delivered."""
