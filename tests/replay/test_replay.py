"""A recorded call is played again: the same with the same settings, and different with others."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from typer.testing import CliRunner

from supervisor.cli.commands import app
from supervisor.database.extensions import Extension
from supervisor.replay.bundle import Bundle, ReplayError, Told, Voiced, load, save
from supervisor.replay.differences import compare
from supervisor.replay.playing import changed, replay
from supervisor.settings import Settings
from supervisor.speech_settings import TurnsSettings
from tests.speech import say, silence

CALL = UUID("5f0c5a52-2a6e-4d5a-9f57-7d3d4f3b6a11")
BEGAN = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)
EXTENSION = Extension(
    id=UUID(int=1),
    number="1001",
    condominium_id=UUID(int=2),
    condominium="Residencial Ipê",
    timezone="America/Sao_Paulo",
    flow="doorman",
    language="pt-BR",
    voice=None,
    port=9101,
    return_port=9102,
    enabled=True,
    isolated=False,
    settings={},
    recording_notice=False,
)
CONDOMINIUM = {
    "units": [
        {
            "block": "B",
            "number": "501",
            "notes": None,
            "residents": [{"name": "Juliana Prado", "phones": ["2501"], "notes": None}],
        }
    ],
    "doors": [{"name": "gate", "driver": "dialplan", "is_default": True}],
    "texts": {},
}
RANG = [
    Told(0.0, "call.started", {"caller": "9001"}),
    Told(7.0, "call_out.started", {"phone": "2501"}),
    Told(8.0, "call_out.ringing", {"phone": "2501"}),
    Told(9.0, "call_out.ended", {"phone": "2501", "outcome": "answered"}),
]


def told(*parts: np.ndarray) -> Voiced:
    return Voiced(8000, np.concatenate(parts).astype(np.int16))


@pytest.fixture(scope="module")
def recorded(settings: Settings) -> Bundle:
    """A courier's call as it would have been recorded: its events are those of its first replay."""
    visitor = told(
        silence(4500),
        say("boa tarde entrega do mercado livre para o quinhentos e um bloco b"),
        silence(30_000),
    )
    resident = told(silence(300), say("alô"), silence(8500), say("pode subir"), silence(6000))
    bundle = Bundle(CALL, BEGAN, EXTENSION, CONDOMINIUM, RANG, visitor, [resident])
    return replace(bundle, events=replay(bundle, settings).events)


def kinds(events: list[Told] | tuple[Told, ...]) -> list[str]:
    return [event.kind for event in events if event.kind != "state"]


def test_a_call_is_conducted_to_its_end_with_doors_that_touch_nothing(
    recorded: Bundle, settings: Settings
) -> None:
    happened = kinds(list(recorded.events))
    assert "authorisation" in happened
    assert "door.opened" in happened
    opened = next(event for event in recorded.events if event.kind == "door.opened")
    assert opened.data["driver"] == "replay"
    visit = next(event for event in recorded.events if event.kind == "visit")
    assert visit.data["outcome"] == "authorised"


def test_the_same_settings_give_the_same_call_to_the_millisecond(
    recorded: Bundle, settings: Settings
) -> None:
    again = replay(recorded, settings)
    assert kinds(again.events) == kinds(list(recorded.events))
    assert [event.at_s for event in again.events] == [event.at_s for event in recorded.events]
    difference = compare(recorded.events, again.events)
    assert difference.same_words
    assert difference.same_decisions
    assert all(row.slower_ms in (0, None) for row in difference.rows)


def test_an_answer_is_timed_also_where_a_list_was_looked_up_first(recorded: Bundle) -> None:
    first = next(
        event
        for event in recorded.events
        if event.kind == "speaking" and "Mercado Livre" in event.data["text"]
    )
    assert first.data["voice_to_voice_ms"] == 340


def test_it_is_greeted_as_it_was_at_the_hour_of_the_call(
    recorded: Bundle, settings: Settings
) -> None:
    greeting = next(event for event in recorded.events if event.kind == "speaking")
    assert "boa tarde" in greeting.data["text"].lower(), "17:30 UTC is half past two there"


