"""What is told of a run: the terminal, the JSON document, the file for a browser."""

import base64
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import soundfile
from rich.console import Console

from supervisor.demo.choosing import load_scenario
from supervisor.errors import OperatorError
from supervisor.simulation.drawing import svg_of
from supervisor.simulation.portrait import picture_of
from supervisor.simulation.report import write_report
from supervisor.simulation.result import Played, run_document, success_percent
from supervisor.simulation.show import Show
from supervisor.simulation.verdict import Check
from tests.simulation.made_up import told

GOOD = Check("the door was opened", met=True)
BAD = Check("the visit log says <authorised>", met=False, found="denied")


def played(*checks: Check, called: bool = True) -> Played:
    scenario = load_scenario("authorised-delivery")
    return Played(scenario, 0, 7, checks, told() if called else None, 12.5)


def printed(*run: Played) -> str:
    file = io.StringIO()
    show = Show(Console(file=file, width=80), len(run))
    show.begins(2)
    for one in run:
        show.played(one)
    show.summary(run, 30, 100)
    return file.getvalue()


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def test_each_call_is_a_line_of_eighty_columns_at_most() -> None:
    text = printed(played(GOOD))
    assert "ok      1/1  authorised-delivery" in text
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "1 of 1 calls passed (100.0 %" in text


def test_a_failure_is_explained_by_what_was_expected_said_and_understood() -> None:
    text = printed(played(GOOD, BAD))
    assert "FAIL" in text
    assert "✗ expected: the visit log says <authorised>; there was: denied" in text
    assert "visitor: Boa tarde, entrega." in text
    assert "agent to resident: Chegou uma entrega." in text
    assert "we understood the visitor: “boa tarde entrega”" in text


def test_a_call_that_did_not_come_about_is_a_failure() -> None:
    run = [played(BAD, called=False), played(GOOD)]
    assert success_percent(run) == 50
    assert "1 of 2 calls passed" in printed(*run)


def test_the_document_is_json_with_every_check_and_line() -> None:
    document = json.loads(json.dumps(run_document([played(GOOD, BAD)], 12.34)))
    assert (document["passed"], document["calls"], document["success_percent"]) == (0, 1, 0)
    [one] = document["results"]
    assert [check["met"] for check in one["checks"]] == [True, False]
    assert one["conversation"][0] == {
        "at_s": 0.1,
        "leg": "visitor",
        "speaker": "agent",
        "text": "Boa tarde, portaria.",
    }
    assert "door.opened" in one["events"]


def test_the_file_needs_nothing_else_and_plays_what_was_said(tmp_path: Path) -> None:
    file = tmp_path / "report" / "run.html"
    write_report(file, [played(GOOD), played(GOOD, BAD)], 30)
    text = file.read_text(encoding="utf-8")
    tags = Tags()
    tags.feed(text)
    links = [value for _, attributes in tags.seen for value in (attributes.get("src"),) if value]
    assert len(links) == 4
    assert not re.search(r"(href|src)=.(http|/)", text)
    assert "&lt;authorised&gt;" in text
    assert text.index("class='failed' open") < text.index("class='passed'")
    sound, rate_hz = soundfile.read(
        io.BytesIO(base64.b64decode(links[0].partition("base64,")[2])), dtype="int16"
    )
    assert rate_hz == 8000
    assert sound.shape[1] == 2
    loud_s = np.flatnonzero(np.abs(sound[:, 0]) > 1000) / rate_hz
    assert loud_s.min() == pytest.approx(2.0, abs=0.2)
    assert len(links[0]) < 80_000


def test_the_timeline_has_every_lane_turn_and_moment() -> None:
    root = ElementTree.fromstring(svg_of(picture_of(told())))
    texts = [element.text for element in root.iter() if element.text]
    for words in ("Visitor", "Doorman", "Resident", "Boa tarde, entrega.", "Pode subir."):
        assert words in texts
    assert "decision, door opens" in texts
    assert "4500 ms" in texts


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OperatorError, match="cannot be written"):
        write_report(tmp_path / "file" / "run.html", [played(GOOD)], 1)
