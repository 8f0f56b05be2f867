"""A call outlives its worker: what the caller said before the crash need not be said again."""

import asyncio
import os
import signal
import uuid
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
from pydantic import SecretStr

from audiosocket.caller import Caller
from audiosocket.clock import MediaClock
from conversation.journal import Entry, MemoryLapseError
from supervisor.database.directory import ResidentRow, UnitRow, store_units
from supervisor.database.extensions import NewExtension, add_extension
from supervisor.database.memory import CallMemory
from supervisor.database.pool import Pool
from supervisor.database.records import store_entries
from supervisor.server import running_server
from supervisor.settings import LogSettings, load_settings
from tests.ports import free_ports
from tests.speech import say
from tests.supervisor.serving import eventually, until_marked


async def _doorman(database: Pool) -> int:
    port, return_port = free_ports(2)
    async with database.acquire() as connection:
        row = await add_extension(
            connection, "Residencial Ipê", NewExtension("1001", port, return_port)
        )
        units = [
            UnitRow(block, "501", (ResidentRow("Rita Prado", ("201",)),)) for block in ("A", "B")
        ]
        await store_units(connection, row.condominium_id, units)
    return port


async def _said(database: Pool, call_id: uuid.UUID) -> list[str]:
    rows = await database.fetch(
        "SELECT data->>'text' AS text FROM events WHERE call_id = $1 AND kind = 'speaking'"
        " ORDER BY sequence",
        call_id,
    )
    return [row["text"] for row in rows]


async def test_a_call_goes_on_in_another_worker_after_a_crash(
    database: Pool, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    settings = load_settings(
        database_url=SecretStr(database_url), workers=1, log=LogSettings(format="json")
    )
    call_id, clock = uuid.uuid4(), MediaClock()
    async with running_server(settings):
        port = await _doorman(database)
        await until_marked(database, "1001", "listening")
        caller = await Caller.connect("127.0.0.1", port, call_id, clock=clock)
        await eventually(lambda: _said(database, call_id), lambda said: len(said) == 1)
        await caller.playback.enqueue(
            say("entrega da amazon para o apartamento quinhentos e um").tobytes()
        ).done
        # two blocks have a 501: the doorman asks which, and knows the rest
        await eventually(lambda: _said(database, call_id), lambda said: len(said) >= 2)
        _kill_worker_of(caller)
        await asyncio.wait_for(caller.ended, 5)
        again = await Caller.connect("127.0.0.1", port, call_id, clock=clock)
        said = await eventually(lambda: _said(database, call_id), lambda said: len(said) >= 3)
        assert not any("bom dia" in text.lower() for text in said[2:])
        assert "bloco" in " ".join(said[2:]).lower() or "desculp" in said[2].lower()
        kinds = await database.fetch(
            "SELECT kind, sequence FROM events WHERE call_id = $1 ORDER BY sequence", call_id
        )
        assert [row["kind"] for row in kinds].count("call.started") == 1
        assert "call.resumed" in [row["kind"] for row in kinds]
        await again.hang_up()


def _entry(call_id: uuid.UUID, sequence: int, kind: str, **data: str) -> Entry:
    return Entry(call_id, sequence, datetime.now(UTC), kind, data)


def _kill_worker_of(caller: Caller) -> None:
    """SIGKILL the process at the other end of the caller's socket."""
    port = int(caller.peer.rsplit(":", 1)[1])
    for child in psutil.Process().children(recursive=True):
        for connection in child.net_connections(kind="tcp"):
            if connection.status == "ESTABLISHED" and connection.laddr.port == port:
                os.kill(child.pid, signal.SIGKILL)
                return
    raise AssertionError("no child process has the call")


async def test_a_new_call_is_not_remembered(database: Pool) -> None:
    assert await CallMemory(database).recall(uuid.uuid4()) is None


async def test_the_last_state_and_number_of_a_call_are_remembered(database: Pool) -> None:
    call_id = uuid.uuid4()
    entries = [
        _entry(call_id, 1, "call.started"),
        _entry(call_id, 2, "state", stage="asking"),
        _entry(call_id, 3, "state", stage="calling"),
        _entry(call_id, 4, "turn", party="visitor", speaker="visitor", text="oi"),
    ]
    async with database.acquire() as connection:
        await store_entries(connection, entries)
    remembered = await CallMemory(database).recall(call_id)
    assert remembered is not None
    assert (remembered.last_sequence, remembered.snapshot) == (4, {"stage": "calling"})
    assert not remembered.over


@pytest.mark.parametrize(
    ("reason", "over"),
    [("completed", True), ("peer_closed", True), ("error", False), ("transferred", False)],
)
async def test_a_call_that_ended_as_it_was_meant_to_is_over(
    database: Pool, reason: str, over: bool
) -> None:
    call_id = uuid.uuid4()
    async with database.acquire() as connection:
        await store_entries(connection, [_entry(call_id, 1, "call.ended", reason=reason)])
    remembered = await CallMemory(database).recall(call_id)
    assert remembered is not None and remembered.over is over


async def test_a_database_that_is_away_is_a_lapse_not_a_new_call(database: Pool) -> None:
    await database.close()
    with pytest.raises(MemoryLapseError):
        await CallMemory(database).recall(uuid.uuid4())
