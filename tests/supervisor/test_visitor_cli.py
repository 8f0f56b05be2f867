"""`ramal visitor` as an operator uses it."""

import json
import re
from pathlib import Path
from uuid import UUID

from supervisor.admission.secrets import FILE
from tests.supervisor.conftest import Ramal

DIRECTORY = "block,unit,resident,phone,notes\nA,501,Daniel Reis,1501,\nB,501,Juliana,2501,\n"
AT = ("--condominium", "Ipê", "--unit", "501")


def furnished(ramal: Ramal, folder: Path) -> None:
    (folder / "moradores.csv").write_text(DIRECTORY)
    for command in (
        ("extension", "add", "--number", "1001", "--port", "19101", "--return-port", "19102",
         "--condominium", "Ipê", "--flow", "doorman"),
        ("directory", "import", "moradores.csv", "--condominium", "Ipê"),
    ):  # fmt: skip
        assert ramal(*command)[0] == 0


def test_a_visitor_is_added_with_a_code_listed_and_removed(ramal: Ramal, tmp_path: Path) -> None:
    furnished(ramal, tmp_path)
    status, out, _ = ramal(
        "visitor", "add", "Beatriz Souza", *AT, "--block", "b", "--until", "2099-01-02 18:00",
        "--days", "mon,fri", "--hours", "8:00-17:00", "--code",
    )  # fmt: skip
    assert status == 0
    code = re.search(r"only now: (\d{6})\. At the gate: # \1 #", out)
    assert code is not None
    status, out, _ = ramal("visitor", "list", "--condominium", "Ipê")
    assert status == 0
    assert "B/501" in out
    assert "Beatriz Souza: " in out
    assert code[1] not in out
    assert max(map(len, out.splitlines())) <= 80
    shown = json.loads(ramal("visitor", "list", "--condominium", "Ipê", "--json")[1])[0]
    assert shown["ends_at"] == "2099-01-02T21:00:00+00:00", "18:00 by the clock of São Paulo"
    assert (shown["weekdays"], shown["from_time"], shown["most_uses"]) == ([1, 5], "08:00", 1)
    assert "only now" in ramal("visitor", "code", shown["id"])[1]
    assert ramal("visitor", "add", "Rui", *AT, "--block", "A", "--until", "2099-01-02")[0] == 0
    assert "to 2099-01-03 00:00" in " ".join(
        ramal("visitor", "list", "--condominium", "Ipê")[1].split()
    )
    rui = json.loads(ramal("visitor", "list", "--condominium", "Ipê", "--json")[1])[0]
    assert ramal("visitor", "remove", rui["id"])[0] == 0
    assert ramal("visitor", "remove", shown["id"])[0] == 0
    assert "Nobody is expected" in ramal("visitor", "list", "--condominium", "Ipê")[1]
    assert ramal("visitor", "remove", shown["id"])[0] == 1


def test_what_cannot_be_is_answered_with_one_sentence(ramal: Ramal, tmp_path: Path) -> None:
    furnished(ramal, tmp_path)
    until = ("--until", "2099-01-01")
    wrong = {
        ("add", "x", *AT, *until): "each of the blocks A, B; name --block",
        ("add", "x", "--condominium", "Ipê", "--unit", "9", *until): "There is no unit 9.",
        ("add", "x", *AT, "--block", "B", "--until", "tomorrow"): '"tomorrow" is no moment',
        ("add", "x", *AT, "--block", "B", "--until", "2001-01-01"): "must end after it begins",
        ("add", "x", *AT, "--block", "B", *until, "--days", "sex"): '"sex" is no day',
        ("add", "x", *AT, "--block", "B", *until, "--hours", "8-17"): '"8-17" are no hours',
        ("add", "x", *AT, "--block", "B", *until, "--lets-in", "maybe"): '"maybe" is not one of',
        ("pin", "Zé", *AT, "--block", "B"): 'There is no "Zé" in this unit; there is: Juliana.',
        ("pin", "Juliana", *AT, "--block", "B", "--remove"): "Juliana has no PIN.",
        ("code", str(UUID(int=1))): "There is no expected visitor",
    }
    for command, sentence in wrong.items():
        status, _, told = ramal("visitor", *command)
        assert status == 1, command
        assert sentence in " ".join(told.split()), command


def test_a_resident_gets_a_pin_whose_key_nobody_else_may_read(ramal: Ramal, tmp_path: Path) -> None:
    furnished(ramal, tmp_path)
    status, out, _ = ramal("visitor", "pin", "juliana", *AT, "--block", "B")
    assert status == 0
    assert re.search(r"only now: \d{6}", out)
    assert (tmp_path / "var" / FILE).stat().st_mode & 0o777 == 0o600
    status, out, _ = ramal("visitor", "pin", "Juliana", *AT, "--block", "B", "--remove")
    assert (status, out) == (0, "Juliana has no PIN any more.\n")
