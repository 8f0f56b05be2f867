"""The ``ramal`` command, on a real database."""

import asyncio
import json
import socket
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

import pytest

from supervisor.cli.commands import COMMANDS
from supervisor.database.migrate import newest_version
from supervisor.database.pool import Pool
from tests.ports import free_ports
from tests.supervisor.conftest import Ramal

ADD = ("extension", "add", "--number", "1001", "--condominium", "Edifício Aurora")


def _add(ramal: Ramal, *more: str) -> tuple[int, int]:
    port, return_port = free_ports(2)
    ports = ("--port", str(port), "--return-port", str(return_port))
    status, _, err = ramal(*ADD, *ports, *more)
    assert (status, err) == (0, "")
    return port, return_port


def test_help_lists_every_command_within_80_columns(ramal: Ramal) -> None:
    status, out, _ = ramal("--help")
    assert status == 0
    assert all(f" {name} " in out for name in COMMANDS)
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize(
    "command",
    [
        "serve",
        "migrate",
        "doctor",
        "extension add",
        "extension set",
        "directory import",
        "key create",
        "key rotate",
    ],
)
def test_help_of_a_command_gives_an_example(ramal: Ramal, command: str) -> None:
    status, out, _ = ramal(*command.split(), "--help")
    assert status == 0
    assert "Example: " in out
    assert max(map(len, out.splitlines())) <= 80


def test_help_breaks_lines_where_the_terminal_does(ramal: Ramal) -> None:
    out = ramal("serve", "--help")[1]
    assert "Changes of   \n the extensions table take effect" in out


def test_the_version_is_told(ramal: Ramal) -> None:
    assert ramal("--version") == (0, f"ramal {version('ramal')}\n", "")


def test_an_extension_is_added_listed_changed_and_removed(ramal: Ramal) -> None:
    port, _ = _add(ramal, "--flow", "echo")
    assert "Edifício Aurora" in ramal("extension", "list")[1]
    assert ramal("extension", "set", "1001", "--disable", "--voice", "pt-br+f3")[0] == 0
    [row] = json.loads(ramal("extension", "list", "--json")[1])
    assert (row["port"], row["enabled"], row["voice"]) == (port, False, "pt-br+f3")
    assert ramal("extension", "remove", "1001")[0] == 0
    assert "no extensions yet" in ramal("extension", "list")[1]


def test_an_extension_that_could_not_be_served_is_not_added(ramal: Ramal) -> None:
    ports = ("--port", "9101", "--return-port", "9102")
    status, out, err = ramal(*ADD, *ports, "--flow", "concierge")
    assert (status, out) == (1, "")
    assert err.startswith('ramal: Extension 1001 cannot be served: there is no flow "concierge"')
    for wrong in (
        ("--settings", "{"),
        ("--language", "fr"),
        ("--condominium", " "),
        ("--port", "99999999999"),
    ):
        status, _, err = ramal(*ADD, *ports, *wrong)
        assert (status, err.count("\n")) == (1, 1), wrong
    assert json.loads(ramal("extension", "list", "--json")[1]) == []


def test_an_unknown_extension_is_one_sentence(ramal: Ramal) -> None:
    status, out, err = ramal("extension", "remove", "7")
    assert (status, out) == (1, "")
    assert err == "ramal: There is no extension 7; see: ramal extension list\n"


def test_a_resident_is_called_in_a_language_of_their_own(ramal: Ramal, tmp_path: Path) -> None:
    file = tmp_path / "moradores.csv"
    file.write_text("block,unit,resident,phone,notes\nB,501,Ann Brown,2501,\n")
    place = ("--condominium", "Edifício Aurora")
    ports = map(str, free_ports(2))
    new = ("--number", "1001", "--port", next(ports), "--return-port", next(ports))
    assert ramal("extension", "add", *new, *place)[0] == 0
    assert ramal("directory", "import", str(file), *place)[0] == 0
    where = (*place, "--unit", "501", "--block", "B")
    _, out, _ = ramal("directory", "language", "ann brown", "en", *where)
    assert out == "ann brown is called in en.\n"
    assert "extension's language" in ramal("directory", "language", "Ann Brown", "own", *where)[1]
    status, _, err = ramal("directory", "language", "Ann Brown", "fr", *where)
    assert (status, 'Nobody is called in "fr"; use pt-BR' in err) == (1, True)
    status, _, err = ramal("directory", "language", "Rui", "en", *where)
    assert (status, "there is: Ann Brown" in " ".join(err.split())) == (1, True)


