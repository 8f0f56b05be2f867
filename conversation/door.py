"""The seam between a call and whatever opens a door: an order, and how it is carried out.

Only :class:`~conversation.doorkeeper.Doorkeeper` gives orders, and only for an authorisation that
is in the call's own journal.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class DoorOrder:
    """That a door is to be opened, once, for a visitor's call.

    ``authorisation`` is the id of the journal's entry that justifies it: whatever carries the order
    out may take it for the order's own id, and let a second one of the same id pass.
    """

    call_id: UUID
    authorisation: UUID
    door: str


class DoorError(Exception):
    """The door did not open, or nobody can say so; the message says why in one sentence."""


class Door(Protocol):
    """A door that can be opened in some way."""

    @property
    def name(self) -> str:
        """What the condominium calls it: ``gate``, ``garage``."""

    @property
    def driver(self) -> str:
        """In which way it is opened, for the record."""

    async def open(self, order: DoorOrder) -> None:
        """Open it; returns when the door's own system has taken the order.

        Raises nothing but :class:`DoorError`. Safe to cancel; the order may be carried out then.
        """


@dataclass(frozen=True, slots=True)
class Doors:
    """The doors that a call may open: ``default`` is the one where none is named."""

    by_name: Mapping[str, Door] = field(default_factory=dict)
    default: str | None = None

    def find(self, name: str | None = None) -> Door:
        """The door of that name, or the default one. Raises :class:`DoorError`."""
        wanted = name or self.default
        if wanted is None:
            raise DoorError("no door is set up for this extension; see: ramal door add --help")
        if wanted not in self.by_name:
            known = ", ".join(sorted(self.by_name)) or "none"
            raise DoorError(f'there is no door "{wanted}" here; there are: {known}')
        return self.by_name[wanted]
