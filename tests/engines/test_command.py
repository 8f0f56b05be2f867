"""``ramal engines`` where it cannot be as it was asked."""

from pathlib import Path

import pytest

from engines.address import Address
from supervisor.cli import main


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--listen", "http://127.0.0.1:1"], "set RAMAL_ENGINES__TOKEN"),
        (["--listen", "127.0.0.1:8090"], "neither unix:PATH nor http://HOST:PORT"),
        (["--listen", "unix:" + "x" * 108], "1 to 107 bytes"),
        (["--kind", "llm"], "use stt or tts"),
    ],
)
def test_what_cannot_be_is_one_sentence_with_the_next_step(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["engines", *arguments])
    assert caught.value.code == 1
    [line] = capsys.readouterr().err.splitlines()
    assert said in line


def test_the_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["engines", "--help"])
    assert caught.value.code == 0
    told = " ".join(capsys.readouterr().out.replace("│", "").split())
    assert "ramal engines --kind stt" in told
    assert "sections engines.stt and engines.tts" in told


@pytest.mark.parametrize(
    "text", ["unix:/run/ramal/engines.sock", "http://10.0.0.5:8090", "https://[::1]:8090"]
)
def test_an_address_is_written_as_it_was_read(text: str) -> None:
    assert str(Address.parse(text)) == text
