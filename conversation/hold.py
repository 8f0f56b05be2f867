"""What a party hears while it waits: a sound under our silence, which our words cut off."""

import asyncio

from audiosocket.playback import Playback


class HoldSound:
    """Repeats a sound into a playback queue until it is stopped."""

    def __init__(self, playback: Playback, sound: bytes) -> None:
        self._playback = playback
        self._sound = sound
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Play from the next tick on; a second start changes nothing."""
        if self._task is None:
            self._task = asyncio.create_task(self._repeat(), name="hold sound")

    def stop(self) -> None:
        """Be silent from the next tick on."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
            self._playback.flush()

    async def _repeat(self) -> None:
        while (await self._playback.enqueue(self._sound).done).complete:
            pass
