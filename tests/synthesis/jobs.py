"""Jobs as rows, a studio that makes them, and an engine that does what a test says."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from pydantic import SecretStr

from supervisor.alarms import Alarm, Alarms
from supervisor.database.pool import Pool
from supervisor.database.synthesis_jobs import NewJob, add_job
from supervisor.metrics import Metrics
from supervisor.settings import Settings, SynthesisSettings
from supervisor.speech_settings import TtsSettings
from supervisor.synthesis.asking import Manner, item_of
from supervisor.synthesis.desk import Desk, open_job_engine
from supervisor.synthesis.formats import Format
from supervisor.synthesis.studio import making
from tests.supervisor.serving import eventually
from tts.engine import TtsEngine, Voice, is_in_background

JOBS = "tts/jobs"
"""Below /api/v1."""
MS_A_CHARACTER = 10


class Hum:
    """An engine that hums 10 ms for each character, at once or once ``may_speak`` is set.

    ``fails`` is asked before each text, and may raise.
    """

    name = "hum"

    def __init__(self, fails: Callable[[str], None] = lambda _: None) -> None:
        self.fails = fails
        self.may_speak = asyncio.Event()
        self.may_speak.set()
        self.began: asyncio.Queue[str] = asyncio.Queue()
        self.said: list[str] = []
        self.voices: list[Voice] = []
        self.in_background: list[bool] = []

    async def start(self) -> str:
        return "a hum"

    async def synthesise(self, text: str, voice: Voice) -> AsyncGenerator[bytes, None]:
        self.began.put_nowait(text)
        self.voices.append(voice)
        self.in_background.append(is_in_background())
        await self.may_speak.wait()
        self.fails(text)
        yield self.sound(text, voice.rate_hz)
        self.said.append(text)

    @staticmethod
    def sound(text: str, rate_hz: int) -> bytes:
        ticks = np.arange(len(text) * MS_A_CHARACTER * rate_hz // 1000)
        return np.int16(8000 * np.sin(ticks * 2 * np.pi * 440 / rate_hz)).tobytes()

    async def close(self) -> None:
        self.may_speak.set()


def settings_in(
    folder: Path,
    url: str = "",
    ladder: tuple[str, ...] = (),
    addresses: tuple[str, ...] = (),
    **limits: Any,
) -> Settings:
    """A machine's settings, with results below ``folder``."""
    limits = {"keep_free_mb": 0, **limits}
    return Settings(
        tts=TtsSettings(ladder=ladder, addresses=addresses),  # type: ignore[arg-type]
        data_dir=folder,
        database_url=SecretStr(url or "postgresql://nowhere/none"),
        synthesis=SynthesisSettings(**limits),
    )


class Studio:
    """A machine that makes jobs."""

    def __init__(self, pool: Pool, settings: Settings) -> None:
        self.desk = Desk.of(settings)
        self.folder = self.desk.folder
        self.metrics = Metrics()
        self.alarms = Alarms(self.metrics)
        self.alarmed: list[Alarm] = []
        self._pool = pool

    async def items(self, job_id: UUID) -> list[Any]:
        """The rows of a job's items."""
        return await self._pool.fetch(
            "SELECT * FROM synthesis_items WHERE job_id = $1 ORDER BY number", job_id
        )

    async def job(self, job_id: UUID) -> Any:
        return await self._pool.fetchrow("SELECT * FROM synthesis_jobs WHERE id = $1", job_id)

    async def until(self, job_id: UUID, *states: str) -> Any:
        """The job's row, once it is in one of these states."""
        return await eventually(
            lambda: self.job(job_id), lambda row: row["state"] in states, limit_s=120
        )

    async def sounds(self, job_id: UUID) -> list[bytes]:
        """The files that a job has become, by its items."""
        rows = await self._pool.fetch(
            """SELECT string_agg(content, '' ORDER BY part) AS file
               FROM synthesis_audio JOIN synthesis_items AS item ON item.id = item_id
               WHERE job_id = $1 GROUP BY number ORDER BY number""",
            job_id,
        )
        return [row["file"] for row in rows]

    async def until_nothing_is_left_of(self, job_id: UUID) -> None:
        """... in this machine's folder."""
        folder = self.folder.root / str(job_id)

        async def is_there() -> bool:
            return folder.exists()

        await eventually(is_there, lambda there: not there)


@asynccontextmanager
async def a_studio(
    pool: Pool,
    url: str,
    folder: Path,
    engine: TtsEngine | None = None,
    *,
    ladder: tuple[str, ...] = (),
    addresses: tuple[str, ...] = (),
    **limits: Any,
) -> AsyncIterator[Studio]:
    """Make jobs during the block, with ``engine`` or else that of the settings: espeak-ng, unless
    the ``ladder`` begins with another."""
    settings = settings_in(folder, url, ladder, addresses, **limits)
    studio = Studio(pool, settings)
    opened = (lambda _, __: engine) if engine is not None else open_job_engine
    with studio.alarms.heard_by(studio.alarmed.append):
        async with making(settings, url, studio.alarms, studio.metrics, opened):
            yield studio


async def ask(
    pool: Pool,
    *texts: str,
    form: Format = "wav",
    manner: Manner | None = None,
    tenant_id: UUID | None = None,
    names: Sequence[str] = (),
) -> UUID:
    """Write a job of these texts; returns its id."""
    manner = manner or Manner()
    items = [
        item_of(text, manner, number, names[number - 1] if names else "")
        for number, text in enumerate(texts, start=1)
    ]
    async with pool.acquire() as connection, connection.transaction():
        return await add_job(connection, NewJob(tenant_id, "", form, items))
