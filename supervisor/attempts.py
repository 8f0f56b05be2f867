"""How an attempt to call somebody ends, whatever interface of Asterisk tells it.

The cause of the channel's end tells busy from rejected. A phone that is switched off and one that
nobody picks up share a cause, and differ in whether it was ever heard to ring.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Final, Generic

from conversation.flow import CallOutcome
from conversation.telephone import TelephoneError
from supervisor.asterisk_client import Told

GRACE_S: Final = 3.0
"""Beyond the ring time: Asterisk reports a time-out within milliseconds of it."""
END_GRACE_S: Final = 0.5
"""Between the report of a failure and the channel's end, which names the cause."""
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


class Attempt(ABC, Generic[Told]):
    """What is known of one originated channel; a driver's subclass learns it from its events."""

    def __init__(self) -> None:
        self.seen = False
        """Whether the channel came to be at all."""
        self.rang = False
        self.answered = False
        self.ended: CallOutcome | None = None
        """The outcome told by the channel's end; ``None`` while it lives."""
        self.reported_failure = False
        """Asterisk reported that the attempt failed; the channel's end may still be to come."""

    @abstractmethod
    def take(self, event: Told) -> None:
        """Learn from an event about the channel, or about what originated it."""

    def in_state(self, state: str) -> None:
        """The channel is in a state, by Asterisk's name such as ``Ringing``."""
        self.seen = True
        self.rang |= state in {"Ringing", "Ring"}
        self.answered |= state == "Up"

    def dialled(self, status: str) -> None:
        """Asterisk says how dialling goes, by its name such as ``RINGING``."""
        self.seen = True
        self.rang |= status == "RINGING"
        self.answered |= status == "ANSWER"

    def ends(self, cause: int) -> None:
        """The channel is gone, for a Q.850 cause; 0 where none was told."""
        outcome = CAUSES.get(cause, CallOutcome.NO_ANSWER)
        if outcome is CallOutcome.NO_ANSWER and not self.rang:
            outcome = CallOutcome.UNREACHABLE
        self.ended = outcome

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


class Watched(Generic[Told]):
    """An attempt, and the wait for its end; ``on_ringing`` is called once, if it rings."""

    def __init__(self, attempt: Attempt[Told], on_ringing: Callable[[], None]) -> None:
        self.attempt = attempt
        self._on_ringing = on_ringing
        self._news = asyncio.Event()
        self._rang = self._lost = False

    def take(self, event: Told | None) -> None:
        """Asterisk told something; ``None``: nothing more will come, the connection is gone."""
        if event is None:
            self._lost = True
        else:
            self.attempt.take(event)
        if self.attempt.rang and not self._rang:
            self._rang = True
            self._on_ringing()
        self._news.set()

    async def outcome(self, ring_s: float) -> CallOutcome:
        """Wait for the end of the attempt. Raises ``TelephoneError``."""
        try:
            async with asyncio.timeout(ring_s + GRACE_S):
                return await self._settled()
        except TimeoutError:
            raise TelephoneError("Asterisk did not tell how the call went") from None

    async def _settled(self) -> CallOutcome:
        waited = False
        while (outcome := self.attempt.outcome(waited_for_end=waited)) is None:
            if self._lost:
                raise TelephoneError("the connection to Asterisk was lost while the phone rang")
            self._news.clear()
            try:
                async with asyncio.timeout(END_GRACE_S if self.attempt.reported_failure else None):
                    await self._news.wait()
            except TimeoutError:
                waited = True
        return outcome
