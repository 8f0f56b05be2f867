"""A receptionist's call is played again: with today's handbook, with another, in other words."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from supervisor.database.extensions import NewExtension, add_extension
from supervisor.database.handbooks import store_handbook
from supervisor.database.pool import Pool
from supervisor.replay.bundle import Bundle, Told, load, save
from supervisor.replay.differences import compare, turns_of
from supervisor.replay.fetching import known_of
from supervisor.replay.playing import changed, replay
from supervisor.settings import Settings
from tests.ports import free_ports
from tests.receptionist.clinic import DOCUMENT
from tests.replay.test_replay import BEGAN, CALL, EXTENSION, told
from tests.speech import say, silence

CLINIC = replace(
    EXTENSION, flow="receptionist", condominium="Clínica Boa Vista", settings={"operator": "8000"}
)
KNOWN: dict[str, Any] = {"units": [], "doors": [], "texts": {}, "document": DOCUMENT}


@pytest.fixture(scope="module")
def recorded(settings: Settings) -> Bundle:
    """A patient's call as it would have been recorded: its events are those of its first replay."""
    patient = told(
        silence(4500),
        say("tem estacionamento"),
        silence(7000),
        say("quero falar com o financeiro"),
        silence(8000),
    )
    events = [Told(0.0, "call.started", {"caller": "9001"})]
    bundle = Bundle(CALL, BEGAN, CLINIC, KNOWN, events, patient, [])
    return replace(bundle, events=replay(bundle, settings).events)


def test_it_is_answered_from_its_handbook_and_transfers_to_nobody_real(recorded: Bundle) -> None:
    said = [turn.text for turn in turns_of(recorded.events) if turn.speaker == "agent"]
    assert "Temos estacionamento gratuito para pacientes." in said
    decided = compare(recorded.events, recorded.events).decided_now
    assert "answered facts=5" in decided
    assert "transfer destination=8001" in decided
    assert decided[-2] == "visit outcome=transferred department=billing facts=5"


def test_it_comes_back_from_its_folder_and_is_the_same(
    recorded: Bundle, settings: Settings, tmp_path: Path
) -> None:
    save(recorded, tmp_path / "call")
    again = replay(load(tmp_path / "call"), settings)
    difference = compare(recorded.events, again.events)
    assert difference.same_words and difference.same_decisions
    assert [each.at_s for each in again.events] == [each.at_s for each in recorded.events]


def test_another_handbook_decides_otherwise(recorded: Bundle, settings: Settings) -> None:
    without = {**DOCUMENT, "facts": [each for each in DOCUMENT["facts"] if each["id"] != 5]}
    other = replace(recorded, condominium={**KNOWN, "document": without})
    difference = compare(recorded.events, replay(other, settings).events)
    assert "answered facts=5" in difference.decided_then
    assert "answered facts=5" not in difference.decided_now


def test_its_own_sentences_are_those_of_the_table(recorded: Bundle, settings: Settings) -> None:
    own = {"receptionist.greeting.afternoon": "Olá, aqui é {business}."}
    difference = compare(recorded.events, replay(changed(recorded, own, {}), settings).events)
    first = difference.rows[0].now
    assert first is not None and first.text == "Olá, aqui é Clínica Boa Vista."


async def test_its_handbook_is_kept_with_a_call(database: Pool) -> None:
    port, return_port = free_ports(2)
    async with database.acquire() as connection:
        new = NewExtension("1001", port, return_port, flow="receptionist")
        extension = await add_extension(connection, "Clínica Boa Vista", new)
        await store_handbook(connection, extension.id, DOCUMENT)
    assert (await known_of(database, extension))["document"] == DOCUMENT
