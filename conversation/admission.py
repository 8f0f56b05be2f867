"""The seam between a call and whoever was let in beforehand: codes, PINs and lists of visitors.

A flow asks by :class:`~conversation.flow.AskAdmission`, the session asks the :class:`Admissions`
of its extension, and writes the answer into the call's journal before the flow hears of it. What
was asked with, a secret, is in no journal, no snapshot and no log.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID


class Ground(StrEnum):
    """Why somebody is let in without anybody being asked now."""

    CODE = "code"
    """A code that a resident had made for a visitor."""
    PIN = "pin"
    """A resident's own number."""
    NAME = "name"
    """A name that is on the unit's list now."""


GROUNDS = frozenset(str(ground) for ground in Ground)
"""What ``by`` of an ``authorisation`` says where it was given beforehand."""

CODE_DIGITS = range(6, 9)
"""How long codes and PINs are: six digits with five tries an hour hold for years, and more than
eight nobody keeps in mind between the lift and the gate."""


class Refusal(StrEnum):
    """Why it did not help; for the journal: the visitor always hears the same."""

    UNKNOWN = "unknown"
    """No code, PIN or name like that, or of another unit."""
    NOT_NOW = "not_now"
    """Known, but not at this day or hour."""
    USED_UP = "used_up"
    LOCKED = "locked"
    """Too many wrong ones here lately: nothing is compared for a while."""
    AWAY = "away"
    """It could not be looked up."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Somebody who was let in beforehand, taken down in the database under ``id``.

    ``unit`` is a :attr:`conversation.directory.Unit.key`; ``entry`` the list's entry, or the
    resident whose PIN it is; ``made_by`` who put it there. Without ``lets_in`` the resident is
    asked all the same, and told that the visitor is expected.
    """

    id: UUID
    ground: Ground
    unit: str
    entry: UUID
    visitor: str
    made_by: str
    lets_in: bool


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What somebody at the gate has to show: a secret, or else a name.

    ``unit`` is the unit's key as far as it is known: PINs and names are good for their unit alone.
    ``keyed`` says that the secret was keyed; a PIN that is spoken is compared with nothing.
    """

    secret: str | None = None
    unit: str | None = None
    names: tuple[str, ...] = ()
    keyed: bool = False

    def __repr__(self) -> str:
        """Without the secret: a traceback may end up in a log."""
        return f"Inquiry(unit={self.unit!r}, names={self.names!r}, keyed={self.keyed})"


class Admissions(Protocol):
    """Knows who was let in beforehand, at one extension."""

    async def ask(self, call_id: UUID, inquiry: Inquiry) -> Admission | Refusal:
        """Whether it is good; a code's use is used up by the asking, in one step with the answer.

        Asked again with the same in the same call, it answers the same. Never raises; may be
        cancelled, and may then have used a code up.
        """
