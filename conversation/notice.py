"""Telling those who are recorded that they are: before anything else, and until they heard it."""

from typing import Final

from conversation.flow import Party
from conversation.mouth import Utterance

HEARD_MS: Final = 2500
"""Who heard so much of words that begin with the notice knows that the call is recorded."""


class RecordingNotice:
    """Who is still to be told, by party."""

    def __init__(self) -> None:
        self._owed: set[Party] = set()
        self._said_with: dict[Party, Utterance] = {}

    def owe(self, party: Party) -> None:
        """The party is recorded from now on."""
        self._owed.add(party)

    def waive(self, party: Party) -> None:
        """The party was told before, by a process that is gone."""
        self._owed.discard(party)

    def is_owed(self, party: Party) -> bool:
        """Whether the next words to the party are to begin with the notice."""
        return party in self._owed

    def said_with(self, party: Party, utterance: Utterance) -> None:
        """The notice is the beginning of these words."""
        self._owed.discard(party)
        self._said_with[party] = utterance

    def look_again(self, party: Party) -> None:
        """The words are over, or the party cut us off: was the notice heard with them?"""
        utterance = self._said_with.pop(party, None)
        if utterance is not None and not utterance.complete and utterance.heard_ms < HEARD_MS:
            self._owed.add(party)
