"""Where a door's requests may go: the same guard that its connections pass later."""

from supervisor.doors.settings import DoorProblem, WebhookSettings
from supervisor.outgoing.addresses import AddressGuard
from supervisor.settings import OutgoingSettings


def check_address(door: WebhookSettings, settings: OutgoingSettings) -> None:
    """Raises :class:`~supervisor.doors.settings.DoorProblem` for what is refused at sight."""
    if (objection := AddressGuard.of(settings).objection(door.url)) is not None:
        raise DoorProblem(f"its URL is refused: {objection}")