def test_another_silence_shows_as_another_latency(recorded: Bundle, settings: Settings) -> None:
    turns = TurnsSettings(complete_ms=620, likely_ms=700)
    slower = settings.model_copy(update={"turns": turns})
    difference = compare(recorded.events, replay(recorded, slower).events)
    assert difference.same_decisions
    assert max(row.slower_ms or 0 for row in difference.rows) == 300


def test_other_texts_show_as_other_words(recorded: Bundle, settings: Settings) -> None:
    with_texts = changed(recorded, {"greeting.afternoon": "Olá, {condominium}, pois não?"}, {})
    difference = compare(recorded.events, replay(with_texts, settings).events)
    assert not difference.same_words
    first = difference.rows[0]
    assert first.now is not None and first.now.text == "Olá, Residencial Ipê, pois não?"


def test_a_recogniser_that_takes_longer_is_waited_for(recorded: Bundle, settings: Settings) -> None:
    difference = compare(recorded.events, replay(recorded, settings, recognition_s=0.9).events)
    slower = [row.slower_ms for row in difference.rows if row.slower_ms]
    assert slower and max(slower) >= 500


def test_another_resident_decides_otherwise(recorded: Bundle, settings: Settings) -> None:
    no = told(silence(300), say("alô"), silence(8500), say("não autorizo"), silence(6000))
    refused = replace(recorded, residents=[no])
    difference = compare(recorded.events, replay(refused, settings).events)
    assert not difference.same_decisions
    assert not any(line.startswith("door.opened") for line in difference.decided_now)


def test_a_call_comes_back_from_its_folder_as_it_was(
    recorded: Bundle, settings: Settings, tmp_path: Path
) -> None:
    save(recorded, tmp_path / "call")
    back = load(tmp_path / "call")
    assert back.extension == recorded.extension
    assert np.array_equal(back.visitor.samples, recorded.visitor.samples)
    difference = compare(recorded.events, replay(back, settings).events)
    assert difference.same_words and difference.same_decisions


def test_a_folder_that_has_something_in_it_is_left_alone(recorded: Bundle, tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    with pytest.raises(ReplayError, match="not empty"):
        save(recorded, tmp_path)


def test_a_folder_without_a_call_is_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match="--export"):
        load(tmp_path)


def test_a_call_that_no_agent_answered_is_not_played(recorded: Bundle, settings: Settings) -> None:
    other = replace(recorded, extension=replace(recorded.extension, flow="echo"))
    with pytest.raises(ReplayError, match='"echo", which answered this one, is none of'):
        replay(other, settings)


@pytest.fixture
def folder(
    recorded: Bundle, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RAMAL_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("RAMAL_TTS__SPEED", "1.25")
    save(recorded, tmp_path / "call")
    return tmp_path / "call"


def test_the_command_shows_what_changed_and_writes_a_page(folder: Path) -> None:
    done = CliRunner().invoke(
        app, ["replay", str(folder), "--set", "turns.complete_ms=620", "--report", "r.html"]
    )
    assert done.exit_code == 0, done.output
    assert "Decided now: the same." in done.output
    assert "(+300)" in done.output
    assert "Autoriza" in Path("r.html").read_text(encoding="utf-8")


def test_the_command_exits_with_2_where_something_else_is_decided(folder: Path) -> None:
    told_then = json.loads((folder / "call.json").read_text(encoding="utf-8"))
    for event in told_then["events"]:
        if event["kind"] == "visit":
            event["data"]["outcome"] = "refused"
    (folder / "call.json").write_text(json.dumps(told_then), encoding="utf-8")
    done = CliRunner().invoke(app, ["replay", str(folder), "--json"])
    assert done.exit_code == 2
    assert json.loads(done.output)["same_decisions"] is False


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["replay", "no-such-folder"], "neither"),
        (["replay", "FOLDER", "--set", "turns.nothing=1"], "no setting"),
        (["replay", "FOLDER", "--set", "turns.complete_ms=9000"], "wrong"),
        (["replay", "FOLDER", "--set", "turns"], "KEY=VALUE"),
        (["replay", "FOLDER", "--texts", "missing.yaml"], "cannot be read"),
    ],
)
def test_wrong_input_gets_a_sentence(folder: Path, arguments: list[str], says: str) -> None:
    given = [str(folder) if each == "FOLDER" else each for each in arguments]
    done = CliRunner().invoke(app, given)
    assert done.exit_code != 0
    assert says in str(done.exception)
