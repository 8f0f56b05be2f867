"""The database dies, then the worker, in the middle of a call: the caller hardly notices."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from uuid import UUID, uuid4

import psutil
import pytest
from pydantic import SecretStr

from audiosocket.clock import MediaClock
from stt.builtin.recogniser import BuiltinRecogniser
from supervisor.callers.person import Leg, Nobody, Person
from supervisor.callers.steps import HangUp, Listen, Say, StayOnLine, Step
from supervisor.callers.transcribing import Turn, contains
from supervisor.database.directory import ResidentRow, UnitRow, store_units
from supervisor.database.embedded import EmbeddedPostgres
from supervisor.database.extensions import NewExtension, add_extension
from supervisor.database.migrate import migrate
from supervisor.database.pool import TROUBLE, Pool, pooled
from supervisor.database.spool import used_bytes
from supervisor.server import Server, running_server
from supervisor.settings import LogSettings, Settings, load_settings
from tests.ports import free_ports
from tests.speech import say
from tests.supervisor.serving import eventually, until_marked

SAID = "entrega da amazon para o apartamento quinhentos e um"
BLOCK = "bloco a"


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """A server of our own, since it is killed."""
    folder = tmp_path / "database"
    folder.mkdir()
    server = EmbeddedPostgres(folder)
    asyncio.run(migrate(server.start()))
    yield server
    server.stop()


@pytest.fixture
async def pool(postgres: EmbeddedPostgres) -> AsyncIterator[Pool]:
    async with pooled(postgres.url(), at_once=False) as pool:
        yield pool


@pytest.fixture
async def recogniser() -> AsyncIterator[BuiltinRecogniser]:
    recogniser = await BuiltinRecogniser.open()
    yield recogniser
    await recogniser.close()


class _Ears(Nobody):
    """Says when the agent asked for the block."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    def heard(self, person: str, turn: Turn) -> None:
        if contains(turn.text, ("bloco",)):
            self.asked.set()


async def _doorman(pool: Pool) -> int:
    port, return_port = free_ports(2)
    async with pool.acquire() as connection:
        row = await add_extension(
            connection, "Residencial Ipê", NewExtension("1001", port, return_port)
        )
        units = [
            UnitRow(block, "501", (ResidentRow("Rita Prado", ("201",)),)) for block in ("A", "B")
        ]
        await store_units(connection, row.condominium_id, units)
    return port


def _settings(url: str) -> Settings:
    return load_settings(database_url=SecretStr(url), workers=1, log=LogSettings(format="json"))


def _kill_postgres(folder: Path) -> None:
    main = psutil.Process(int((folder / "postgres/data/postmaster.pid").read_text().split()[0]))
    for process in (main, *main.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            process.kill()


def _kill_worker(server: Server) -> None:
    [worker] = server.crew.pids.values()
    os.kill(worker, signal.SIGKILL)


async def _call(
    port: int, call_id: UUID, recogniser: BuiltinRecogniser, steps: list[Step], ears: _Ears
) -> Leg:
    speech = {text: say(text) for text in (SAID, BLOCK)}
    person = Person(
        "visitor", steps, speech, clock=MediaClock(), recogniser=recogniser, watcher=ears
    )
    return await person.call("127.0.0.1", port, call_id)


async def test_a_call_goes_on_although_the_database_and_then_its_worker_are_killed(
    postgres: EmbeddedPostgres,
    pool: Pool,
    recogniser: BuiltinRecogniser,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    call_id, ears = uuid4(), _Ears()
    async with running_server(_settings(postgres.url())) as server:
        port = await _doorman(pool)
        await until_marked(pool, "1001", "listening")
        first_steps: list[Step] = [Listen(), Say(SAID), Listen(("bloco",)), StayOnLine()]
        calling = asyncio.create_task(_call(port, call_id, recogniser, first_steps, ears))
        await asyncio.wait_for(ears.asked.wait(), 30)
        _kill_postgres(tmp_path / "database")
        _kill_worker(server)
        first = await asyncio.wait_for(calling, 30)
        assert first.unmet is None
        then: list[Step] = [
            Listen(("falhou", "desculpe"), within_s=30),
            Listen(("bloco",)),
            Say(BLOCK),
            Listen(),
            HangUp(),
        ]
        second = await _call(port, call_id, recogniser, then, ears)
        assert second.unmet is None
        heard = " / ".join(turn.text for turn in second.turns).lower()
        assert not contains(heard, ("bom dia", "boa tarde", "boa noite"))
        assert not contains(heard, ("qual apartamento", "qual o apartamento", "posso ajudar"))
        await asyncio.to_thread(postgres.stop)
        await asyncio.to_thread(postgres.start)
        told = await eventually(lambda: _events(pool, call_id), _ended)
    kinds = [kind for _, kind, _ in told]
    assert kinds.count("call.started") == kinds.count("call.resumed") == kinds.count("visit") == 1
    assert kinds.index("call.started") < kinds.index("call.resumed") < kinds.index("visit")
    times = [at for at, _, _ in told]
    assert times == sorted(times)
    [visit] = [data for _, kind, data in told if kind == "visit"]
    assert visit["unit"] == "A/501", visit
    assert used_bytes(tmp_path / "var/spool") == 0


async def _events(pool: Pool, call_id: UUID) -> list[tuple[object, str, dict[str, object]]]:
    try:
        rows = await pool.fetch(
            "SELECT at, kind, data FROM events WHERE call_id = $1 ORDER BY sequence", call_id
        )
    except TROUBLE:
        return []
    return [(row["at"], row["kind"], row["data"]) for row in rows]


def _ended(told: list[tuple[object, str, dict[str, object]]]) -> bool:
    return any(kind == "call.ended" for _, kind, _ in told)
