"""People's addresses: e-mail, Slack, Telegram and whatever else apprise knows."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, Final, Protocol

import structlog

from supervisor.errors import OperatorError
from supervisor.settings import AlertSettings

TELL_LIMIT_S: Final = 30.0
TALKATIVE: Final = ("apprise", "urllib3", "requests", "smtplib")
"""Libraries whose logs hold addresses, and addresses hold tokens and passwords."""

_log = structlog.get_logger(__name__)


class Messenger(Protocol):
    """Tells people something."""

    async def tell(self, title: str, text: str) -> bool:
        """Whether everybody was told."""


class NobodyMessenger:
    """No address is set."""

    async def tell(self, title: str, text: str) -> bool:
        """Nobody is to be told."""
        return True


class AppriseMessenger:
    """Tells everybody whose address is set. No address is logged or told, whatever happens."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = [_address(place, url) for place, url in enumerate(addresses, start=1)]
        for name in TALKATIVE:
            logging.getLogger(name).setLevel(logging.CRITICAL)

    async def tell(self, title: str, text: str) -> bool:
        """See :class:`Messenger`; each address has :data:`TELL_LIMIT_S`."""
        told = await asyncio.gather(
            *(self._tell(place, each, title, text) for place, each in enumerate(self._addresses, 1))
        )
        return all(told)

    async def _tell(self, place: int, address: Any, title: str, text: str) -> bool:
        try:
            async with asyncio.timeout(TELL_LIMIT_S):
                is_told = await asyncio.to_thread(address.notify, title=title, body=text)
        except TimeoutError:
            is_told = False
        if not is_told:
            _log.warning("alert.not_told", address=f"alerts.urls, number {place}")
        return bool(is_told)


def messenger_of(settings: AlertSettings) -> Messenger:
    """Whoever tells the addresses of the settings. Raises ``OperatorError``."""
    if not settings.urls:
        return NobodyMessenger()
    return AppriseMessenger([url.get_secret_value() for url in settings.urls])


def _address(place: int, url: str) -> Any:
    try:
        import apprise  # noqa: PLC0415
    except ImportError:
        raise OperatorError(
            "alerts.urls needs the library apprise; install it with: pip install 'ramal[alerts]'."
        ) from None
    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    made = apprise.Apprise()
    if not made.add(url):
        raise OperatorError(
            f"alerts.urls: number {place} is no address that apprise knows, such as "
            "slack://TOKEN_A/TOKEN_B/TOKEN_C; correct it (it is not shown here, as it may hold a "
            "password)."
        )
    return made
