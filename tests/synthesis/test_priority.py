"""Jobs go after everything else that the machine has to do."""

import asyncio
import os
import sys
import threading
from pathlib import Path

from engines.origins import Origins
from engines.remote_speech import RemoteSpeech
from supervisor.database.pool import Pool
from supervisor.settings import Settings, SynthesisSettings
from supervisor.speech_settings import TtsSettings
from supervisor.synthesis.desk import open_job_engine
from tests.engines.servers import speaking, until
from tests.synthesis.jobs import Hum, a_studio, ask
from tests.tts.hearing import collect
from tests.tts.neural.files import piper_voice
from tts.engine import TtsEngine
from tts.espeak import EspeakEngine, espeak_voice
from tts.going_last import LAST


def _engine(**tts: object) -> TtsEngine:
    return open_job_engine(Settings(tts=TtsSettings(**tts), synthesis=SynthesisSettings(at_once=2)))  # type: ignore[arg-type]


def _goes_last(thread_id: int) -> bool:
    is_nice = os.getpriority(os.PRIO_PROCESS, thread_id) == LAST
    is_idle = sys.platform != "linux" or os.sched_getscheduler(thread_id) == os.SCHED_IDLE
    return is_nice and is_idle


async def test_espeak_speaks_jobs_in_processes_of_the_lowest_priority() -> None:
    engine = _engine()
    assert isinstance(engine, EspeakEngine)
    await engine.start()
    assert [_goes_last(pid) for pid in engine.helper_pids] == [True, True]
    assert [chunk async for chunk in engine.synthesise("Bom dia.", espeak_voice())]
    await engine.close()


async def test_neural_voices_speak_jobs_on_threads_of_the_lowest_priority(tmp_path: Path) -> None:
    piper_voice(tmp_path)
    engine = _engine(ladder=("piper", "espeak"), folder=tmp_path, voice="pt_BR-faber-medium")
    await engine.start()
    threads = [each for each in threading.enumerate() if each.name.startswith("piper")]
    assert threads
    for thread in threads:
        assert os.getpriority(os.PRIO_PROCESS, thread.native_id or 0) == LAST
    assert os.getpriority(os.PRIO_PROCESS, 0) < LAST
    await engine.close()


async def test_an_engine_process_serves_a_call_before_the_jobs_that_waited_longer(
    database: Pool, database_url: str, tmp_path: Path
) -> None:
    hum = Hum()
    jobs = [await ask(database, text) for text in ("O primeiro aviso.", "O segundo aviso.")]
    async with speaking(hum, at_once=1) as (address, served):
        hum.may_speak.clear()
        hum.said.clear()
        remote = {"ladder": ("remote", "espeak"), "addresses": (address,)}
        async with a_studio(database, database_url, tmp_path, at_once=2, **remote) as studio:
            await until(lambda: served.speaking.running == 1 and served.speaking.waiting == 1)
            client = RemoteSpeech(Origins.of_engines([address], None), first_sound_s=20, stall_s=9)
            call = asyncio.create_task(collect(client.synthesise("Boa tarde!", espeak_voice())))
            await until(lambda: served.speaking.waiting == 2)
            hum.may_speak.set()
            assert await call == Hum.sound("Boa tarde!", 8000)
            for job_id in jobs:
                await studio.until(job_id, "done")
            await client.close()
    assert hum.said[-1] != "Boa tarde!", "the job that waited before the call came after it"
    assert sorted(hum.said) == ["Boa tarde!", "O primeiro aviso.", "O segundo aviso."]
