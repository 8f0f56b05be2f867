"""What ARI's events tell of an attempt to call somebody (events as Asterisk 22 sends them)."""

from supervisor.ari.events import Event, channel_of, text_of
from supervisor.attempts import Attempt

REFUSED = 500
"""What ``POST /channels`` answers, at once, for an endpoint that is unknown or not registered."""


class AriAttempt(Attempt[Event]):
    """Follows one originated channel; feed it events, then ask."""

    def take(self, event: Event) -> None:
        """Learn from an event about the channel."""
        match event.get("type"):
            case "ChannelCreated":
                self.seen = True
            case "ChannelStateChange":
                self.in_state(text_of(channel_of(event), "state"))
            case "Dial":
                self.dialled(text_of(event, "dialstatus"))
            case "ChannelDestroyed":
                cause = event.get("cause")
                self.ends(cause if isinstance(cause, int) else 0)
