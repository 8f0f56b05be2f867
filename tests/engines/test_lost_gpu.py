"""Engines whose GPU is lost: their process ends and another begins, and calls go on meanwhile."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
import torch
from aiohttp import ClientPayloadError
from onnxruntime.capi.onnxruntime_pybind11_state import Fail

from engines.lost_device import EXIT_STATUS, DeviceWatch, cuda_error
from engines.origins import Origins
from engines.recogniser_ladder import LadderRecogniser, probe_recogniser
from engines.remote_recogniser import RemoteRecogniser
from engines.remote_speech import RemoteSpeech
from engines.steps import Steps
from stt.builtin.recogniser import BuiltinRecogniser
from stt.recogniser import Hints
from supervisor import engine_keeper
from supervisor.alarms import Alarm, Alarms
from supervisor.engine_keeper import keeping_engines
from supervisor.metrics import Metrics
from supervisor.settings import Settings, load_settings
from supervisor.speech_settings import EnginesSettings, RecogniserModelSettings
from tests.engines.lost_gpu import ASSERTED, FAULT, ILLEGAL, PROGRAM
from tests.engines.processes import ROOT, TOKEN, engines_process
from tests.engines.servers import speaking, until
from tests.speech import say
from tests.stt.scripted_whisper import write_model
from tests.tts.hearing import collect
from tts.engine import SynthesisError, UnknownVoiceError, Voice
from tts.espeak import espeak_voice

TEXT = "Boa noite."
SENTENCE = "apartamento quinhentos e um"
ONNX = "CUDA failure 700: an illegal memory access was encountered ; GPU=0 ; hostname=a ; expr=b"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (torch.AcceleratorError(ASSERTED), "CUDA error: device-side assert triggered"),
        (RuntimeError("CUDA error: unspecified launch failure"), "unspecified launch failure"),
        (RuntimeError(ILLEGAL), "illegal memory access"),
        (Fail(ONNX), "CUDA failure 700"),
    ],
)
def test_after_some_errors_of_cuda_nothing_works_any_more(error: Exception, told: str) -> None:
    watch = DeviceWatch()
    failed = SynthesisError("XTTS failed")
    failed.__cause__ = error
    watch.failed(failed)
    assert watch.reason is not None
    assert told in watch.reason
    assert "\n" not in watch.reason


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 MiB."),
        RuntimeError("CUDA failed with error out of memory"),
        RuntimeError("CUDA error: out of memory\nCUDA kernel errors might be ..."),
        RuntimeError("the file is broken"),
        UnknownVoiceError(f"XTTS has no voice {ASSERTED!r}"),
        TimeoutError(),
    ],
)
def test_others_pass_however_often_they_come(error: Exception) -> None:
    watch = DeviceWatch()
    for _ in range(10):
        watch.failed(error)
    assert cuda_error(error) is None
    assert watch.reason is None


def test_errors_of_cuda_that_may_pass_have_done_so_once_something_works() -> None:
    watch = DeviceWatch()
    perhaps = RuntimeError("cuBLAS failed with status CUBLAS_STATUS_EXECUTION_FAILED")
    for _ in range(5):
        watch.failed(perhaps)
        watch.failed(perhaps)
        watch.worked()
    assert watch.reason is None
    for _ in range(3):
        watch.failed(perhaps)
    assert watch.reason == str(perhaps)


class BreaksOff:
    """Fails in the midst of its third text and all after it; two are for warming."""

    name = "breaks off"

    def __init__(self, error: str = ASSERTED) -> None:
        self._texts = 0
        self._error = error

    async def start(self) -> str:
        return self.name

    async def synthesise(self, text: str, voice: Voice) -> AsyncGenerator[bytes, None]:
        self._texts += 1
        yield bytes(voice.bytes_per_ms * 500)
        if self._texts > 2:
            raise SynthesisError("it failed") from torch.AcceleratorError(self._error)

    async def close(self) -> None:
        pass


async def test_health_says_so_also_where_it_broke_off_in_mid_sentence() -> None:
    async with speaking(BreaksOff()) as (address, served):
        origins = Origins.of_engines([address], None)
        speech = RemoteSpeech(origins, first_sound_s=5, stall_s=5)
        with pytest.raises(SynthesisError, match="broke off"):
            await collect(speech.synthesise(TEXT, espeak_voice()))
        await asyncio.wait_for(served.device_lost.wait(), 20)
        session = origins.in_order()[0].session
        for path in ("healthz", "readyz"):
            async with session.get(path) as answer:
                assert answer.status == 503
                assert (await answer.json()) == {
                    "status": "device lost",
                    "reason": "CUDA error: device-side assert triggered",
                }
        await speech.close()


STREAM, FILE = "v1/synthesis", "v1/audio/speech"


@pytest.mark.parametrize("paths", [(STREAM, STREAM, FILE), (FILE, FILE, STREAM)])
async def test_what_may_pass_is_counted_once_for_each_text_that_broke_off(
    paths: tuple[str, ...],
) -> None:
    perhaps = "CUDA error: unknown error"
    async with speaking(BreaksOff(perhaps)) as (address, served):
        origins = Origins.of_engines([address], None)
        session = origins.in_order()[0].session
        for path in paths:
            assert served.device.reason is None
            body = {"text" if path == STREAM else "input": TEXT}
            with suppress(ClientPayloadError):
                async with session.post(path, json=body) as answer:
                    assert answer.status == (200 if path == STREAM else 500)
                    await answer.read()
        await asyncio.wait_for(served.device_lost.wait(), 20)
        assert served.device.reason == perhaps
        await origins.close()


async def test_what_computes_elsewhere_loses_no_gpu_here() -> None:
    async with speaking(BreaksOff(), compute_here=False) as (address, served):
        origins = Origins.of_engines([address], None)
        speech = RemoteSpeech(origins, first_sound_s=5, stall_s=5)
        with pytest.raises(SynthesisError, match="broke off"):
            await collect(speech.synthesise(TEXT, espeak_voice()))
        async with origins.in_order()[0].session.get("readyz") as answer:
            assert answer.status == 200
        assert not served.device_lost.is_set()
        await speech.close()


async def test_a_process_that_nobody_watches_ends_with_a_status_that_restarts_it(
    tmp_path: Path,
) -> None:
    fault = tmp_path / "fault"
    whisper = {"ENGINE": "whisper", "MODEL": str(write_model(tmp_path / "model", ("sim",)))}
    environment = {f"RAMAL_ENGINES__STT__{key}": value for key, value in whisper.items()}
    environment[FAULT] = str(fault)
    async with engines_process("--kind", "stt", program=PROGRAM, **environment) as engines:
        ears = _ears(str(engines.address))
        assert await _heard_by(ears) == ("sim", "remote")
        fault.touch()
        assert await _heard_by(ears) == (SENTENCE, "builtin")
        assert await asyncio.wait_for(engines.process.wait(), 60) == EXIT_STATUS
        await ears.close()


def _ears(address: str) -> LadderRecogniser:
    remote = RemoteRecogniser(Origins.of_engines([address], TOKEN), patience_s=30)
    both = (remote, BuiltinRecogniser())
    probes = [partial(probe_recogniser, each) for each in both]
    steps = Steps("stt", ["remote", "builtin"], probes, retry_s=60, on_shift=lambda _: None)
    return LadderRecogniser(both, steps, patience_s=60)


async def _heard_by(ears: LadderRecogniser) -> tuple[str, str | None]:
    stream = ears.stream("pt-BR", Hints())
    try:
        stream.feed(say(SENTENCE))
        transcript = await stream.result()
        return transcript.text, transcript.engine
    finally:
        await stream.close()


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Settings of a process whose GPU can be lost. Sockets want a short path."""
    monkeypatch.setattr(engine_keeper, "MODULE", "tests.engines.lost_gpu")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv(FAULT, str(tmp_path / "fault"))
    model = str(write_model(tmp_path / "model", ("sim",)))
    engines = EnginesSettings(
        run=("stt",), stt=RecogniserModelSettings(engine="whisper", model=model, device="cpu")
    )
    with tempfile.TemporaryDirectory(prefix="ramal-") as folder:
        monkeypatch.chdir(folder)
        yield load_settings(data_dir=Path(folder), engines=engines)


async def test_the_supervisor_replaces_a_process_and_calls_go_on_without_it(
    kept: Settings, tmp_path: Path
) -> None:
    metrics, told = Metrics(), list[Alarm]()
    alarms = Alarms(metrics)
    with alarms.heard_by(told.append):
        async with keeping_engines(kept, metrics, alarms) as [keeper]:
            await until(lambda: keeper.exposition != "", 90)
            ears = _ears(f"unix:{kept.data_dir}/engines/stt.sock")
            assert await _heard_by(ears) == ("sim", "remote")
            (tmp_path / "fault").touch()
            assert await _heard_by(ears) == (SENTENCE, "builtin")
            await until(lambda: bool(told), 60)
            assert told[0].text == (
                f"The stt engine process lost its GPU: {ILLEGAL}; it is started again."
            )
            await until(lambda: any(alarm.over for alarm in told), 90)
            assert await _heard_by(ears) == ("sim", "remote")
            await ears.close()
