"""What is remembered of a call, wherever it was kept."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from conversation.journal import Entry, MemoryLapseError
from supervisor.database.memory import GAP, CallMemory
from supervisor.database.pool import Pool, pooled
from supervisor.database.records import store_entries
from supervisor.database.spool import Spool
from supervisor.database.spool_search import find_in_spool
from supervisor.remembered import Remembered
from supervisor.workers import messages
from supervisor.workers.channel import Channel
from supervisor.workers.witness import CallsRemembered, NotedJournal, SupervisorsMemory
from tests.supervisor.serving import eventually

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NOWHERE = "postgresql://ramal@/ramal?host=/nonexistent"


def _entry(call_id: UUID, sequence: int, kind: str, **data: Any) -> Entry:
    return Entry(call_id, sequence, AT + timedelta(seconds=sequence), kind, data)


@pytest.fixture
async def nowhere() -> AsyncIterator[Pool]:
    async with pooled(NOWHERE, at_once=False) as pool:
        yield pool


def test_of_several_states_the_last_one_counts_and_each_entry_once() -> None:
    call_id, leg = uuid4(), uuid4()
    entries = [
        _entry(call_id, 1, "call.started"),
        _entry(call_id, 2, "state", stage="asking"),
        _entry(call_id, 3, "call_out.started", leg=str(leg)),
        _entry(call_id, 4, "state", stage="calling"),
        _entry(call_id, 5, "authorisation", decision="yes"),
        _entry(call_id, 6, "turn", text="oi"),
    ]
    known = Remembered.of([*entries[3:], *entries[:4]])
    recollection = known.recollection()
    assert recollection.snapshot == {"stage": "calling"}
    assert (recollection.last_sequence, recollection.legs) == (6, (leg,))
    assert [each.kind for each in recollection.doors] == ["authorisation"]
    assert known.together_with(Remembered.of(entries[:2])) == known


@pytest.mark.parametrize(("reason", "over"), [("completed", True), ("lost", False)])
def test_an_end_that_was_not_meant_is_none(reason: str, over: bool) -> None:
    known = Remembered.of([_entry(uuid4(), 1, "call.ended", reason=reason)])
    assert known.recollection().over is over


async def test_the_spool_of_a_dead_process_is_read_while_the_database_is_away(
    nowhere: Pool, tmp_path: Path
) -> None:
    call_id, other = uuid4(), uuid4()
    dead = Spool(tmp_path, segment_bytes=300)
    for n in range(2, 8):
        dead.append([_entry(call_id, n, "state", stage=n), _entry(other, n, "state", of=call_id)])
    dead.close()
    remembered = await CallMemory(nowhere, tmp_path).recall(call_id)
    assert remembered is not None
    assert remembered.snapshot == {"stage": 7}
    assert remembered.last_sequence == 7 + GAP


async def test_a_spool_that_another_process_has_locked_is_read_and_left_as_it_is(
    tmp_path: Path,
) -> None:
    call_id = uuid4()
    living = Spool(tmp_path)
    living.append([_entry(call_id, 3, "state", stage="asking")])
    found = await asyncio.to_thread(find_in_spool, tmp_path, call_id)
    assert found is not None and found.last_sequence == 3
    assert living.pending == 1
    assert [entry.sequence for entry in living.head(10).entries] == [3]
    living.close()


def test_a_damaged_line_and_stray_files_are_passed_over(tmp_path: Path) -> None:
    call_id = uuid4()
    spool = Spool(tmp_path)
    spool.append([_entry(call_id, 1, "state", stage="asking")])
    assert spool.folder is not None
    [segment] = spool.folder.iterdir()
    with segment.open("ab") as opened:
        opened.write(b'00000000 ["%s",2,"x"\n' % str(call_id).encode())
        opened.write(b'12345678 ["%s",3' % str(call_id).encode())
    (tmp_path / "stray.log").write_text(str(call_id))
    found = find_in_spool(tmp_path, call_id)
    assert found is not None and found.last_sequence == 1
    assert find_in_spool(tmp_path, uuid4()) is None
    assert find_in_spool(tmp_path / "none", call_id) is None
    spool.close()


async def test_what_the_database_and_the_spool_know_is_put_together(
    database: Pool, tmp_path: Path
) -> None:
    call_id = uuid4()
    async with database.acquire() as connection:
        await store_entries(
            connection,
            [
                _entry(call_id, 1, "call.started"),
                _entry(call_id, 2, "state", stage="asking"),
                _entry(call_id, 3, "authorisation", id="a", decision="no"),
            ],
        )
    spool = Spool(tmp_path)
    spool.append([_entry(call_id, 4, "state", stage="calling"), _entry(call_id, 5, "turn")])
    spool.close()
    remembered = await CallMemory(database, tmp_path).recall(call_id)
    assert remembered is not None
    assert (remembered.last_sequence, remembered.snapshot) == (5, {"stage": "calling"})
    assert [each.sequence for each in remembered.doors] == [3]


async def test_a_call_that_nobody_knows_is_a_lapse_while_the_database_is_away(
    nowhere: Pool, tmp_path: Path
) -> None:
    with pytest.raises(MemoryLapseError):
        await CallMemory(nowhere, tmp_path).recall(uuid4())


async def test_a_witness_that_does_not_answer_is_not_waited_for(
    database: Pool, tmp_path: Path
) -> None:
    class Silent:
        async def ask(self, call_id: UUID) -> Remembered | None:
            await asyncio.Event().wait()
            return None

    async with asyncio.timeout(5):
        assert await CallMemory(database, tmp_path, Silent()).recall(uuid4()) is None


class _Notes:
    def __init__(self) -> None:
        self.written: list[Entry] = []

    def write(self, entry: Entry) -> None:
        self.written.append(entry)


class _Line:
    """A worker's line whose other end is the supervisor's memory."""

    def __init__(self, calls: CallsRemembered) -> None:
        self.supervisor, theirs = Channel.pair()
        self._far = Channel(theirs)
        self.memory = SupervisorsMemory(self._far)
        self._calls = calls
        self.tasks = [
            asyncio.create_task(self.memory.run()),
            asyncio.create_task(self._supervise()),
            asyncio.create_task(self._listen()),
        ]

    async def _supervise(self) -> None:
        while True:
            message = await self.supervisor.receive()
            if message.kind == messages.REMEMBER:
                self._calls.take(message.fields)
            else:
                await self.supervisor.send(messages.RECALLED, self._calls.answer(message.fields))

    async def _listen(self) -> None:
        while True:
            self.memory.take((await self._far.receive()).fields)

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self.supervisor.close()
        self._far.close()


async def test_the_supervisor_tells_the_next_worker_what_the_dead_one_told(nowhere: Pool) -> None:
    calls, journal, call_id = CallsRemembered(), _Notes(), uuid4()
    dead, heir = _Line(calls), _Line(calls)
    noted = NotedJournal(journal, dead.memory)
    noted.write(_entry(call_id, 1, "call.started"))
    noted.write(_entry(call_id, 2, "state", stage="asking", said="ç" * 500))
    noted.write(_entry(call_id, 3, "turn", text="oi"))
    noted.write(_entry(call_id, 4, "state", stage="calling"))
    noted.write(_entry(call_id, 5, "state", stage="too long", said="x" * 20_000))
    noted.write(_entry(call_id, 6, "state", stage=float("nan")))
    assert len(journal.written) == 6
    memory = CallMemory(nowhere, None, heir.memory)

    async def known() -> Any:
        try:
            return await memory.recall(call_id)
        except MemoryLapseError:
            return None

    found = await eventually(
        known, lambda found: found is not None and found.snapshot == {"stage": "calling"}
    )
    assert found.last_sequence == 4 + GAP
    noted.write(_entry(call_id, 7, "call.ended", reason="completed"))
    await eventually(known, lambda found: found.over)
    await dead.close()
    await heir.close()
    assert await heir.memory.ask(call_id) is None  # nobody is there any more


def test_an_answer_that_would_be_too_long_holds_what_is_youngest() -> None:
    calls, call_id = CallsRemembered(), uuid4()
    journal = _Notes()
    ours, theirs = Channel.pair()
    memory = SupervisorsMemory(ours)
    for n in range(1, 60):
        NotedJournal(journal, memory).write(_entry(call_id, n, "door.failed", reason="x" * 1000))
        calls.take({"line": memory._waiting.get_nowait()})
    answer = calls.answer({"number": 1, "call_id": str(call_id)})
    assert answer["last_sequence"] == 59
    assert 10 < len(answer["lines"]) < 30
    ours.close()
    theirs.close()
    known = Remembered.of(journal.written)
    assert dataclasses.replace(known, entries=known.entries[-1:]).last_sequence == 59
