"""Opens by a signed request to the address of whatever controls the door."""

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Final

from conversation.door import DoorError, DoorOrder
from supervisor.doors.settings import WebhookSettings
from supervisor.outgoing.client import Outgoing, OutgoingError, Reply
from supervisor.outgoing.signature import signed

FIRST_PAUSE_S: Final = 0.2
"""Before the second try; twice as long before each further one."""
_PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses after which the same request may succeed a moment later."""


@dataclass(frozen=True, slots=True)
class WebhookDoor:
    """A :class:`conversation.door.Door` behind an URL of the condominium's.

    Every try has the authorisation's id as ``Webhook-Id`` and ``Idempotency-Key``: a receiver that
    has seen it opens nothing again, and answers as before.
    """

    name: str
    settings: WebhookSettings
    secret: str
    outgoing: Outgoing
    driver: str = "webhook"

    async def open(self, order: DoorOrder) -> None:
        """Send the request until it is taken (a status from 200 to 299) or there is no use."""
        body = json.dumps(
            {
                "type": "door.open",
                "authorisation": str(order.authorisation),
                "call_id": str(order.call_id),
                "door": order.door,
            }
        ).encode()
        pause_s, reason = FIRST_PAUSE_S, ""
        for attempt in range(self.settings.attempts):
            if attempt:
                await asyncio.sleep(pause_s)
                pause_s *= 2
            try:
                reply = await self._send(order, body)
            except OutgoingError as error:
                if error.fault == "forbidden":
                    raise DoorError(_sentence(str(error))) from error
                reason = _sentence(str(error))
                continue
            if reply.is_success:
                return
            reason = f"the door's address answered with status {reply.status}"
            if reply.status not in _PASSING:
                break
        raise DoorError(reason)

    async def _send(self, order: DoorOrder, body: bytes) -> Reply:
        message_id = str(order.authorisation)
        headers = {
            **signed(message_id, int(time.time()), body, [self.secret]),
            "Content-Type": "application/json",
            "Idempotency-Key": message_id,
        }
        return await self.outgoing.send(
            "POST", self.settings.url, body=body, headers=headers, limit_s=self.settings.timeout_s
        )


def _sentence(text: str) -> str:
    """Another sentence's part: "The host takes no connection." without its capital and stop."""
    return text[:1].lower() + text[1:].rstrip(".")
