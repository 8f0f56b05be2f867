"""The scenarios that come with the program."""

import csv
from importlib import resources

import pytest

from supervisor.callers.script import ScriptError
from supervisor.callers.steps import Converse, StayOnLine
from supervisor.demo.choosing import DEFAULT_SCENARIO, load_scenario, parse_scenario, scenario_names
from supervisor.simulation.exchange import Habit

ALL = [
    "authorised-delivery",
    "denied-visit",
    "interruption",
    "message",
    "no-answer",
    "noisy-street",
    "reception",
    "resident-talks",
    "silent-visitor",
    "unknown-apartment",
]


def sample() -> list[dict[str, str]]:
    text = (resources.files("supervisor.demo") / "sample.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def test_there_is_one_for_each_way_a_visit_can_go_and_the_default_comes_first() -> None:
    assert scenario_names()[0] == DEFAULT_SCENARIO
    assert sorted(scenario_names()) == ALL


@pytest.mark.parametrize("name", ALL)
def test_its_name_is_that_of_its_file_and_its_visitor_waits_for_the_end(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.name == name
    assert isinstance(scenario.visitor.steps[-1], StayOnLine | Converse)


@pytest.mark.parametrize("name", ALL)
def test_its_residents_live_in_the_sample_condominium(name: str) -> None:
    phones = {row["phone"] for row in sample()}
    assert set(load_scenario(name).residents) <= phones


@pytest.mark.parametrize("name", ALL)
def test_nobody_has_the_voice_of_somebody_else(name: str) -> None:
    scenario = load_scenario(name)
    voices = [scenario.visitor.voice, *(one.voice for one in scenario.residents.values())]
    assert "pt-br" not in voices
    assert len(set(voices)) == len(voices)


def test_the_sample_condominium_has_twenty_four_units_in_two_blocks() -> None:
    units = {(row["block"], row["unit"]) for row in sample()}
    assert len(units) == 24
    assert {block for block, _ in units} == {"A", "B"}
    assert all(row["phone"].isdigit() for row in sample())


def test_a_resident_who_never_answers_is_a_phone_that_rings() -> None:
    assert load_scenario("no-answer").residents["2502"].phone().habit is Habit.NEVER_ANSWERS


def test_a_scenario_that_does_not_exist_is_answered_with_those_that_do() -> None:
    with pytest.raises(ScriptError, match=r'no scenario "picnic"; choose one of authorised-del'):
        load_scenario("picnic")


def test_a_scenario_that_the_demo_cannot_play_is_refused() -> None:
    text = "name: x\ntitle: y\nvisitor: {}\npins: [{resident: Ana, pin: '123456'}]\n"
    with pytest.raises(ScriptError, match=r"does without 'pins'; see: ramal simulate x\.yaml"):
        parse_scenario(text + "expected: {outcome: [left]}\n", "x.yaml")


def test_a_scenario_without_an_expected_end_is_refused() -> None:
    with pytest.raises(ScriptError, match="expected: Field required"):
        parse_scenario("name: x\ntitle: y\nvisitor: {}\n", "x.yaml")
