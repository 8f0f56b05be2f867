"""What a synthesis job costs the calls beside it: ``python -m bench.synthesis``.

Doorman calls to a ``ramal serve`` with processes of its own, whose callers speak as those of
``ramal load`` do; in turns without a job and with one that has more to do than there is time. Of
each round the last quarter counts, in which all calls are up. Nothing else should run.
"""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import uvloop

from audiosocket.slin import Samples
from bench.scratch import free_port, scratch_folder
from supervisor.callers.address import Address
from supervisor.callers.commands import LOAD_PHRASES
from supervisor.callers.load import Wave, run_load
from supervisor.callers.speech import speech_for
from supervisor.callers.steps import Say
from supervisor.database.extensions import NewExtension, add_extension, find_extension
from supervisor.database.migrate import migrate
from supervisor.database.opening import database_url
from supervisor.database.pool import Connection, connected
from supervisor.database.synthesis_jobs import NewJob, add_job, cancel_job
from supervisor.settings import load_settings
from supervisor.synthesis.asking import Manner, item_of
from tts.cache import PromptCache
from tts.espeak import EspeakEngine, espeak_voice
from tts.speaker import Speaker

TEXT = "Senhores moradores, a piscina fecha hoje às 18h para limpeza, e abre de novo amanhã. "
ROWS = 1000


async def compare(folder: Path, calls: int, seconds: float, rounds: int) -> None:
    """Without and with a job, in turns."""
    settings = load_settings(data_dir=folder)
    async with database_url(settings) as url, connected(url) as connection:
        await migrate(url)
        port, return_port = free_port(), free_port()
        await add_extension(connection, "Bench", NewExtension("1000", port, return_port))
        async with _serving(folder, url):
            await _listening(connection)
            phrases = await _phrases(folder)
            address = Address("127.0.0.1", port)
            for _ in range(rounds):
                report = await run_load(address, calls, seconds, phrases)
                _show("no job", report.waves[-1])
                job_id, began = await _ask(connection), time.monotonic()
                report = await run_load(address, calls, seconds, phrases)
                took_s = time.monotonic() - began
                _show("a job", report.waves[-1])
                await _show_made(connection, took_s)
                async with connection.transaction():
                    await cancel_job(connection, job_id, timedelta(days=1))
            print(f"load average {os.getloadavg()[0]:.1f}")


async def _phrases(folder: Path) -> list[Samples]:
    engine = EspeakEngine()
    speaker = Speaker(engine, PromptCache(folder / "callers"))
    try:
        speech = await speech_for(
            [Say(text) for text in LOAD_PHRASES], speaker, espeak_voice("pt-br+f3")
        )
    finally:
        await speaker.close()
        await engine.close()
    return [speech[text] for text in LOAD_PHRASES]


def _show(what: str, wave: Wave) -> None:
    late, answer = wave.lateness, wave.voice_to_voice
    assert late is not None
    print(
        f"{what:<8}{wave.calls} calls   frames late p50 {late.p50:5.1f}  p99 {late.p99:5.1f}  "
        f"worst {late.worst:6.1f} ms"
        + (f"   voice-to-voice p50 {answer.p50:4.0f}  p95 {answer.p95:4.0f} ms" if answer else "")
    )


async def _ask(connection: Connection) -> object:
    items = [item_of(TEXT * 5, Manner(), number) for number in range(1, ROWS + 1)]
    async with connection.transaction():
        return await add_job(connection, NewJob(None, "bench", "mp3", items))


async def _show_made(connection: Connection, took_s: float) -> None:
    items, made_s = await connection.fetchrow(
        """SELECT count(*), coalesce(sum(duration_ms), 0)::float8 / 1000 FROM synthesis_items
           WHERE state = 'done' AND finished_at > now() - make_interval(secs => $1)""",
        took_s,
    )
    print(f"        the job made {items} files, {made_s:.0f} s of speech in {took_s:.0f} s")


@asynccontextmanager
async def _serving(folder: Path, url: str) -> AsyncIterator[None]:
    serve = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from supervisor.cli import main; main(['serve'])"),
        env={
            **os.environ,
            "DATABASE_URL": url,
            "RAMAL_DATA_DIR": str(folder),
            "RAMAL_SPARE_WORKER": "false",
            "RAMAL_DRAIN_S": "1",
            "RAMAL_LOG__LEVEL": "error",
            "RAMAL_HTTP__ENABLED": "false",
            "RAMAL_SYNTHESIS__KEEP_FREE_MB": "0",
        },
        cwd=Path(__file__).parents[1],
    )
    try:
        yield
    finally:
        if serve.returncode is None:
            serve.terminate()
        await serve.wait()


async def _listening(connection: Connection) -> None:
    for _ in range(600):
        if (await find_extension(connection, "1000")).status == "listening":
            return
        await asyncio.sleep(0.1)
    raise TimeoutError("the extension is not listened on within a minute")


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=40.0)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args(arguments)
    with scratch_folder() as folder:
        uvloop.run(compare(folder, given.calls, given.seconds, given.rounds))


if __name__ == "__main__":
    main()
