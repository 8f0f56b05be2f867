"""Makes items of jobs, each once it is told to, and writes down what came of it."""

import asyncio
import random
import socket
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final, TypeVar
from uuid import UUID, uuid4

import structlog

from supervisor.alarms import Alarms
from supervisor.database.pool import Pool
from supervisor.database.synthesis_audio import PART_BYTES, keep_audio
from supervisor.database.synthesis_jobs import (
    Work,
    begin,
    finish,
    give_up,
    is_ours,
    note_progress,
    put_off,
)
from supervisor.database.voices import find_voice, may_speak
from supervisor.metrics import Metrics
from supervisor.recordings.archivist import be_patient
from supervisor.synthesis.desk import Desk
from supervisor.synthesis.encoding import encode
from supervisor.synthesis.folder import Parts
from supervisor.synthesis.formats import FILES, Written
from supervisor.synthesis.making import pauses_of, spoken
from tts.engine import EngineBusyError, RefusedTextError, SynthesisError, TtsEngine, Voice
from tts.normalising import normaliser_for
from tts.passages import passages

FIRST_RETRY_S: Final = 5.0
LAST_RETRY_S: Final = 900.0
BUSY_S: Final = 10.0
"""An engine that has calls to serve is asked again after this, for as long as it takes."""
NO_ROOM_S: Final = 60.0
TELL_EVERY_S: Final = 0.5
"""How often progress is written down: an engine may make a hundred sentences a second."""
NO_ROOM: Final = "synthesis.no_room"
REVOKED: Final = "its voice was revoked"

Result = TypeVar("Result")
_log = structlog.get_logger(__name__)


class _LaterError(Exception):
    """Not now, and that is nobody's failure."""

    def __init__(self, wait_s: float, reason: str | None = None) -> None:
        super().__init__(reason)
        self.wait_s = wait_s
        self.reason = reason


class _WithdrawnError(Exception):
    """The job was cancelled, or another process has the item now."""


