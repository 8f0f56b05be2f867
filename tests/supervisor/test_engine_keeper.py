"""Engine processes of the supervisor's own: ready, killed, stopped, impossible."""

import asyncio
import os
import signal
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import psutil
import pytest

from audiosocket.caller import Caller
from audiosocket.clock import MediaClock
from supervisor.alarms import Alarm, Alarms
from supervisor.database.directory import ResidentRow, UnitRow, store_units
from supervisor.database.extensions import NewExtension, add_extension
from supervisor.database.pool import Pool
from supervisor.engine_keeper import EngineKeeper, keeping_engines
from supervisor.errors import OperatorError
from supervisor.metrics import Metrics
from supervisor.server import running_server
from supervisor.settings import Settings, load_settings
from supervisor.speech_settings import (
    EnginesSettings,
    RecogniserModelSettings,
    SttSettings,
    TtsSettings,
)
from tests.engines.servers import until
from tests.ports import free_ports
from tests.speech import say
from tests.supervisor.serving import eventually, until_marked


@pytest.fixture
def data_dir(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A short path: the names of Unix sockets have little room."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    with tempfile.TemporaryDirectory(prefix="ramal-") as folder:
        monkeypatch.chdir(folder)
        yield Path(folder)


def settings_for(data_dir: Path, **engines: object) -> Settings:
    chosen = EnginesSettings(run=("tts",), **engines)  # type: ignore[arg-type]
    return load_settings(data_dir=data_dir, engines=chosen)


async def is_ready(keeper: EngineKeeper, data_dir: Path) -> None:
    await until(lambda: keeper.exposition != "", 60)
    connector = aiohttp.UnixConnector(str(data_dir / "engines" / f"{keeper.kind}.sock"))
    async with (
        aiohttp.ClientSession("http://engines", connector=connector) as session,
        session.get("/readyz") as answer,
    ):
        assert (await answer.json())["status"] == "ready"


async def test_a_process_that_is_killed_is_replaced_and_told_of(data_dir: Path) -> None:
    metrics, told = Metrics(), list[Alarm]()
    alarms = Alarms(metrics)
    with alarms.heard_by(told.append):
        async with keeping_engines(settings_for(data_dir), metrics, alarms) as [keeper]:
            await is_ready(keeper, data_dir)
            first = keeper.pid
            assert first is not None
            os.kill(first, signal.SIGKILL)
            keeper.exposition = ""
            await is_ready(keeper, data_dir)
            second = keeper.pid
            assert second not in (None, first)
        assert not await asyncio.to_thread(psutil.pid_exists, second)
    assert [(alarm.kind, alarm.subject, alarm.over) for alarm in told] == [
        ("engine.lost", "tts", False),
        ("engine.lost", "tts", True),
    ]
    restarts = metrics.registry.get_sample_value("ramal_engine_restarts_total", {"kind": "tts"})
    assert restarts == 1


async def test_an_engine_that_cannot_be_opened_is_told_in_its_own_words(data_dir: Path) -> None:
    metrics, told = Metrics(), list[Alarm]()
    alarms = Alarms(metrics)
    engines = EnginesSettings(run=("stt",), stt=RecogniserModelSettings(model="/no/such.onnx"))
    settings = load_settings(data_dir=data_dir, engines=engines)
    with alarms.heard_by(told.append):
        async with keeping_engines(settings, metrics, alarms):
            await until(lambda: bool(told), 60)
    assert "cannot start: there is no model" in told[0].text
    assert "/no/such.onnx" in told[0].text


KEEP = """
import asyncio, sys
from pathlib import Path
from supervisor.alarms import Alarms
from supervisor.engine_keeper import keeping_engines
from supervisor.metrics import Metrics
from supervisor.settings import load_settings
from supervisor.speech_settings import EnginesSettings

async def main():
    settings = load_settings(data_dir=Path(sys.argv[1]), engines=EnginesSettings(run=("tts",)))
    metrics = Metrics()
    async with keeping_engines(settings, metrics, Alarms(metrics)) as [keeper]:
        while not keeper.exposition:
            await asyncio.sleep(0.02)
        Path("pid").write_text(str(keeper.pid))
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_a_process_whose_supervisor_was_killed_leaves_by_itself(data_dir: Path) -> None:
    supervisor = await asyncio.create_subprocess_exec(*(sys.executable, "-c", KEEP, str(data_dir)))
    written = data_dir / "pid"
    try:
        await until(lambda: written.exists() and written.read_text() != "", 60)
        engine = psutil.Process(int(written.read_text()))
        assert engine.is_running()
    finally:
        supervisor.kill()
        await supervisor.wait()
    await until(lambda: not engine.is_running() or engine.status() == psutil.STATUS_ZOMBIE)


async def test_a_visit_goes_on_while_both_engines_of_the_server_are_killed(
    settings: Settings, database: Pool
) -> None:
    own = {
        "engines": EnginesSettings(run=("stt", "tts"), retry_s=60),
        "stt": SttSettings(ladder=("remote", "builtin")),
        "tts": TtsSettings(ladder=("remote", "espeak")),
        "workers": 1,
    }
    call_id = uuid.uuid4()
    async with running_server(settings.model_copy(update=own)) as server:
        await until(lambda: {"engines-stt", "engines-tts"} <= server.expositions.keys(), 60)
        port = await doorman(database)
        await until_marked(database, "1001", "listening")
        caller = await Caller.connect("127.0.0.1", port, call_id, clock=MediaClock())
        await eventually(lambda: spoken(database, call_id), lambda count: count >= 1)
        await caller.playback.enqueue(
            say("entrega da amazon para o apartamento quinhentos e um").tobytes()
        ).done
        # two blocks have a 501: the doorman asks which
        await eventually(lambda: spoken(database, call_id), lambda count: count >= 2)
        await until(lambda: 'outcome="done"' in server.expositions["engines-stt"], 60)
        before = [keeper.pid for keeper in server.engines]
        for pid in before:
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
        await caller.playback.enqueue(say("bloco bê").tobytes()).done
        await eventually(lambda: spoken(database, call_id), lambda count: count >= 3)
        assert not caller.ended.done()
        await caller.hang_up()
        await until(lambda: all(k.pid not in (None, *before) for k in server.engines), 60)


async def doorman(database: Pool) -> int:
    """An extension whose condominium has two apartments 501."""
    port, return_port = free_ports(2)
    async with database.acquire() as connection:
        new = NewExtension("1001", port, return_port)
        row = await add_extension(connection, "Residencial Ipê", new)
        people = (ResidentRow("Rita Prado", ("201",)),)
        units = [UnitRow(block, "501", people) for block in ("A", "B")]
        await store_units(connection, row.condominium_id, units)
    return port


async def spoken(database: Pool, call_id: uuid.UUID) -> int:
    """How many things the doorman began to say."""
    query = "SELECT count(*) FROM events WHERE call_id = $1 AND kind = 'speaking'"
    return int(await database.fetchval(query, call_id))


async def test_a_folder_whose_name_is_too_long_for_sockets_is_one_sentence(
    data_dir: Path,
) -> None:
    metrics = Metrics()
    with pytest.raises(OperatorError, match="choose a shorter data_dir"):
        async with keeping_engines(settings_for(data_dir / ("x" * 100)), metrics, Alarms(metrics)):
            pass
