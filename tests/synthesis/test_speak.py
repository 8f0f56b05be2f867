"""``ramal speak``: files without a server."""

from pathlib import Path

import pytest
import soundfile

from tests.supervisor.conftest import Ramal, ramal

__all__ = ["ramal"]


def test_a_text_a_file_and_a_batch_become_files(ramal: Ramal, tmp_path: Path) -> None:
    status, out, _ = ramal("speak", "--text", "A piscina fecha às 18h.", "--out", "aviso.mp3")
    assert (status, out.startswith("aviso.mp3  ")) == (0, True)
    assert soundfile.info(tmp_path / "aviso.mp3").format == "MP3"
    (tmp_path / "batch.csv").write_text("name,text\nbom dia,Bom dia.\n,Boa noite.\n")
    status, out, _ = ramal("speak", "--csv", "batch.csv", "--out", "made", "--format", "slin")
    assert status == 0
    assert [line.split("  ")[0] for line in out.splitlines()] == [
        "made/0001-bom-dia.sln",
        "made/0002.sln",
    ]
    assert (tmp_path / "made" / "0002.sln").stat().st_size > 8000


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--out", "a.wav"], "ramal: Say what is to be spoken: one of --text, --file and --csv.\n"),
        (
            ["--text", "Bom dia.", "--out", "a.xyz"],
            "ramal: There is no format 'xyz': give --format one of wav, mp3, opus, slin, slin16.\n",
        ),
        (
            ["--text", "Bom dia.", "--speed", "9", "--out", "a.wav"],
            "ramal: This cannot be spoken: speed is a number from 0.5 to 2, not '9.0'.\n",
        ),
        (
            ["--csv", "bad.csv", "--out", "a"],
            "ramal: bad.csv cannot be spoken; nothing was made:\n"
            "  line 2: the text is too short: a voice needs a word to say\n"
            "  line 4: nothing in the text can be spoken; write words or numbers\n",
        ),
    ],
)
def test_what_cannot_be_made_is_told_and_makes_nothing(
    ramal: Ramal, tmp_path: Path, arguments: list[str], said: str
) -> None:
    (tmp_path / "bad.csv").write_text("text\nx\nBom dia.\n...\n")
    status, _, err = ramal("speak", *arguments)
    assert (status, err) == (1, said)
    assert [path.name for path in tmp_path.iterdir()] == ["bad.csv"]


def test_what_is_not_said_as_it_is_written_is_told_beside_the_file(
    ramal: Ramal, tmp_path: Path
) -> None:
    status, out, err = ramal("speak", "--text", "Oi, Muñoz 😀", "--out", "aviso.wav")
    assert (status, out.startswith("aviso.wav  ")) == (0, True)
    assert err == "  nothing is said for 😀; said as something near: ñ (nh)\n"
    assert (tmp_path / "aviso.wav").is_file()
