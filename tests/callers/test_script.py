"""Scripts of people as YAML."""

from pathlib import Path

import pytest

from supervisor.callers.script import PersonScript, ScriptError, load_person
from supervisor.callers.steps import HangUp, Interrupt, Listen, Press, Say, StayOnLine

SCRIPT = """
voice: pt-br+m3
steps:
  - listen
  - listen: [autorizad, liberad]
  - say: Boa tarde.
  - interrupt: {text: Oi, after_ms: 900}
  - press: "5#"
  - stay_on_line: 60
  - hang_up
"""


def test_steps_are_written_short_or_with_the_names_of_their_fields(tmp_path: Path) -> None:
    file = tmp_path / "person.yaml"
    file.write_text(SCRIPT)
    assert load_person(file).steps == (
        Listen(),
        Listen(("autorizad", "liberad")),
        Say("Boa tarde."),
        Interrupt("Oi", 900),
        Press("5#"),
        StayOnLine(60),
        HangUp(),
    )


def test_the_visitor_of_a_demo_scenario_is_a_person_too(tmp_path: Path) -> None:
    file = tmp_path / "scenario.yaml"
    file.write_text("name: x\nvisitor:\n  steps:\n    - say: Oi\nexpected: {}\n")
    assert load_person(file).steps == (Say("Oi"),)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("steps: [fly]", "'fly' is no step; the steps are listen, say"),
        ("steps: [{say: {txt: Oi}}]", "steps.0"),
        ("steps: [{stay_silent: soon}]", "steps.0"),
        ("steps: [{listen: {}, say: Oi}]", "is no step"),
        ("voice: [", "is not valid YAML"),
        ("colour: red", "colour: Extra inputs are not permitted"),
        ("[]", "the whole file"),
    ],
)
def test_a_bad_script_is_one_sentence_with_the_place(
    tmp_path: Path, text: str, complaint: str
) -> None:
    file = tmp_path / "person.yaml"
    file.write_text(text)
    with pytest.raises(ScriptError) as raised:
        load_person(file)
    assert complaint in str(raised.value)
    assert str(raised.value).startswith("person.yaml")
    assert "\n" not in str(raised.value)


def test_a_script_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match=r"nobody\.yaml cannot be read"):
        load_person(tmp_path / "nobody.yaml")


def test_a_person_without_steps_says_nothing() -> None:
    assert PersonScript().steps == ()