def test_a_directory_is_imported_or_not_at_all(ramal: Ramal, tmp_path: Path) -> None:
    _add(ramal)
    file = tmp_path / "d.csv"
    file.write_text("block,unit,resident,phone,notes\nA,501,Ana,201,\nA,502,Rui,,\n")
    status, out, _ = ramal("directory", "import", str(file), "--condominium", "Edifício Aurora")
    assert (status, out) == (0, "Imported 2 units with 2 residents into Edifício Aurora.\n")
    file.write_text("block,unit,resident,phone,notes\nA,501,Ana,bad,\n")
    status, _, err = ramal("directory", "import", str(file), "--condominium", "Edifício Aurora")
    assert status == 1
    assert "line 2" in err
    status, _, err = ramal("directory", "import", str(file), "--condominium", "Outro")
    assert status == 1


def test_a_condominium_that_is_not_there_is_answered_with_those_that_are(
    ramal: Ramal, tmp_path: Path
) -> None:
    _add(ramal)
    file = tmp_path / "d.csv"
    file.write_text("block,unit,resident,phone,notes\nA,501,Ana,201,\n")
    status, _, err = ramal("directory", "import", str(file), "--condominium", "Aurora")
    assert status == 1
    assert "there are: Edifício Aurora." in err


def test_a_port_that_cannot_be_in_database_url_is_one_sentence(
    ramal: Ramal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:hush@127.0.0.1:70000/d")
    status, _, err = ramal("migrate")
    assert status == 1
    assert err.startswith("ramal: DATABASE_URL is not a PostgreSQL address; ")


async def test_a_user_without_rights_is_one_sentence(
    ramal: Ramal, database: Pool, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = f"weak_{uuid4().hex}"
    await database.execute(f"CREATE ROLE {role} LOGIN")
    try:
        url = database_url.replace("://ramal@", f"://{role}@")
        monkeypatch.setenv("DATABASE_URL", url)
        status, _, err = await asyncio.to_thread(ramal, "extension", "list")
    finally:
        await database.execute(f"DROP ROLE {role}")
    assert status == 1
    assert err.startswith("ramal: PostgreSQL refuses this (permission denied")
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", ["migrate", "extension list"])
def test_a_wrong_database_url_is_one_sentence(
    ramal: Ramal, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:hush@127.0.0.1:1/d")
    status, out, err = ramal(*command.split())
    assert (status, out) == (1, "")
    assert err.startswith("ramal: Nothing answers as PostgreSQL at 127.0.0.1:1/d;")
    assert err.count("\n") == 1


def test_a_broken_settings_file_is_one_sentence(ramal: Ramal, tmp_path: Path) -> None:
    (tmp_path / "ramal.toml").write_text("[amy]\n")
    status, _, err = ramal("serve")
    assert status == 1
    assert err.startswith('ramal: ramal.toml: there is no setting "amy"; ')
    assert err.count("\n") == 1


def test_migrate_says_when_there_is_nothing_to_do(ramal: Ramal) -> None:
    assert ramal("migrate") == (0, f"The schema is up to date ({newest_version()}).\n", "")


def test_doctor_finds_nothing_wrong_with_an_extension_whose_ports_are_free(ramal: Ramal) -> None:
    _add(ramal, "--flow", "echo")
    status, out, _ = ramal("doctor", "--json")
    findings = {finding["part"]: finding for finding in json.loads(out)}
    assert [part for part, each in findings.items() if not each["good"]] == []
    assert status == (2 if "warn" in {each["status"] for each in findings.values()} else 0)
    assert findings["schema"]["good"]
    assert "free" in findings["extension 1001"]["text"]


def test_doctor_names_an_extension_whose_voice_does_not_exist(ramal: Ramal) -> None:
    _add(ramal, "--flow", "doorman", "--voice", "nonsense")
    status, out, _ = ramal("doctor")
    assert status == 1
    told = " ".join(out.split())
    assert "extension 1001: It cannot speak: espeak-ng has no voice 'nonsense'" in told
    assert "ramal extension set 1001 --voice pt-br" in told


def test_doctor_names_a_port_that_another_program_has(ramal: Ramal) -> None:
    port, _ = _add(ramal, "--flow", "echo")
    with socket.create_server(("127.0.0.1", port)):
        status, out, _ = ramal("doctor")
    assert status == 1
    assert f"port {port} is in use by another program" in " ".join(out.split())


def test_doctor_names_an_asterisk_that_does_not_answer(
    ramal: Ramal, monkeypatch: pytest.MonkeyPatch
) -> None:
    [port] = free_ports(1)
    monkeypatch.setenv("RAMAL_AMI__SECRET", "hush")
    monkeypatch.setenv("RAMAL_AMI__PORT", str(port))
    status, out, _ = ramal("doctor")
    assert status == 1
    assert f"nothing listens on 127.0.0.1:{port}" in " ".join(out.split())
    assert "hush" not in out
