"""``ramal user``: users by the command line, whose passwords are in no argument."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from supervisor.cli import main

User = Callable[..., tuple[int, str, str]]
PASSWORD = "cavalo bateria grampo"


@pytest.fixture
def user(
    capsys: pytest.CaptureFixture[str],
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> User:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("RAMAL_LOG__LEVEL", "error")
    monkeypatch.setenv("RAMAL_AUTH__ARGON2_MEMORY_MIB", "8")

    def run(*arguments: str, password: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(password and f"{password}\n"))
        with pytest.raises(SystemExit) as caught:
            main(["user", *arguments])
        out, err = capsys.readouterr()
        return int(caught.value.code or 0), out, err

    return run


def listed(user: User) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = json.loads(user("list", "--json")[1])
    return rows


def test_a_user_is_made_changed_and_removed(user: User) -> None:
    made = user("create", "Ana@Alfa.example", "--role", "operator", password=PASSWORD)
    assert made[0] == 0
    [row] = listed(user)
    assert (row["username"], row["role"], row["enabled"]) == ("ana@alfa.example", "operator", True)
    assert user("set", "ana@alfa.example", "--role", "viewer", "--disable")[0] == 0
    [row] = listed(user)
    assert (row["role"], row["enabled"]) == ("viewer", False)
    assert "disabled" in user("list")[1]
    assert user("remove", "ana@alfa.example")[0] == 0
    assert listed(user) == []


def test_a_password_comes_from_standard_input_and_is_printed_nowhere(user: User) -> None:
    _, out, err = user("create", "ana", "--role", "admin", password=PASSWORD)
    assert PASSWORD not in out + err
    new = "outra frase bem comprida"
    status, out, err = user("set", "ana", "--password", password=new)
    assert status == 0
    assert new not in out + err


@pytest.mark.parametrize(
    ("arguments", "password", "sentence"),
    [
        (("create", "ana", "--role", "admin"), "", "no password on standard input"),
        (("create", "ana", "--role", "admin"), "short", "at least 12"),
        (("create", "ana", "--role", "root"), PASSWORD, 'There is no role "root"'),
        (("create", "ana", "--role", "admin", "--tenant", "Alfa"), PASSWORD, "There is no tenant"),
        (("set", "ana", "--disable"), "", "There is no user ana"),
        (("remove", "ana"), "", "There is no user ana"),
    ],
)
def test_what_is_wrong_with_a_command_is_one_sentence(
    user: User, arguments: tuple[str, ...], password: str, sentence: str
) -> None:
    status, out, err = user(*arguments, password=password)
    assert (status, out) == (1, "")
    assert sentence in err
    assert err.count("\n") == 1


def test_a_name_is_taken_once(user: User) -> None:
    user("create", "ana", "--role", "admin", password=PASSWORD)
    status, _, err = user("create", "ANA", "--role", "admin", password=PASSWORD)
    assert (status, "There is a user ana already" in err) == (1, True)
