"""The spool on a real disk: order, bounds, crashes, and what a disk does when it is full."""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.journal import Entry
from supervisor.database.spool import Spool, SpoolFullError, adopt, used_bytes
from supervisor.database.spool_record import DamagedLineError, decode_line, encode_line

CALL = UUID(int=7)
AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def _entries(count: int, start: int = 1) -> list[Entry]:
    return [
        Entry(CALL, n, AT + timedelta(seconds=n), "note", {"n": n, "text": "ção" * 20})
        for n in range(start, start + count)
    ]


def _read_all(spool: Spool, count: int = 3) -> tuple[list[int], int]:
    """The sequences in order, a few at a time, and how many lines were damaged."""
    found: list[int] = []
    damaged = 0
    while (head := spool.head(count)).entries or not found:
        found += [entry.sequence for entry in head.entries]
        damaged += spool.advance(head, len(head.entries))
        if not head.entries:
            break
    return found, damaged + spool.advance(head, 0)


@contextmanager
def _largest_file(size_bytes: int) -> Iterator[None]:
    """The system refuses to let files grow beyond that, in the middle of a write."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


json_data = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
some_entries = st.builds(
    Entry,
    call_id=st.uuids(),
    sequence=st.integers(min_value=1, max_value=2**62),
    at=st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-3))])),
    kind=st.text(max_size=20),
    data=st.dictionaries(st.text(), json_data, max_size=5),
)


@given(some_entries)
def test_an_entry_comes_back_from_its_line_as_it_was(entry: Entry) -> None:
    line = encode_line(entry)
    assert line.count(b"\n") == 1
    assert decode_line(line) == entry


@given(some_entries, st.data())
def test_a_line_that_was_cut_or_changed_is_never_taken_for_an_entry(
    entry: Entry, data: st.DataObject
) -> None:
    line = encode_line(entry)
    cut = data.draw(st.integers(min_value=0, max_value=len(line) - 1))
    with pytest.raises(DamagedLineError):
        decode_line(line[:cut])
    place = data.draw(st.integers(min_value=0, max_value=len(line) - 1))
    change = data.draw(st.integers(min_value=1, max_value=255))
    with pytest.raises(DamagedLineError):
        decode_line(line[:place] + bytes([line[place] ^ change]) + line[place + 1 :])


def test_entries_come_back_in_order_over_many_segments(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", segment_bytes=500)
    for start in range(1, 31, 5):
        spool.append(_entries(5, start))
    assert spool.folder is not None
    assert len(list(spool.folder.iterdir())) > 3
    assert spool.pending == 30
    assert _read_all(spool) == (list(range(1, 31)), 0)
    assert (spool.pending, used_bytes(spool.root)) == (0, 0)


def test_reading_and_writing_take_turns(tmp_path: Path) -> None:
    spool = Spool(tmp_path, segment_bytes=400)
    found: list[int] = []
    for start in range(1, 41, 4):
        spool.append(_entries(4, start))
        head = spool.head(3)
        found += [entry.sequence for entry in head.entries]
        spool.advance(head, 3)
    found += _read_all(spool)[0]
    assert found == list(range(1, 41))


def test_what_was_not_advanced_is_offered_again(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append(_entries(5))
    head = spool.head(5)
    spool.advance(head, 2)
    assert [entry.sequence for entry in spool.head(9).entries] == [3, 4, 5]
    assert spool.pending == 3


def test_nothing_is_on_the_disk_before_something_must_be(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    spool.close()
    assert list(tmp_path.iterdir()) == []


def test_a_spool_that_was_emptied_leaves_no_folder(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append(_entries(2))
    _read_all(spool)
    spool.close()
    assert list(tmp_path.iterdir()) == []


def test_the_limit_holds_for_all_processes_together(tmp_path: Path) -> None:
    first, second = Spool(tmp_path), Spool(tmp_path, limit_bytes=4000)
    first.append(_entries(8))
    kept = second.append(_entries(8))
    assert 0 < kept.count < 8
    with pytest.raises(SpoolFullError):
        second.append(_entries(1, 9))
    assert used_bytes(tmp_path) <= 4000
    _read_all(first)
    assert second.append(_entries(1, 9)).count == 1


def test_a_full_disk_keeps_nothing_of_a_batch_and_everything_before(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append(_entries(3))
    with _largest_file(used_bytes(tmp_path) + 100), pytest.raises(OSError, match="too large"):
        spool.append(_entries(9, 4))
    spool.append(_entries(9, 4))
    assert _read_all(spool) == (list(range(1, 13)), 0)


def test_a_disk_that_is_full_from_the_start_leaves_no_files(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for _ in range(3):
        with _largest_file(10), pytest.raises(OSError, match="too large"):
            spool.append(_entries(1))
    assert spool.folder is not None
    assert list(spool.folder.iterdir()) == []
    assert spool.pending == 0


def test_a_folder_that_may_not_be_written_to_is_an_error_and_no_crash(tmp_path: Path) -> None:
    root = tmp_path / "spool"
    root.mkdir(mode=0o555)
    was = os.geteuid()
    spool = Spool(root)
    try:
        if was == 0:  # root may write anywhere
            os.seteuid(65534)
        with pytest.raises(PermissionError):
            spool.append(_entries(1))
    finally:
        os.seteuid(was)
    root.chmod(0o755)
    assert spool.append(_entries(1)).count == 1


def test_a_folder_that_somebody_removed_is_made_again(tmp_path: Path) -> None:
    spool = Spool(tmp_path, segment_bytes=10)
    spool.append(_entries(1))
    assert spool.folder is not None
    for path in spool.folder.iterdir():
        path.unlink()
    spool.folder.rmdir()
    assert spool.head(9).entries == ()
    with pytest.raises(FileNotFoundError):
        spool.append(_entries(1))
    assert spool.append(_entries(1)).count == 1


def test_what_is_no_json_is_refused_alone(tmp_path: Path) -> None:
    first, bad, last = _entries(3)
    kept = Spool(tmp_path).append([first, Entry(CALL, 2, AT, "x", {"a": float("nan")}), last])
    assert kept.count == 3
    assert [entry.sequence for entry, _ in kept.refused] == [bad.sequence]


@pytest.mark.parametrize("torn", [b"0", b"12345678 [", b"\n", b"\xff\x00 garbage\n"])
def test_a_torn_last_record_is_left_out_and_counted(tmp_path: Path, torn: bytes) -> None:
    left = Spool(tmp_path)
    left.append(_entries(4))
    assert left.folder is not None
    [segment] = left.folder.iterdir()
    left.close()
    with segment.open("ab") as opened:
        opened.write(torn)
    [spool] = adopt(tmp_path)
    assert _read_all(spool, count=9) == ([1, 2, 3, 4], 1)
    spool.close()
    assert list(tmp_path.iterdir()) == []


def test_damage_in_the_middle_costs_that_record_only(tmp_path: Path) -> None:
    left = Spool(tmp_path)
    left.append(_entries(4))
    assert left.folder is not None
    [segment] = left.folder.iterdir()
    left.close()
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 1
    segment.write_bytes(data)
    [spool] = adopt(tmp_path)
    found, damaged = _read_all(spool, count=1)
    assert (len(found), damaged) == (3, 1)


def test_a_spool_belongs_to_one_process_at_a_time(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append(_entries(1))
    assert adopt(tmp_path) == []
    spool.close()
    [adopted] = adopt(tmp_path)
    assert adopt(tmp_path) == []
    adopted.close()


def test_a_process_that_is_killed_while_it_spools_leaves_all_that_it_reported(
    tmp_path: Path,
) -> None:
    """Prints a number once the spool has that entry; is killed somewhere in the middle."""
    program = f"""
