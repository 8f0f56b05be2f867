"""How an attempt to call somebody ended, from the events of its channel (facts of Asterisk 22).

``OriginateResponse``'s own reason does not tell busy from rejected; the cause of the channel's
``Hangup`` does. A phone that is switched off and one that nobody picks up share a cause, and
differ in whether it was ever heard to ring.
"""

from typing import Final

from conversation.flow import CallOutcome
from supervisor.ami.protocol import Message

ANSWERED_STATES: Final = frozenset({"Up"})
CAUSES: Final = {
    1: CallOutcome.INVALID,  # unallocated number (SIP 404)
    3: CallOutcome.INVALID,  # no route to destination
    17: CallOutcome.BUSY,  # SIP 486
    18: CallOutcome.NO_ANSWER,  # no user responding (SIP 408)
    19: CallOutcome.NO_ANSWER,  # no answer, and also SIP 480
    20: CallOutcome.UNREACHABLE,  # subscriber absent
    21: CallOutcome.REJECTED,  # SIP 603, 403
    22: CallOutcome.INVALID,  # number changed (SIP 410)
    27: CallOutcome.UNREACHABLE,  # destination out of order (SIP 502)
    28: CallOutcome.INVALID,  # invalid number format (SIP 484)
    34: CallOutcome.FAILED,  # no circuit, congestion (SIP 503)
    38: CallOutcome.FAILED,  # network out of order
    41: CallOutcome.FAILED,  # temporary failure
    42: CallOutcome.FAILED,  # switching equipment congestion
    58: CallOutcome.FAILED,  # no capable codec (SIP 488)
}
"""By ITU-T Q.850 cause. Anything else ended before it was answered without saying why."""


class Attempt:
    """Follows one originated channel; feed it events, then ask."""

    def __init__(self) -> None:
        self.seen = False
        """Whether the channel came to be at all."""
        self.rang = False
        self.answered = False
        self.ended: CallOutcome | None = None
        """The outcome told by the channel's end; ``None`` while it lives."""
        self.reported_failure = False
        """Asterisk reported that the attempt failed; the channel's end may still be to come."""

    def take(self, event: Message) -> None:
        """Learn from an event about the channel or the action that originated it."""
        match event.event:
            case "Newchannel" | "DialBegin":
                self.seen = True
            case "Newstate":
                self.seen = True
                self._state(event.get("ChannelStateDesc"))
            case "DialState":
                self.rang |= event.get("DialStatus") == "RINGING"
            case "DialEnd":
                self.answered |= event.get("DialStatus") == "ANSWER"
            case "OriginateResponse":
                self._response(event.get("Response"))
            case "Hangup":
                self.ended = self._end(event.get("Cause"))

    def outcome(self, *, waited_for_end: bool = False) -> CallOutcome | None:
        """How it ended; ``None`` while that is open.

        An attempt that failed without a channel ever being seen found nobody registered. With
        ``waited_for_end`` a missing end of the channel is not waited for any longer.
        """
        if self.answered:
            return CallOutcome.ANSWERED
        if self.ended is not None:
            return self.ended
        if self.reported_failure and (waited_for_end or not self.seen):
            return CallOutcome.NO_ANSWER if self.rang else CallOutcome.UNREACHABLE
        return None

    def _state(self, state: str) -> None:
        self.rang |= state in {"Ringing", "Ring"}
        self.answered |= state in ANSWERED_STATES

    def _response(self, response: str) -> None:
        if response == "Success":
            self.answered = True
        else:
            self.reported_failure = True

    def _end(self, cause: str) -> CallOutcome:
        outcome = CAUSES.get(int(cause) if cause.isdigit() else 0, CallOutcome.NO_ANSWER)
        if outcome is CallOutcome.NO_ANSWER and not self.rang:
            return CallOutcome.UNREACHABLE
        return outcome
