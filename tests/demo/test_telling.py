"""What is told of a finished call: the picture's contents, the document, the 80 columns."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from supervisor.callers.ears import Sound
from supervisor.callers.transcribing import Turn
from supervisor.demo.choosing import load_scenario
from supervisor.demo.document import Result
from supervisor.demo.show import Show
from supervisor.simulation.portrait import picture_of, spoken, voiced
from supervisor.simulation.verdict import Check
from tests.simulation.made_up import BEGAN, event, events, told, visit


def result(*checks: Check) -> Result:
    entry = visit(
        intent="delivery",
        company="Loggi",
        visitor=None,
        calls=[{"phone": "2501", "outcome": "answered"}],
    )
    files = {"wav": Path("var/demo/call.wav")}
    return Result(load_scenario("authorised-delivery"), told(), entry, checks, files, 1.5)


def test_the_picture_has_a_lane_for_each_direction_of_each_leg() -> None:
    picture = picture_of(told())
    lanes = {(lane.name, lane.detail): lane for lane in picture.lanes}
    assert list(lanes) == [
        ("Visitor", "at the gate"),
        ("Doorman", "to the visitor"),
        ("Doorman", "to the resident"),
        ("Resident", "phone 2501"),
    ]
    assert picture.duration_s == pytest.approx(10)
    resident = lanes["Resident", "phone 2501"]
    loud = np.flatnonzero(np.abs(resident.samples) > 1000) / 8000
    assert (loud.min(), loud.max()) == (pytest.approx(7.5, abs=0.1), pytest.approx(8, abs=0.1))
    [ringing] = lanes["Doorman", "to the resident"].shaded
    assert (ringing.start_s, ringing.end_s, ringing.text) == (4.3, 5.0, "ringing")


def test_latencies_join_the_lane_of_the_speaker_with_that_of_the_answer() -> None:
    latencies = picture_of(told()).latencies
    assert [(one.from_lane, one.to_lane, one.label) for one in latencies] == [(0, 1, "4500 ms")]


def test_moments_next_to_each_other_share_a_label() -> None:
    assert [mark.label for mark in picture_of(told()).marks] == ["decision, door opens"]


def test_what_was_cut_off_ends_where_it_was_heard_to() -> None:
    cut = event(
        3,
        4.0,
        "turn",
        party="visitor",
        text="Boa tarde",
        speaker="agent",
        heard_ms=700,
        complete=False,
    )
    start = event(2, 0.1, "speaking", party="visitor", text="Boa tarde")
    [speech] = spoken([start, cut], "visitor", BEGAN)
    assert (speech.start_s, speech.text) == (0.1, "Boa tarde …")
    assert speech.end_s == pytest.approx(0.8)


def test_what_was_never_heard_is_not_drawn() -> None:
    unheard = event(
        3,
        4.0,
        "turn",
        party="visitor",
        text="Boa tarde",
        speaker="agent",
        heard_ms=0,
        complete=False,
    )
    assert spoken([unheard], "visitor", BEGAN) == []


def test_silence_has_no_voice_in_it() -> None:
    assert voiced(np.zeros(8000, np.int16)) == []


def test_the_document_tells_the_conversation_in_order_and_is_json() -> None:
    document = json.loads(json.dumps(result(Check("all is well", met=True)).document()))
    lines = [(line["leg"], line["speaker"], line["at_s"]) for line in document["conversation"]]
    assert lines == [
        ("visitor", "agent", 0.1),
        ("visitor", "visitor", 2.0),
        ("resident", "agent", 5.2),
        ("resident", "resident", 7.5),
        ("visitor", "agent", 8.5),
    ]
    assert document["passed"] is True
    assert document["visit"]["outcome"] == "authorised"
    assert document["figures"]["visitor"]["voice_to_voice_ms"] == [pytest.approx(4500)]
    assert [line["text"] for line in document["heard"]] == [
        "boa tarde portaria",
        "entrada autorizada",
        "chegou uma entrega",
    ]


def test_a_point_that_is_not_met_is_a_demo_that_did_not_pass() -> None:
    assert not result(Check("well", met=True), Check("not well", met=False)).passed


def test_a_call_fits_into_eighty_columns() -> None:
    out = io.StringIO()
    show = Show(Console(file=out, width=80))
    show.ready("Residencial Ipê", "extension 1001 at 127.0.0.1:9101", 1.5)
    show.call_begins(BEGAN)
    show.said("visitor", "Boa tarde, entrega da Loggi para o apartamento 501, bloco B. " * 2)
    show.answered("visitor", 231.4)
    for one in events():
        show.event(one)
    show.heard("visitor", Turn(Sound(1.0, 2.0), "", 0.0))
    show.outcome(result(Check("the visit log says denied", met=False, found="authorised")))
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    text = out.getvalue()
    [greeting] = [line for line in lines if "Boa tarde, portaria." in line]
    assert greeting.split() == ["0.1", "Doorman", "Boa", "tarde,", "portaria.", "231", "ms"]
    for piece in ("No. 3: authorised", "2501 answered", "opens the door", "(nothing)"):
        assert piece in text
    assert "✗ the visit log says denied (found: authorised)" in text
    assert "None" not in text
