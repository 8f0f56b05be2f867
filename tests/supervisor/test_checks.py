"""What ``ramal doctor`` says short of a real Asterisk, and how it is shown."""

from pathlib import Path

import pytest

from supervisor.checks.asterisk import examine_asterisk
from supervisor.checks.finding import Finding, Status
from supervisor.checks.machine import examine_machine
from supervisor.checks.rights import judge_actions, judge_events
from supervisor.checks.versions import judge, parse
from supervisor.cli.doctor import WIDTH, lines
from supervisor.settings import Settings, SpoolSettings

ALLOWED = {"Originate", "Hangup", "Setvar", "Getvar", "PlayDTMF", "Ping"}


async def test_no_asterisk_at_all_is_no_fault() -> None:
    [finding] = [each async for each in examine_asterisk(Settings(), [])]
    assert finding.status is Status.OK
    assert "nobody can be called" in finding.text


@pytest.mark.parametrize(
    ("version", "wideband", "status"),
    [
        ("22.10.1+dfsg+~cs6.17", False, Status.OK),
        ("22.10.1", True, Status.OK),
        ("23.3.0", True, Status.OK),
        ("22.6.0", True, Status.FAIL),
        ("22.6.0", False, Status.OK),
        ("20.17.0", True, Status.OK),
        ("22.3.0", False, Status.WARN),
        ("20.13.0", False, Status.WARN),
        ("18.26.4", False, Status.WARN),
        ("18.26.4", True, Status.FAIL),
        ("21.12.0", False, Status.WARN),
        ("16.30.1", False, Status.FAIL),
        ("GIT-master-1a2b3c", False, Status.WARN),
    ],
)
def test_a_version_is_judged_by_what_it_can_do(
    version: str, wideband: bool, status: Status
) -> None:
    finding = judge(version, wideband=wideband)
    assert finding.status is status
    assert bool(finding.next_step) is (status is not Status.OK)


def test_a_version_without_its_last_number_is_one_all_the_same() -> None:
    assert parse("Asterisk 22.4~rc1") == (22, 4, 0)


@pytest.mark.parametrize(
    ("allowed", "status", "named"),
    [
        (ALLOWED, Status.OK, "no more"),
        (ALLOWED - {"Hangup"}, Status.FAIL, "Hangup (write = call)"),
        (ALLOWED - {"Originate"}, Status.FAIL, "Originate (write = originate)"),
        (ALLOWED | {"Command", "ModuleLoad"}, Status.WARN, "write = command,system"),
    ],
)
def test_rights_are_neither_too_few_nor_too_many(
    allowed: set[str], status: Status, named: str
) -> None:
    finding = judge_actions(allowed)
    assert finding.status is status
    assert named in finding.text


def test_events_that_do_not_come_and_events_that_should_not() -> None:
    deaf = judge_events({"call"}, told_of_call=True, told_of_user=False)
    nosy = judge_events({"call", "dialplan"}, told_of_call=True, told_of_user=True)
    assert (deaf.status, nosy.status) == (Status.FAIL, Status.WARN)
    assert "read = user" in deaf.text
    assert "read = dialplan" in nosy.text


def test_a_disk_with_too_little_room_for_the_spool_is_a_warning(tmp_path: Path) -> None:
    roomy = Settings(data_dir=tmp_path / "var" / "ramal", spool=SpoolSettings(limit_mb=1))
    greedy = Settings(data_dir=tmp_path, spool=SpoolSettings(limit_mb=10**9))
    assert _of("disk", roomy).status is Status.OK
    assert _of("disk", greedy).status is Status.WARN


def test_open_files_are_counted_against_the_calls(tmp_path: Path) -> None:
    few = _of("open files", Settings(data_dir=tmp_path, max_calls=1))
    many = _of("open files", Settings(data_dir=tmp_path, max_calls=10**9))
    assert few.status is Status.OK
    assert many.status is Status.WARN
    assert f"LimitNOFILE={4 * 10**9 + 256}" in many.next_step


def test_a_finding_fits_a_terminal_of_80_columns() -> None:
    text = "Not loaded: " + ", ".join(f"module_{n}.so (something)" for n in range(12)) + "."
    shown = [line.plain for line in lines(Finding("modules", Status.FAIL, text, text))]
    assert max(map(len, shown)) <= WIDTH
    assert shown[0].startswith("fail  modules: Not loaded: module_0.so")
    assert sum(line.startswith("      -> ") for line in shown) == 1
    [only] = lines(Finding("schema", Status.OK, "The schema is up to date."))
    assert only.plain == "ok    schema: The schema is up to date."


def _of(part: str, settings: Settings) -> Finding:
    [finding] = [each for each in examine_machine(settings) if each.part == part]
    return finding
