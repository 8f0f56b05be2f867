"""Jobs go after everything else that the machine has to do."""

import os
import threading
from pathlib import Path

from supervisor.settings import Settings, SynthesisSettings
from supervisor.speech_settings import TtsSettings
from supervisor.synthesis.desk import NICENESS, open_job_engine
from tests.tts.neural.files import piper_voice
from tts.engine import TtsEngine
from tts.espeak import EspeakEngine, espeak_voice


def _engine(**tts: object) -> TtsEngine:
    return open_job_engine(Settings(tts=TtsSettings(**tts), synthesis=SynthesisSettings(at_once=2)))  # type: ignore[arg-type]


async def test_espeak_speaks_jobs_in_processes_of_the_lowest_priority() -> None:
    engine = _engine()
    assert isinstance(engine, EspeakEngine)
    await engine.start()
    niceness = [os.getpriority(os.PRIO_PROCESS, pid) for pid in engine.helper_pids]
    assert niceness == [NICENESS] * 2
    assert [chunk async for chunk in engine.synthesise("Bom dia.", espeak_voice())]
    await engine.close()


async def test_neural_voices_speak_jobs_on_threads_of_the_lowest_priority(tmp_path: Path) -> None:
    piper_voice(tmp_path)
    engine = _engine(ladder=("piper", "espeak"), folder=tmp_path, voice="pt_BR-faber-medium")
    await engine.start()
    threads = [each for each in threading.enumerate() if each.name.startswith("piper")]
    assert threads
    for thread in threads:
        assert os.getpriority(os.PRIO_PROCESS, thread.native_id or 0) == NICENESS
    assert os.getpriority(os.PRIO_PROCESS, 0) < NICENESS
    await engine.close()
