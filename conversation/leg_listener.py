"""Who is told what happens on a leg: the seam between it and a session."""

from typing import TYPE_CHECKING, Protocol

from audiosocket.connection import Connection
from audiosocket.listener import EndReason
from conversation.ear import Turn
from conversation.mouth import Utterance
from conversation.understanding import Understanding

if TYPE_CHECKING:
    from conversation.leg import Leg


class LegListener(Protocol):
    """The session, as a leg sees it. Nothing here blocks."""

    def leg_up(self, leg: "Leg", connection: Connection) -> None:
        """The leg's connection came."""

    def leg_down(self, leg: "Leg", reason: EndReason) -> None:
        """The leg's connection is gone."""

    def heard(
        self, leg: "Leg", turn: Turn, understanding: Understanding, *, interrupted: bool
    ) -> None:
        """The party ended a turn that is meant for us, and may have cut us off with it."""

    def guessed(self, leg: "Leg", text: str) -> None:
        """The party made a short pause after these words: they may be the whole turn."""

    def overheard(self, leg: "Leg", turn: Turn, why: str) -> None:
        """The party said something that we let pass: a backchannel, an echo, noise."""

    def key_pressed(self, leg: "Leg", digit: str, *, interrupted: bool) -> None:
        """The party pressed a key, and may have cut us off with it."""

    def said(self, leg: "Leg", utterance: Utterance) -> None:
        """Something we said was heard, to its end or not."""

    def began(self, leg: "Leg", utterance: Utterance) -> None:
        """The first frame of something we say is on the wire."""

    def speech_failed(self, leg: "Leg", utterance: Utterance, reason: str) -> None:
        """Something could not be said."""

    def silence(self, leg: "Leg") -> None:
        """We have said everything, and the party is not speaking either."""

    def activity(self, leg: "Leg") -> None:
        """The party began to speak or pressed a key."""
