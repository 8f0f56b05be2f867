"""What Whisper counts is told wherever it runs: in a worker, on a ladder, in an engine process."""

from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

from engines.address import Address
from engines.app import Loading, serving
from stt.engines import RecogniserChoice, open_recogniser
from supervisor.metrics import Metrics
from supervisor.settings import load_settings
from supervisor.speech import Speech
from supervisor.speech_settings import SttSettings

pytest.importorskip("faster_whisper", reason="the whisper extra is not installed")

from tests.stt.scripted_whisper import write_model

COUNTED = "ramal_recognition_results_total"


@pytest.mark.parametrize("ladder", [(), ("whisper", "builtin")])
async def test_a_worker_tells_what_its_own_whisper_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ladder: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    model = str(write_model(tmp_path / "model", ("sim",)))
    chosen = SttSettings(engine="whisper", model=model, device="cpu", threads=1, ladder=ladder)
    metrics = Metrics()
    async with AsyncExitStack() as resources:
        await Speech(load_settings(stt=chosen), resources, metrics).engines()
        assert metrics.registry.get_sample_value(COUNTED, {"kind": "final"}) == 0


async def test_an_engine_process_tells_what_its_whisper_counts(tmp_path: Path) -> None:
    model = str(write_model(tmp_path / "model", ("sim",)))
    choice = RecogniserChoice("whisper", model, device="cpu", threads=1)
    address = Address.parse(f"unix:{tmp_path}/engines.sock")
    loading = Loading(open_stt=lambda: open_recogniser(choice))
    connector = aiohttp.UnixConnector(f"{tmp_path}/engines.sock")
    async with (
        serving(address, loading),
        aiohttp.ClientSession(connector=connector) as client,
        client.get("http://engines/metrics") as answer,
    ):
        told = await answer.text()
    assert f'{COUNTED}{{kind="final"}} 2.0' in told  # what warmed it
