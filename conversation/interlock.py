"""The interlock: a door is commanded for an authorisation in this call's own journal, and once.

It looks at nothing but entries of the journal, so that it holds whatever a flow asks for. An
authorisation that was given beforehand (by a code, a PIN or a list) needs an ``admission`` in the
journal besides, which no flow can write, and uses it up.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from conversation.admission import GROUNDS
from conversation.door import DoorError
from conversation.journal import Entry

GRANTING: Final = frozenset({"yes", "leave_at_desk", "leave_in_locker"})
"""Decisions of an ``authorisation`` entry that let somebody in."""
AGE_LIMIT_S: Final = 60.0
"""An authorisation is used in the step that records it; one that is older is a defect, or the call
went through so much since then that the resident should be asked again."""
SEEN: Final = frozenset(
    {"admission", "authorisation", "door.ordered", "door.opened", "door.failed"}
)
"""Kinds of entries that the interlock goes by."""


@dataclass(slots=True)
class _Authorisation:
    recorded_at: float
    ordered: bool = False
    opened: bool = False


class RefusedOrderError(DoorError):
    """Nothing in this call's journal justifies the order. ``opened`` says that the door opened
    for the same authorisation before: in a process that is gone."""

    def __init__(self, message: str, *, opened: bool = False) -> None:
        super().__init__(message)
        self.opened = opened


class Interlock:
    """Keeps the authorisations of one call. ``clock`` counts seconds and never goes back."""

    def __init__(self, call_id: UUID, clock: Callable[[], float] = time.monotonic) -> None:
        self._call_id = call_id
        self._clock = clock
        self._authorisations: dict[str, _Authorisation] = {}
        self._admissions: dict[str, str] = {}
        """Those that let somebody in: the ground of each, and nothing once it was used."""

    def see(self, entry: Entry, *, age_s: float = 0.0) -> None:
        """Take note of an entry of the journal; those of other calls and kinds do not matter."""
        if entry.call_id != self._call_id or entry.kind not in SEEN:
            return
        if entry.kind == "admission":
            if entry.data.get("lets_in") is True:
                name = str(entry.data.get("id"))
                self._admissions.setdefault(name, str(entry.data.get("ground")))
            return
        if entry.kind == "authorisation":
            self._decided(entry.data, self._clock() - max(0.0, age_s))
            return
        known = self._authorisations.get(str(entry.data.get("authorisation")))
        if known is not None:
            known.ordered = True
            known.opened = known.opened or entry.kind == "door.opened"

    def check(self, authorisation: UUID) -> None:
        """Raises :class:`RefusedOrderError` unless a door may be ordered to open for it now."""
        known = self._authorisations.get(str(authorisation))
        if known is None:
            raise RefusedOrderError("this call's journal has no such authorisation")
        if known.ordered:
            raise RefusedOrderError("this authorisation was used already", opened=known.opened)
        if self._clock() - known.recorded_at > AGE_LIMIT_S:
            raise RefusedOrderError(f"the authorisation is older than {AGE_LIMIT_S:g} s")

    def _decided(self, data: Mapping[str, Any], recorded_at: float) -> None:
        """A later word counts: a no ends what an earlier yes has not been used for yet."""
        name = str(data.get("id"))
        if data.get("decision") in GRANTING:
            if not self._is_founded(data):
                return
            self._authorisations[name] = _Authorisation(recorded_at)
            return
        unused = [each for each, known in self._authorisations.items() if not known.ordered]
        for each in unused:
            del self._authorisations[each]

    def _is_founded(self, data: Mapping[str, Any]) -> bool:
        """Whether what was given beforehand is in the journal too, and was used for nothing yet."""
        by, named = str(data.get("by")), str(data.get("admission"))
        if by not in GROUNDS:
            return True
        founded = self._admissions.get(named) == by
        self._admissions[named] = ""
        return founded
