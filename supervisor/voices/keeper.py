"""What the supervisor does for cloned voices: has their latents computed, and sees to it that of
those who are revoked nothing is left on this machine or at its engines."""

import asyncio
from typing import Final
from uuid import UUID

import structlog

from engines.remote_cloning import CloningUnavailableError, RemoteCloner
from supervisor.database.complaint import Complaint
from supervisor.database.listening import listen
from supervisor.database.pool import TROUBLE, Pool, end_if_cancelled
from supervisor.database.voices import (
    CHANNEL,
    Pending,
    VoiceRow,
    claim_pending,
    give_up,
    keep_latents,
    put_off,
    speaking,
)
from supervisor.settings import Settings
from supervisor.speech_ladders import origins_of
from supervisor.speech_settings import PROMPTS
from supervisor.voices.casting import SPEAKS_CLONED
from supervisor.voices.latents import FOLDER, LatentsStore
from supervisor.voices.studio import Studio, StudioError
from tts.cloning import CloningError
from tts.profiles import ProfileName
from tts.prompt_files import PromptFiles

LOOK_EVERY_S: Final = 5.0
"""For voices whose turn to be tried again has come."""
SWEEP_EVERY_S: Final = 60.0
"""A worker may have finished a sentence after its voice was forgotten."""
MOST_FORGOTTEN: Final = 10_000
NO_ENGINE: Final = (
    'no engine here clones voices: put "remote" first in tts.ladder, and let the engines be XTTS; '
    "see docs/voices.md"
)

_log = structlog.get_logger(__name__)


class VoiceKeeper:
    """Looks after voices while it is :meth:`run`; several machines share the work."""

    def __init__(self, settings: Settings, pool: Pool) -> None:
        self._pool = pool
        self._prompts = PromptFiles(settings.data_dir / PROMPTS, 0)
        self._latents = LatentsStore(pool, settings.data_dir / FOLDER)
        self._cloner: RemoteCloner | None = None
        self._studio: Studio | None = None
        self._pending, self._gone = asyncio.Event(), asyncio.Event()
        self._to_forget: asyncio.Queue[str] = asyncio.Queue(MOST_FORGOTTEN)
        self._not_read = Complaint(_log.warning, "voices.not_read")
        self._why_not = NO_ENGINE
        if settings.tts.steps[0] == SPEAKS_CLONED:
            try:
                self._cloner = RemoteCloner(origins_of(settings, "tts"))
                self._studio = Studio(settings, self._latents)
            except ValueError as wrong:  # extensions tell it as well: nobody could speak
                self._why_not = str(wrong)

    async def say(
        self,
        row: VoiceRow,
        text: str,
        language: str,
        *,
        rate_hz: int,
        profile: ProfileName | None = None,
        pitch: float | None = None,
        speed: float | None = None,
    ) -> bytes:
        """See :meth:`supervisor.voices.studio.Studio.say`; raises its error."""
        if self._studio is None:
            raise StudioError(self._why_not)
        return await self._studio.say(
            row, text, language, rate_hz=rate_hz, profile=profile, pitch=pitch, speed=speed
        )

    async def run(self, url: str) -> None:
        """Look after voices until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(listen(url, [CHANNEL], self._changed, on_payload=self._told))
            tasks.create_task(self._compute_all())
            tasks.create_task(self._sweep_all())
            tasks.create_task(self._forget_all())

    async def close(self) -> None:
        """End all connections."""
        for each in (self._studio, self._cloner):
            if each is not None:
                await each.close()

    def _changed(self, _: str) -> None:
        self._pending.set()
        self._gone.set()

    def _told(self, digest: str) -> None:
        if digest and not self._to_forget.full():
            self._to_forget.put_nowait(digest)

    # ------------------------------------------------------------------ latents

    async def _compute_all(self) -> None:
        while True:
            self._pending.clear()
            try:
                while (pending := await claim_pending(self._pool)) is not None:
                    await self._compute(pending)
                self._not_read.over()
            except TROUBLE as error:
                end_if_cancelled()
                self._not_read.about(error)
            await _sleep(self._pending, LOOK_EVERY_S)

    async def _compute(self, pending: Pending) -> None:
        if self._cloner is None:
            await put_off(self._pool, pending, self._why_not)
            return
        try:
            latents = await self._cloner.clone(pending.reference)
        except CloningError as refused:
            _log.warning("voice.failed", voice=str(pending.id), reason=str(refused))
            await give_up(self._pool, pending.id, str(refused))
        except CloningUnavailableError as away:
            _log.warning("voice.waits", voice=str(pending.id), reason=str(away))
            await put_off(self._pool, pending, str(away))
        else:
            await keep_latents(self._pool, pending.id, latents)
            _log.info("voice.ready", voice=str(pending.id), latents_bytes=len(latents))

    # ------------------------------------------------------------------ forgetting

    async def _sweep_all(self) -> None:
        while True:
            self._gone.clear()
            try:
                await self._sweep()
            except TROUBLE as error:
                end_if_cancelled()
                self._not_read.about(error)
            await _sleep(self._gone, SWEEP_EVERY_S)

    async def _sweep(self) -> None:
        """Delete what this machine has of voices that may not speak: also where the server did not
        run when they were revoked."""
        kept = await asyncio.to_thread(self._kept)
        for clone in kept - await speaking(self._pool, kept) if kept else ():
            _log.info("voice.swept", voice=clone)
            await self._latents.forget(clone)
            await asyncio.to_thread(self._prompts.remove_voice, clone)

    def _kept(self) -> set[str]:
        return {each for each in self._latents.kept() | self._prompts.voices() if _is_id(each)}

    async def _forget_all(self) -> None:
        while True:
            digest = await self._to_forget.get()
            if self._cloner is not None and (missed := await self._cloner.forget(digest)):
                _log.warning("voice.engines_not_told", engines=missed, forget_it_within_s=3600)


async def _sleep(woken: asyncio.Event, limit_s: float) -> None:
    try:
        async with asyncio.timeout(limit_s):
            await woken.wait()
    except TimeoutError:
        return


def _is_id(name: str) -> bool:
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False
