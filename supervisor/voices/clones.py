"""The cloned voices that a worker speaks with, and that it stops speaking with when they are
revoked, in the middle of a call if need be, or when nobody could say for long that they may."""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final
from uuid import UUID

import structlog

from supervisor.alarms import Alarms
from supervisor.database.complaint import Complaint
from supervisor.database.listening import listen
from supervisor.database.perseverance import wait_for
from supervisor.database.pool import TROUBLE, Pool, end_if_cancelled
from supervisor.database.voices import CHANNEL, speaking
from supervisor.voices.latents import FOLDER, LatentsStore
from tts.cache import PromptCache
from tts.cloning import clone_id
from tts.engine import Voice

RETRY_S: Final = 2.0
CONFIRM_EVERY_S: Final = 60.0
"""... or a third of what a voice may go without, if that is less."""
UNCONFIRMED: Final = "voice.unconfirmed"

_log = structlog.get_logger(__name__)


class Clones:
    """Knows who may speak. It follows the database from the first cloned voice on: a worker
    without one has no connection for that.

    The database is asked about every voice now and then, not only when it tells of a change: one
    that was last confirmed ``unconfirmed_s`` ago does not speak until it is again. ``clock`` is for
    tests.
    """

    def __init__(
        self,
        pool: Pool,
        url: str,
        data_dir: Path,
        alarms: Alarms,
        *,
        unconfirmed_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pool = pool
        self._url = url
        self._store = LatentsStore(pool, data_dir / FOLDER)
        self._alarms = alarms
        self._unconfirmed_s = unconfirmed_s
        self._clock = clock
        self._known: set[str] = set()
        self._confirmed_at: dict[str, float] = {}
        self._revoked: set[str] = set()
        self._cache: PromptCache | None = None
        self._usual: Callable[[str], Voice] | None = None
        self._changed = asyncio.Event()
        self._not_read = Complaint(_log.warning, "voices.not_read")
        self._tasks: list[asyncio.Task[None]] = []

    def serve(self, cache: PromptCache, usual: Callable[[str], Voice]) -> None:
        """From now on delete what ``cache`` has of who is revoked, and have ``usual`` (by
        language) speak instead."""
        self._cache, self._usual = cache, usual

    def use(self, ids: Iterable[str]) -> None:
        """These are to speak, as soon as they are confirmed and for as long as they are."""
        self._known |= set(ids)
        if self._known and not self._tasks:
            following = listen(self._url, [CHANNEL], lambda _: self._changed.set())
            self._tasks = [
                asyncio.create_task(following, name="voices"),
                asyncio.create_task(self._follow(), name="revoked voices"),
            ]

    def confirm(self, ids: Iterable[str]) -> None:
        """The database has just said that these may speak."""
        self._confirmed_at |= dict.fromkeys(ids, self._clock())

    def present(self, voice: Voice) -> Voice:
        """The voice itself, or who speaks in its place since it was revoked, or while nobody can
        say whether it was."""
        clone = clone_id(voice)
        if clone is None or self._usual is None or self._may_speak(clone):
            return voice
        return replace(self._usual(voice.language), rate_hz=voice.rate_hz)

    async def latents(self, voice: Voice) -> bytes | None:
        """Those of a cloned voice; ``None`` where it may not speak."""
        clone = clone_id(voice)
        if clone is None or not self._may_speak(clone):
            return None
        return await self._store.find(clone, voice.version)

    async def close(self) -> None:
        """Follow nothing any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _may_speak(self, clone: str) -> bool:
        at = self._confirmed_at.get(clone)
        if at is None or clone in self._revoked:
            return False
        return self._clock() - at < self._unconfirmed_s

    async def _follow(self) -> None:
        while True:
            self._changed.clear()
            try:
                await self._ask()
            except TROUBLE as error:
                end_if_cancelled()
                self._not_read.about(error)
                self._complain()
                await asyncio.sleep(RETRY_S)
            else:
                self._not_read.over()
                self._alarms.end_alarm(UNCONFIRMED, "The database says again whose voices speak.")
                await wait_for(self._changed, min(CONFIRM_EVERY_S, self._unconfirmed_s / 3))

    async def _ask(self) -> None:
        asked = set(self._known)
        may_speak = await speaking(self._pool, asked)
        self.confirm(may_speak)
        for clone in asked - may_speak:
            await self._revoke(clone)

    def _complain(self) -> None:
        silent = [clone for clone in self._known if not self._may_speak(clone)]
        if silent:
            self._alarms.raise_alarm(
                UNCONFIRMED,
                f"{len(silent)} cloned voices are not used: the database has not said for "
                f"{self._unconfirmed_s / 60:g} min that nobody revoked them. The usual voice "
                "speaks; put the database right.",
                voices=len(silent),
            )

    async def _revoke(self, clone: str) -> None:
        """What is being said is said to its end: from the next sentence on somebody else speaks."""
        self._known.discard(clone)
        self._confirmed_at.pop(clone, None)
        self._revoked.add(clone)
        _log.info("voice.forgotten", voice=str(UUID(clone)))
        await self._store.forget(clone)
        if self._cache is not None:
            await self._cache.forget_voice(clone)
