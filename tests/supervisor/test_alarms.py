"""Alarms: counted each time, told once in a while, and heard across processes."""

import asyncio

import pytest

from supervisor.alarms import Alarm, Alarms
from supervisor.metrics import Metrics
from supervisor.workers import alarm_line
from supervisor.workers.alarm_line import AlarmLine
from supervisor.workers.channel import Channel


def _count(metrics: Metrics, kind: str) -> float | None:
    return metrics.registry.get_sample_value("ramal_alarms_total", {"kind": kind})


def test_what_goes_on_being_wrong_is_counted_each_time_and_told_once() -> None:
    metrics, heard = Metrics(), list[Alarm]()
    alarms = Alarms(metrics)
    with alarms.heard_by(heard.append):
        for _ in range(5):
            alarms.raise_alarm("disk.full", "The disk is full.", free_bytes=0)
    alarms.raise_alarm("disk.full", "Nobody listens any more.")
    assert _count(metrics, "disk.full") == 6
    assert [(each.text, each.facts) for each in heard] == [("The disk is full.", {"free_bytes": 0})]


def test_it_is_told_again_after_a_while_with_the_number_of_times() -> None:
    heard = list[Alarm]()
    alarms = Alarms(Metrics(), repeat_after_s=0.0)
    with alarms.heard_by(heard.append):
        alarms.raise_alarm("disk.full", "The disk is full.")
        alarms._repeat_after_s = 60.0
        for _ in range(3):
            alarms.raise_alarm("disk.full", "The disk is full.")
        alarms._repeat_after_s = 0.0
        alarms.raise_alarm("disk.full", "The disk is full.")
    assert [each.times for each in heard] == [1, 4]


def test_two_subjects_are_two_alarms() -> None:
    heard = list[Alarm]()
    alarms = Alarms(Metrics())
    with alarms.heard_by(heard.append):
        for number in ("1001", "1002", "1001"):
            alarms.raise_alarm("extension.parked", "It crashes.", subject=number)
    assert [each.subject for each in heard] == ["1001", "1002"]


def test_the_end_of_an_alarm_is_told_once_and_only_if_it_was_raised() -> None:
    heard = list[Alarm]()
    alarms = Alarms(Metrics())
    with alarms.heard_by(heard.append):
        alarms.end_alarm("database.away", "It is back.")
        alarms.raise_alarm("database.away", "It is away.")
        alarms.end_alarm("database.away", "It is back.")
        alarms.end_alarm("database.away", "It is back.")
        alarms.raise_alarm("database.away", "It is away again.")
    assert [(each.text, each.over) for each in heard] == [
        ("It is away.", False),
        ("It is back.", True),
        ("It is away again.", False),
    ]


def test_an_alarm_is_in_the_log_with_its_facts(capsys: pytest.CaptureFixture[str]) -> None:
    Alarms(Metrics()).raise_alarm("worker.hung", "It hangs.", subject="worker-1", calls=3)
    said = capsys.readouterr().out
    for part in ("worker.hung", "alarm=True", "calls=3", "subject=worker-1", "It hangs."):
        assert part in said


async def test_a_workers_alarms_reach_the_supervisor_also_its_last_ones() -> None:
    ours, theirs = Channel.pair()
    far = Channel(theirs)
    alarms, line = Alarms(Metrics()), AlarmLine(far)
    with alarms.heard_by(line.take):
        alarms.raise_alarm("journal.lost", "Before the line is open.", subject="queue_full", n=1)
        running = asyncio.create_task(line.run())
        first = Alarm.from_json((await ours.receive()).fields["alarm"])
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        alarms.raise_alarm("spool.damaged", "The last word.")
        await line.flush()
    last = Alarm.from_json((await ours.receive()).fields["alarm"])
    assert (first.kind, first.subject, first.facts) == ("journal.lost", "queue_full", {"n": 1})
    assert last.text == "The last word."
    ours.close()
    alarms.pass_on(last)
    line.take(last)
    await asyncio.wait_for(line.run(), 5)  # nobody is there any more
    far.close()


async def test_more_alarms_than_the_line_holds_do_no_harm() -> None:
    ours, theirs = Channel.pair()
    far = Channel(theirs)
    line = AlarmLine(far)
    alarms = Alarms(Metrics())
    with alarms.heard_by(line.take):
        for number in range(alarm_line.MOST_WAITING + 10):
            alarms.raise_alarm("extension.parked", "It crashes.", subject=str(number))
    await line.flush()
    told = [(await ours.receive()).fields["alarm"]["subject"] for _ in range(64)]
    assert told == [str(number) for number in range(64)]
    ours.close()
    far.close()
