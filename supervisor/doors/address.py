"""Where a door's requests may go: the same guard that its connections pass later."""

from supervisor.doors.settings import DoorProblem, WebhookSettings
from supervisor.outgoing.addresses import AddressGuard
from supervisor.settings import OutgoingSettings


def guard_of(settings: OutgoingSettings) -> AddressGuard:
    """The guard that an operator of the installation has set up."""
    return AddressGuard(settings.allow_networks, allow_http=settings.allow_http)


def check_address(door: WebhookSettings, settings: OutgoingSettings) -> None:
    """Raises :class:`~supervisor.doors.settings.DoorProblem` for what is refused at sight."""
    if (objection := guard_of(settings).objection(door.url)) is not None:
        raise DoorProblem(f"its URL is refused: {objection}")
