import json
import logging
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import structlog
from pydantic import SecretStr

from supervisor.logs import call_context, configure_logs
from supervisor.settings import LogSettings


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_is_json_with_what_belongs_to_it(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(LogSettings(format="json"), process="worker-1")
    structlog.get_logger("here").info("call.began", peer="1.2.3.4:5")
    [line] = _lines(capsys)
    assert line["event"] == "call.began"
    assert (line["level"], line["process"], line["peer"]) == ("info", "worker-1", "1.2.3.4:5")


def test_lines_of_a_call_carry_its_id_also_those_of_other_libraries(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logs(LogSettings(format="json"))
    call_id = uuid4()
    with call_context(call_id):
        structlog.get_logger("here").info("ours")
        logging.getLogger("audiosocket").warning("theirs", extra={"reason": "lost"})
    structlog.get_logger("here").info("after")
    ours, theirs, after = _lines(capsys)
    assert ours["call_id"] == theirs["call_id"] == str(call_id)
    assert theirs["reason"] == "lost"
    assert "call_id" not in after


def test_lines_below_the_level_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(LogSettings(format="json", level="warning"))
    structlog.get_logger("here").info("too little")
    logging.getLogger("there").info("too little")
    structlog.get_logger("here").warning("enough")
    assert [line["event"] for line in _lines(capsys)] == ["enough"]


def test_an_exception_stays_on_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(LogSettings(format="json"))
    try:
        raise ValueError("no")
    except ValueError:
        structlog.get_logger("here").exception("call.failed")
    [line] = _lines(capsys)
    assert "ValueError: no" in line["exception"]


def test_a_secret_prints_as_stars(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(LogSettings(format="json"))
    structlog.get_logger("here").info("settings", secret=SecretStr("hush"))
    assert "hush" not in json.dumps(_lines(capsys))


def test_people_get_lines_that_are_no_json(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(LogSettings(format="console"))
    structlog.get_logger("here").info("call.began")
    assert not capsys.readouterr().err.startswith("{")
