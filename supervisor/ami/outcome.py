"""What AMI's events tell of an attempt to call somebody (events as Asterisk 22 sends them).

``OriginateResponse``'s own reason does not tell busy from rejected; the cause of the channel's
``Hangup`` does.
"""

from supervisor.ami.protocol import Message
from supervisor.attempts import Attempt


class AmiAttempt(Attempt[Message]):
    """Follows one originated channel; feed it events, then ask."""

    def take(self, event: Message) -> None:
        """Learn from an event about the channel or the action that originated it."""
        match event.event:
            case "Newchannel" | "DialBegin":
                self.seen = True
            case "Newstate":
                self.in_state(event.get("ChannelStateDesc"))
            case "DialState" | "DialEnd":
                self.dialled(event.get("DialStatus"))
            case "OriginateResponse":
                self._response(event.get("Response"))
            case "Hangup":
                cause = event.get("Cause")
                self.ends(int(cause) if cause.isdigit() else 0)

    def _response(self, response: str) -> None:
        if response == "Success":
            self.answered = True
        else:
            self.reported_failure = True
