"""How many requests a key or an address may make: the generic cell rate algorithm (ITU-T I.371)."""

import math
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

REMEMBERED: Final = 10_000
"""Keys and addresses; those that were silent the longest are forgotten, and start afresh."""
MINUTE_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Share:
    """What is left of a limit. ``reset_s``: until all of it is free again."""

    limit: int
    remaining: int
    reset_s: int
    retry_after_s: int
    """0 if the request may be made."""

    @property
    def headers(self) -> dict[str, str]:
        """As in draft-ietf-httpapi-ratelimit-headers-06, which most clients know."""
        told = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_s),
        }
        return told | ({"Retry-After": str(self.retry_after_s)} if self.retry_after_s else {})


class RateLimit:
    """``per_minute`` requests in a minute, all at once if need be, for each of many clients."""

    def __init__(self, per_minute: int) -> None:
        self._limit = per_minute
        self._each_s = MINUTE_S / per_minute
        self._paid_until: OrderedDict[str, float] = OrderedDict()

    def take(self, client: str, now: float) -> Share:
        """Count a request at ``now`` (seconds, monotonic), unless it is one too many."""
        paid_until = max(self._paid_until.get(client, now), now) + self._each_s
        debt_s = paid_until - now
        if debt_s > MINUTE_S + self._each_s / 2:
            wait_s = max(1, math.ceil(debt_s - MINUTE_S))
            return Share(self._limit, 0, math.ceil(debt_s), wait_s)
        self._paid_until[client] = paid_until
        self._paid_until.move_to_end(client)
        if len(self._paid_until) > REMEMBERED:
            self._paid_until.popitem(last=False)
        remaining = int((MINUTE_S - debt_s) / self._each_s + 0.5)
        return Share(self._limit, remaining, math.ceil(debt_s), 0)