class Maker:
    """Makes items with an engine that is opened with the first one; :meth:`close` it."""

    def __init__(
        self,
        pool: Pool,
        open_engine: Callable[[], TtsEngine],
        desk: Desk,
        alarms: Alarms,
        metrics: Metrics,
        *,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._pool = pool
        self._open_engine = open_engine
        self._desk = desk
        self._alarms = alarms
        self._metrics = metrics
        self._jitter = jitter
        self._keep = timedelta(days=desk.limits.keep_days)
        self._slots = asyncio.Semaphore(max(1, desk.limits.at_once))
        self._patient = ThreadPoolExecutor(2, "synthesis", initializer=be_patient)
        self._engine: TtsEngine | None = None
        self._stops = False
        self.on_withdrawn: Callable[[], None] = lambda: None
        """Called when an item turned out to be nobody's, or another's: files may be left."""

    def stop(self) -> None:
        """Begin nothing more, and leave what is being made after its present sentence."""
        self._stops = True

    async def close(self) -> None:
        """End the engine."""
        self._patient.shutdown(wait=False, cancel_futures=True)
        if self._engine is not None:
            await self._engine.close()

    async def attempt(self, item_id: UUID, queue_id: int) -> timedelta | None:
        """Make an item, unless that is done or no longer wanted; returns when to try again.

        Raises what the database raises: then nothing is known, and it is to be tried again.
        """
        async with self._slots:
            if self._stops:
                return timedelta(0)
            async with self._pool.acquire() as connection, connection.transaction():
                work = await begin(connection, item_id, queue_id, uuid4(), socket.gethostname())
            return None if work is None else await self._carry_out(work)

    async def _carry_out(self, work: Work) -> timedelta | None:
        most = self._desk.limits.attempts
        if work.attempts > most:
            await self._give_up(work, f"the server ended {most} times while it made this")
            return None
        try:
            file, written = await self._make(work)
            await self._hand_over(work, file, written)
        except _WithdrawnError:
            self.on_withdrawn()
            return None
        except _LaterError as later:
            return await self._put_off(work, later.reason, later.wait_s, counts=False)
        except (SynthesisError, OSError) as error:
            return await self._failed(work, error)
        await self._run(self._parts(work).remove)
        self._metrics.synthesis_items.labels("done").inc()
        self._metrics.synthesis_audio.inc(written.duration_ms / 1000)
        return None

    async def _make(self, work: Work) -> tuple[Path, Written]:
        await self._check_room()
        engine = self._opened()
        voice = await self._voice(work)
        text = await self._run(lambda: passages(work.text, normaliser_for(work.manner.language)))
        parts = self._parts(work)
        told_at = time.monotonic()
        for number in range(await self._run(parts.count), len(text)):
            try:
                slin = await spoken(engine, voice, text[number].text)
            except EngineBusyError as busy:
                raise _LaterError(BUSY_S, f"the engine is busy: {busy}") from busy
            await self._run(partial(parts.add, number, slin))
            told_at = await self._tell(work, number + 1, told_at)
            if self._stops and number + 1 < len(text):
                raise _LaterError(0.0)
        name = f"{work.number:05}-{work.holder}.{FILES[work.format].suffix}"
        path = self._desk.folder.file(work.job_id, name)
        return path, await encode(path, work.format, parts.folder, pauses_of(text, voice))

    async def _hand_over(self, work: Work, file: Path, written: Written) -> None:
        """Say that the item is done, and give the database the file: both or neither.

        A revocation waits for this, or this for it: what a revoked voice spoke is not kept.
        """
        clone = work.manner.voice_id
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                if clone is not None and not await may_speak(connection, clone):
                    raise RefusedTextError(REVOKED)
                if not await finish(connection, work, written, self._keep):
                    raise _WithdrawnError
                await keep_audio(connection, work.id, self._read(file))
        finally:
            await self._run(partial(file.unlink, missing_ok=True))

    async def _read(self, file: Path) -> AsyncIterator[bytes]:
        with await self._run(lambda: file.open("rb")) as opened:
            while part := await self._run(lambda: opened.read(PART_BYTES)):
                yield part

    async def _voice(self, work: Work) -> Voice:
        manner = work.manner
        if manner.voice_id is None:
            return self._desk.voice(manner, work.format)
        clone = await find_voice(self._pool, manner.voice_id)
        if clone is None or clone.state == "revoked":
            raise RefusedTextError(REVOKED)
        if clone.state == "failed":
            raise RefusedTextError("no voice could be made of its voice's recording")
        if clone.state == "pending":
            raise _LaterError(BUSY_S, "its voice is still being made of the recording")
        return self._desk.voice(manner, work.format, clone)

    async def _tell(self, work: Work, done: int, told_at: float) -> float:
        """Write progress down now and then; whether the item is still wanted is asked each time."""
        now = time.monotonic()
        tells = now - told_at >= TELL_EVERY_S
        async with self._pool.acquire() as connection:
            wanted = (
                await note_progress(connection, work, done)
                if tells
                else await is_ours(connection, work)
            )
        if not wanted:
            raise _WithdrawnError
        return now if tells else told_at

    async def _check_room(self) -> None:
        free_mb = await self._run(self._desk.folder.free_bytes) >> 20
        if free_mb >= self._desk.limits.keep_free_mb:
            self._alarms.end_alarm(NO_ROOM, "Synthesis jobs have room on the disk again.")
            return
        told = f"the disk has {free_mb} MB left, and {self._desk.limits.keep_free_mb} are kept free"
        self._alarms.raise_alarm(
            NO_ROOM, f"Synthesis jobs wait: {told}; make room, or set synthesis.keep_free_mb."
        )
        raise _LaterError(NO_ROOM_S, told)

    async def _failed(self, work: Work, error: Exception) -> timedelta | None:
        reason = str(error) or type(error).__name__
        if isinstance(error, RefusedTextError) or work.attempts >= self._desk.limits.attempts:
            await self._give_up(work, reason)
            return None
        self._metrics.synthesis_items.labels("failed").inc()
        wait_s = backoff_s(work.attempts, self._jitter())
        return await self._put_off(work, reason, wait_s, counts=True)

    async def _give_up(self, work: Work, reason: str) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            given_up = await give_up(connection, work, reason, self._keep)
        if given_up:
            self._metrics.synthesis_items.labels("dead").inc()
            _log.warning("synthesis.gave_up", job_id=str(work.job_id), item=work.number, why=reason)

    async def _put_off(
        self, work: Work, reason: str | None, wait_s: float, *, counts: bool
    ) -> timedelta | None:
        wait = timedelta(seconds=wait_s)
        async with self._pool.acquire() as connection, connection.transaction():
            until = datetime.now(UTC) + wait
            ours = await put_off(connection, work, reason, until, counts=counts)
        return wait if ours else None

    def _opened(self) -> TtsEngine:
        if self._engine is None:
            self._engine = self._open_engine()
        return self._engine

    def _parts(self, work: Work) -> Parts:
        return self._desk.folder.parts(work.job_id, work.number)

    async def _run(self, work: Callable[[], Result]) -> Result:
        """In a thread that lets everybody else go first."""
        return await asyncio.get_running_loop().run_in_executor(self._patient, work)


def backoff_s(attempts: int, jitter: float) -> float:
    """How long to wait after that many attempts in vain; ``jitter`` is 0 to 1."""
    longest_s = min(FIRST_RETRY_S * 4.0 ** (min(attempts, 20) - 1), LAST_RETRY_S)
    return longest_s * (1 - jitter / 2)
