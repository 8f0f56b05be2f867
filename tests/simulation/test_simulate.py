"""`ramal simulate` from end to end: a handful of the scenarios, with everything real."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

RAMAL = (sys.executable, "-c", "from supervisor.cli import main; main()")
ROOT = Path(__file__).parents[2]
HANDFUL = (
    "delivery-of-a-meal",
    "resident-asks-who",
    "hunt-busy-then-answered",
    "keys-apartment-and-block",
    "attack-police",
    "emergency-fire",
    "access-code-by-keys",
    "access-whole-visit-by-keys",
    "receptionist-department-by-key",
    "receptionist-model-cites",
)
IN_OTHER_LANGUAGES = (
    "receptionist-spanish-department",
    "receptionist-english-questions",
    "resident-called-in-english",
)
WRONG = """
name: wrong
title: A visitor who leaves, expected to be let in
visitor: {steps: [listen, hang_up]}
expected: {outcome: [authorised], door: opened}
"""


def simulate(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*RAMAL, "simulate", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "80"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.timeout(640)
@pytest.mark.parametrize("names", [HANDFUL, IN_OTHER_LANGUAGES], ids=["handful", "languages"])
def test_a_handful_of_the_shipped_scenarios_passes(tmp_path: Path, names: tuple[str, ...]) -> None:
    """One of them may need a second try: espeak-ng says nothing twice alike, and of all calls some
    in a hundred go otherwise (docs/simulate.md has the figure)."""
    results = _played(tmp_path, names, "run.html")
    assert results.keys() == set(names)
    again = [name for name, one in results.items() if not one["passed"]]
    assert len(again) <= 1, results
    if again:
        results |= _played(tmp_path, again, "again.html")
    assert [one for one in results.values() if not one["passed"]] == []
    assert (tmp_path / "run.html").stat().st_size > 100_000


def _played(folder: Path, names: Sequence[str], report: str) -> dict[str, Any]:
    chosen = [part for name in names for part in ("--only", name)]
    done = simulate(folder, *chosen, "--json", "--report", report)
    assert done.stdout, done.stderr
    results = {one["scenario"]: one for one in json.loads(done.stdout)["results"]}
    assert done.returncode == (0 if all(one["passed"] for one in results.values()) else 1)
    return results


def test_a_call_that_went_otherwise_is_explained_and_fails_the_run(tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_text(WRONG)
    done = simulate(tmp_path, "wrong.yaml")
    assert done.returncode == 1
    assert "expected: the visit log says authorised; there was: left" in done.stdout
    assert "expected: the door was opened; there was: shut" in done.stdout


def test_a_run_may_do_with_less_than_all(tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_text(WRONG)
    assert simulate(tmp_path, "wrong.yaml", "--min-success", "0").returncode == 0


def test_a_broken_scenario_is_one_line_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text(WRONG.replace("listen", "lisen"))
    done = simulate(tmp_path, "broken.yaml")
    assert done.returncode != 0
    assert "broken.yaml:4 (wrong)" in done.stderr
    assert "'lisen' is no step" in " ".join(done.stderr.split())
