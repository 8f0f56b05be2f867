"""Two parties who hear each other through us, while the agent is silent.

The media stays in this process: the frames of one leg go to the other's playback, at the media
clock, so that log, recording and keys remain ours. A frame costs a copy (``bench/bridge.py``).
"""

import asyncio

from conversation.leg import Leg


class Bridge:
    """Joins two legs from :meth:`open` to :meth:`close`."""

    def __init__(self, one: Leg, other: Leg) -> None:
        self._pair = (one, other)
        self.is_open = False

    async def open(self) -> None:
        """Let both hear what is still being said to them, and join them."""
        one, other = self._pair
        await asyncio.gather(one.said_everything(), other.said_everything())
        one.pass_to(other)
        other.pass_to(one)
        self.is_open = True

    async def close(self) -> None:
        """Part them: the agent hears and answers each again; idempotent."""
        self.is_open = False
        for leg in self._pair:
            await leg.pass_to_nobody()
