"""Opens by a piece of the operator's dialplan: a relay, another phone, whatever Asterisk can do."""

from dataclasses import dataclass
from typing import Final

from conversation.door import DoorError, DoorOrder
from conversation.telephone import TelephoneError
from supervisor.doors.phone import DoorPhone
from supervisor.doors.settings import DialplanSettings, is_door_name

CONTEXT: Final = "ramal-door"
"""The only context that a door may run: its extensions are the operator's of Asterisk, and a
condominium that chooses among them cannot reach a trunk."""
LIMIT_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class DialplanDoor:
    """A :class:`conversation.door.Door` that an extension of ``ramal-door`` opens.

    It finds ``RAMAL_CALL``, ``RAMAL_DOOR`` and ``RAMAL_AUTHORISATION`` in channel variables, does
    what it has to, and answers: that is how it says that the door is open.
    """

    name: str
    settings: DialplanSettings
    phone: DoorPhone
    driver: str = "dialplan"

    async def open(self, order: DoorOrder) -> None:
        """Run the extension; returns when it has answered."""
        if not is_door_name(order.door):
            raise DoorError(f"{order.door!r} is no name of a door")
        variables = {
            "RAMAL_CALL": str(order.call_id),
            "RAMAL_DOOR": order.door,
            "RAMAL_AUTHORISATION": str(order.authorisation),
        }
        extension = self.settings.extension or self.name
        try:
            await self.phone.run_dialplan(CONTEXT, extension, variables, limit_s=LIMIT_S)
        except TelephoneError as error:
            raise DoorError(str(error)) from error
