"""Scenarios from files: one or many, with errors that name file and line."""

from pathlib import Path

import pytest

from supervisor.callers.script import ScriptError
from supervisor.simulation.reading import (
    line_of,
    load_scenarios,
    parse_scenarios,
    shipped_scenarios,
)
from supervisor.simulation.stage import sample_units

ONE = "name: x\ntitle: y\nvisitor: {}\nexpected: {outcome: [left]}\n"
MANY = """
shared:
  - &courier
    voice: pt-br+f2
    steps:
      - listen
scenarios:
  - name: first
    title: One
    visitor: *courier
    expected: {outcome: [left]}
  - name: second
    title: Another
    visitor:
      <<: *courier
      speed: 1.2
    expected:
      outcome: [left]
"""


def test_a_file_is_one_scenario_or_a_list_that_shares_its_people() -> None:
    assert [one.name for one in parse_scenarios(ONE, "x.yaml")] == ["x"]
    first, second = parse_scenarios(MANY, "many.yaml")
    assert first.visitor.voice == second.visitor.voice == "pt-br+f2"
    assert second.visitor.speed == 1.2


@pytest.mark.parametrize(
    ("wrong", "line", "words"),
    [
        (("speed: 1.2", "speed: fast"), 16, "visitor.speed"),
        (("title: Another", "titel: Another"), 13, "titel"),
        (("      - listen", "      - shout"), 6, "'shout' is no step"),
    ],
)
def test_a_mistake_is_named_with_its_line(wrong: tuple[str, str], line: int, words: str) -> None:
    with pytest.raises(ScriptError, match=words) as caught:
        parse_scenarios(MANY.replace(*wrong), "many.yaml")
    assert str(caught.value).startswith(f"many.yaml:{line} ")


def test_a_place_that_is_missing_is_told_by_the_line_around_it() -> None:
    assert line_of(MANY, ["scenarios", 1, "expected", "door"]) == 17


def test_two_scenarios_of_one_name_are_refused(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(ONE)
    with pytest.raises(ScriptError, match='Two scenarios are called "x"'):
        load_scenarios([tmp_path])


def test_a_folder_without_scenarios_is_told(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match="no scenarios"):
        load_scenarios([tmp_path])


def test_a_directory_of_its_own_needs_a_condominium() -> None:
    with pytest.raises(ScriptError, match="needs the name of its condominium"):
        parse_scenarios(ONE + "directory: []\n", "x.yaml")


def test_more_than_eighty_scenarios_ship_and_their_residents_live_where_they_say() -> None:
    scenarios = shipped_scenarios()
    assert len(scenarios) >= 80
    sample = {phone for unit in sample_units() for one in unit.residents for phone in one.phones}
    for scenario in scenarios:
        own = [unit.row() for unit in scenario.directory or ()]
        phones = {phone for unit in own for one in unit.residents for phone in one.phones} or sample
        assert set(scenario.residents) <= phones, scenario.name


def test_no_scenarios_person_speaks_with_the_agents_own_voice() -> None:
    for scenario in shipped_scenarios():
        people = [scenario.visitor, *scenario.residents.values()]
        assert all(person.voice != "pt-br" for person in people), scenario.name
