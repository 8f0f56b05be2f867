"""Opens by keys: most door phones open their lock when the other side of the call presses one."""

from dataclasses import dataclass

from conversation.door import DoorError, DoorOrder
from conversation.telephone import TelephoneError
from supervisor.doors.phone import DoorPhone
from supervisor.doors.settings import DtmfSettings


@dataclass(frozen=True, slots=True)
class DtmfDoor:
    """A :class:`conversation.door.Door` of the intercom that the visitor stands at."""

    name: str
    settings: DtmfSettings
    phone: DoorPhone
    driver: str = "dtmf"

    async def open(self, order: DoorOrder) -> None:
        """Send the keys on the visitor's channel; returns when the last one was released."""
        settings = self.settings
        try:
            await self.phone.send_digits(
                order.call_id, settings.digits, on_ms=settings.on_ms, gap_ms=settings.gap_ms
            )
        except TelephoneError as error:
            raise DoorError(str(error)) from error
