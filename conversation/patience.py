"""How long a session waits: for an answer, while a phone rings, and altogether."""

import time
from collections.abc import Callable

from conversation.flow import Event, Party, StillWaiting, TimeIsUp, WentQuiet
from conversation.settings import SessionSettings
from conversation.timers import Timers
from conversation.understanding import Expecting


class Patience:
    """Turns silences into events, each posted once per silence."""

    def __init__(
        self,
        settings: SessionSettings,
        post: Callable[[Event], None],
        give_up: Callable[[], None],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._now = now
        self._settings = settings
        self._post = post
        self._give_up = give_up
        self._timers = Timers()
        self._asked_in_vain = dict.fromkeys(Party, 0)
        self._waiting_since: dict[Party, float] = {}
        self._others_talk = False

    def call_started(self) -> None:
        """The limits of the whole call run from now."""
        self._timers.set(
            "length", self._settings.call_limit_s, lambda: self.time_is_up("call_too_long")
        )
        self.somebody_answered(Party.VISITOR)

    def everybody_quiet(self, party: Party, expecting: Expecting) -> None:
        """Neither we nor ``party`` speak; ``expecting`` says who owes the next word.

        A silence that goes on is one silence, however often this is called: what happens on
        another leg does not make it begin anew.
        """
        if self._timers.runs(_silence(party)):
            return
        if expecting is not Expecting.NOTHING:
            self._timers.set(
                _silence(party), self._settings.reprompt_after_s, lambda: self._went_quiet(party)
            )
            return
        self._waiting_since.setdefault(party, self._now())
        self._timers.set(
            _silence(party), self._settings.waiting_every_s, lambda: self._still_waiting(party)
        )

    def somebody_speaks(self, party: Party) -> None:
        """We or ``party`` broke the silence."""
        self._timers.cancel(_silence(party))

    def somebody_answered(self, party: Party) -> None:
        """``party`` said or keyed something that is meant for us."""
        self.somebody_speaks(party)
        self._asked_in_vain[party] = 0
        self._waiting_since.pop(party, None)
        if not self._others_talk:
            self._timers.set("idle", self._settings.idle_limit_s, lambda: self.time_is_up("idle"))

    def others_talk(self) -> None:
        """The parties talk with each other, until :meth:`others_part`: nobody owes us a word."""
        self._others_talk = True
        for party in Party:
            self.somebody_speaks(party)
            self._waiting_since.pop(party, None)
        self._timers.cancel("idle")

    def others_part(self) -> None:
        """They are with us again."""
        self._others_talk = False
        self.somebody_answered(Party.VISITOR)

    def time_is_up(self, reason: str) -> None:
        """The flow shall end the call; if it has not within the drain limit, we do."""
        self._post(TimeIsUp(reason))
        self.end_comes()

    def end_comes(self) -> None:
        """The call has no reason to go on: what is left of it in the drain limit is cut off."""
        self._timers.set("give up", self._settings.drain_limit_s, self._give_up)

    def close(self) -> None:
        """No event is posted after this."""
        self._timers.close()

    def _went_quiet(self, party: Party) -> None:
        self._asked_in_vain[party] += 1
        self._post(WentQuiet(party, self._asked_in_vain[party]))

    def _still_waiting(self, party: Party) -> None:
        now = self._now()
        self._post(StillWaiting(party, now - self._waiting_since.get(party, now)))


def _silence(party: Party) -> str:
    return f"silence of {party}"