import sys
from pathlib import Path
from tests.supervisor.test_spool import _entries
from supervisor.database.spool import Spool
spool = Spool(Path({str(tmp_path)!r}), segment_bytes=2000)
for n in range(1, 100000, 3):
    spool.append(_entries(3, n))
    print(n + 2, flush=True)
"""
    child = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert child.stdout is not None
    reported = 0
    for line in child.stdout:
        reported = int(line)
        if reported >= 60:
            child.send_signal(signal.SIGKILL)
            break
    reported = max([reported, *(int(line) for line in child.stdout.read().split())])
    child.wait()
    [spool] = adopt(tmp_path)
    found, damaged = _read_all(spool, count=7)
    assert found == list(range(1, len(found) + 1))
    assert len(found) >= reported
    assert damaged <= 1


def test_a_segment_that_cannot_be_read_does_not_hold_up_the_others(tmp_path: Path) -> None:
    left = Spool(tmp_path, segment_bytes=10)
    for n in (1, 2, 3):
        left.append(_entries(1, n))
    assert left.folder is not None
    first = left.folder / "00000001.log"
    left.close()
    first.unlink()
    first.mkdir()  # opening it is an error for every user
    [spool] = adopt(tmp_path)
    with pytest.raises(IsADirectoryError):
        spool.head(9)
    aside: Any = spool.set_aside()
    assert aside.name == "00000001.unreadable"
    assert _read_all(spool)[0] == [2, 3]
