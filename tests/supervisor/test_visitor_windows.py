"""When a visitor is expected, by the place's clock; and the key and the digits of codes."""

import threading
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr

from supervisor.admission.secrets import FILE, SecretHash, VisitorKeyError, new_code, secret_hash
from supervisor.admission.windows import Window
from supervisor.settings import Settings, VisitorSettings, load_settings

SAO_PAULO, LISBON = ZoneInfo("America/Sao_Paulo"), ZoneInfo("Europe/Lisbon")
ALWAYS = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC))
PLACE = UUID(int=5)


def moment(zone: ZoneInfo, day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=zone)


@pytest.mark.parametrize(
    ("day", "hour", "is_open"),
    [
        (20, 22, True),
        (21, 2, True),
        (21, 5, False),
        (20, 5, False),
        (21, 22, False),
        (20, 21, False),
    ],
)
def test_hours_past_midnight_belong_to_the_day_on_which_they_begin(
    day: int, hour: int, is_open: bool
) -> None:
    """Friday the 20th, from 22:00 to 05:00."""
    window = Window(*ALWAYS, weekdays=(5,), from_time=time(22), until_time=time(5))
    assert window.is_open(moment(SAO_PAULO, day, hour), SAO_PAULO) is is_open


@pytest.mark.parametrize("month", [1, 7])
def test_hours_are_those_of_the_clock_in_summer_and_in_winter(month: int) -> None:
    window = Window(*ALWAYS, from_time=time(8), until_time=time(17))
    assert window.is_open(moment(LISBON, 5, 8, month=month), LISBON)
    assert not window.is_open(moment(LISBON, 5, 7, 59, month=month), LISBON)
    assert not window.is_open(moment(LISBON, 5, 17, month=month), LISBON)


def test_a_window_ends_at_its_end() -> None:
    window = Window(*ALWAYS)
    assert window.is_open(ALWAYS[0], SAO_PAULO)
    assert not window.is_open(ALWAYS[1], SAO_PAULO)
    assert not window.is_open(ALWAYS[0] - timedelta(microseconds=1), SAO_PAULO)


def test_the_key_is_made_once_by_whoever_comes_first_and_is_for_this_user_alone(
    tmp_path: Path,
) -> None:
    made: list[bytes] = []

    def use() -> None:
        made.append(secret_hash(tmp_path, None).code(PLACE, "479213"))

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8
    assert len(set(made)) == 1
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    assert [file.name for file in (tmp_path / FILE).parent.iterdir()] == [FILE.name]


def test_a_key_that_cannot_be_used_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_bytes(b"short")
    with pytest.raises(VisitorKeyError, match="damaged: put its copy back"):
        secret_hash(tmp_path, None)
    (tmp_path / "file").touch()
    with pytest.raises(VisitorKeyError, match="RAMAL_VISITORS__KEY"):
        secret_hash(tmp_path / "file", None)


def test_a_given_key_reaches_the_workers_and_needs_no_file(tmp_path: Path) -> None:
    settings = load_settings(visitors=VisitorSettings(key=SecretStr("s" * 32)), data_dir=tmp_path)
    given = Settings.from_supervisor(settings.for_worker()).visitors.key
    assert given is not None
    assert given.get_secret_value() == "s" * 32
    assert "sss" not in repr(settings)
    assert secret_hash(tmp_path, "s" * 32).code(PLACE, "1") == SecretHash(b"s" * 32).code(
        PLACE, "1"
    )
    assert list(tmp_path.iterdir()) == []


def test_the_same_digits_are_others_elsewhere_and_as_a_pin() -> None:
    hashes = SecretHash(b"k" * 32)
    all_of_them = {
        hashes.code(PLACE, "479213"),
        hashes.code(UUID(int=6), "479213"),
        hashes.pin(PLACE, "479213"),
        SecretHash(b"l" * 32).code(PLACE, "479213"),
    }
    assert len(all_of_them) == 4


def test_codes_begin_with_no_apartment_and_no_zero() -> None:
    units = [str(number) for number in range(10, 100) if number % 10 != 7]
    codes = [new_code(units) for _ in range(200)]
    assert all(len(code) == 6 and code.isdigit() and code[1] == "7" for code in codes)
    assert not any(code.startswith("0") for code in codes)
    assert len(set(codes)) > 150
    assert len(new_code([str(digit) for digit in range(10)])) == 6, "where there is none without"
