"""Which channel of Asterisk each call is, as the dialplan tells when it connects it to us."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from conversation.telephone import TelephoneError

TOLD_BY: Final = "AudioSocketCall"
"""The name of the dialplan's ``UserEvent``."""
CALLS_REMEMBERED: Final = 2000


@dataclass(frozen=True, slots=True)
class Visitor:
    """A channel by its name, such as ``PJSIP/gate-00000001``, the number that it called from, and
    the channel's id; empty where Asterisk did not tell."""

    channel: str
    number: str
    channel_id: str = ""


class Visitors:
    """The last :data:`CALLS_REMEMBERED` of them."""

    def __init__(self) -> None:
        self._by_call: OrderedDict[str, Visitor] = OrderedDict()

    def learn(self, call_id: str, visitor: Visitor) -> None:
        """The dialplan connects a channel to us under this UUID."""
        self._by_call[call_id] = visitor
        while len(self._by_call) > CALLS_REMEMBERED:
            self._by_call.popitem(last=False)

    def number(self, call_id: UUID) -> str | None:
        """The number that a call came from, if Asterisk told."""
        told = self._by_call.get(str(call_id))
        return (told.number or None) if told else None

    def find(self, call_id: UUID) -> Visitor:
        """Which channel a call is. Raises ``TelephoneError`` where it was not told."""
        told = self._by_call.get(str(call_id))
        if told is None or not told.channel:
            raise TelephoneError("Asterisk did not tell which channel this call is (UserEvent)")
        return told
