"""``ramal recognise``: real files, real commands, a model that always says the same."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from stt.word_errors import word_errors
from supervisor.cli import main
from supervisor.recognising.recordings import (
    LONGEST_PIECE_S,
    RecordingError,
    pieces,
    read_recording,
    read_references,
)
from tests.speech import say

Ramal = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ramal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Ramal:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as exit_:
            main(["recognise", *arguments])
        told = capfd.readouterr()
        return int(exit_.value.code or 0), told.out, told.err

    return run


@pytest.fixture
def model(tmp_path: Path) -> str:
    pytest.importorskip("faster_whisper", reason="the whisper extra is not installed")
    from tests.stt.scripted_whisper import write_model  # noqa: PLC0415

    return str(write_model(tmp_path / "little", ("Boa", "noite,", "apartamento", "501.")))


def write(path: Path, samples: np.ndarray, rate_hz: int = 8000) -> str:
    soundfile.write(path, samples, rate_hz)
    return str(path)


def test_the_builtin_engine_hears_a_recording(ramal: Ramal, tmp_path: Path) -> None:
    file = write(tmp_path / "a.wav", say("boa noite"))
    (tmp_path / "said.csv").write_text("file,text\na.wav,boa noite\n", "utf-8")
    status, out, err = ramal(file, "--reference", "said.csv", "--json")
    assert (status, err) == (0, "")
    [trial] = json.loads(out)["trials"]
    [take] = trial["takes"]
    assert (trial["setup"], take["text"], take["words_wrong"]) == ("builtin", "boa noite", 0)
    assert trial["word_error_rate"] == 0.0
    assert take["took_ms"] > 0 and take["real_time_factor"] < 10


def test_with_a_ladder_the_model_of_its_best_step_is_measured(
    ramal: Ramal, tmp_path: Path, model: str
) -> None:
    file = write(tmp_path / "a.wav", say("boa noite"))
    engine = f'[engines.stt]\nengine = "whisper"\nmodel = "{model}"\n'
    (tmp_path / "ramal.toml").write_text(f'[stt]\nladder = ["remote", "builtin"]\n{engine}')
    status, out, err = ramal(file, "--json")
    assert (status, err) == (0, "")
    [trial] = json.loads(out)["trials"]
    assert trial["setup"] == "whisper little"


def test_windows_are_compared_side_by_side(ramal: Ramal, tmp_path: Path, model: str) -> None:
    file = write(tmp_path / "a.wav", say("boa noite, apartamento quinhentos e um"))
    (tmp_path / "said.csv").write_text("file,text\na.wav,Boa noite. Apartamento 502!\n", "utf-8")
    options = ("--model", model, "--compare-window", "--window", "6", "--reference", "said.csv")
    status, out, err = ramal(file, *options, "--json")
    assert (status, err) == (0, "")
    full, reduced = json.loads(out)["trials"]
    assert (full["setup"], reduced["setup"]) == ("whisper little, 30 s", "whisper little, 6 s")
    for trial in (full, reduced):
        assert trial["word_error_rate"] == 0.25
        assert trial["takes"][0]["text"] == "boa noite apartamento 501"
    status, out, err = ramal(file, *options)
    assert (status, err) == (0, "")
    assert out.count("boa noite apartamento 501") == 2
    assert out.count("25.0%") == 2


def test_a_channel_is_chosen_and_a_long_recording_heard_to_its_end(
    ramal: Ramal, tmp_path: Path, model: str
) -> None:
    speech = np.tile(say("boa noite"), 300)[: 60 * 16000]
    file = write(tmp_path / "b.flac", np.stack((0 * speech, speech), axis=1), 16000)
    status, out, err = ramal(file, "--model", model, "--window", "8", "--channel", "2", "--json")
    assert (status, err) == (0, "")
    [take] = json.loads(out)["trials"][0]["takes"]
    assert take["seconds"] == 60.0
    assert 3 <= take["text"].count("boa noite apartamento 501") <= 4
    status, _, err = ramal(file, "--model", model, "--channel", "3")
    assert (status, err.count("\n")) == (1, 1)
    assert "there is no channel 3" in err


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("none.wav",), "none.wav cannot be read as audio"),
        (("a.wav", "--engine", "vosk"), "there is no speech recogniser 'vosk'"),
        (("a.wav", "--engine", "builtin", "--compare-window"), "Only whisper has a window"),
        (("a.wav", "--reference", "none.csv"), "none.csv cannot be read as CSV"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    ramal: Ramal, tmp_path: Path, arguments: tuple[str, ...], complaint: str
) -> None:
    write(tmp_path / "a.wav", say("sim"))
    status, out, err = ramal(*arguments)
    assert (status, out) == (1, "")
    assert complaint in err
    assert err.count("\n") == 1


def test_the_help_gives_an_example() -> None:
    from supervisor.cli.commands import app  # noqa: PLC0415

    shown: Any = CliRunner().invoke(app, ["recognise", "--help"])
    assert "ramal recognise calls/*.wav --compare-window" in " ".join(shown.output.split())


def test_long_audio_is_cut_where_it_is_quiet_and_nothing_is_lost() -> None:
    rng = np.random.default_rng(1)
    samples = rng.integers(-9000, 9000, 70 * 8000).astype(np.int16)
    samples[20 * 8000 : 21 * 8000] //= 100
    cut = pieces(samples, 8000)
    assert np.array_equal(np.concatenate(cut), samples)
    assert max(map(len, cut)) <= LONGEST_PIECE_S * 8000
    assert 20 * 8000 < len(cut[0]) < 21 * 8000


def test_a_file_of_8_khz_stays_so_and_music_quality_is_brought_down(tmp_path: Path) -> None:
    narrow = write(tmp_path / "n.wav", say("sim"), 8000)
    wide = write(tmp_path / "w.wav", np.zeros(44100, np.int16), 44100)
    assert read_recording(Path(narrow), 1, 16000).rate_hz == 8000
    recording = read_recording(Path(wide), 1, 16000)
    assert (recording.rate_hz, recording.duration_s) == (16000, pytest.approx(1.0, abs=0.01))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("name;text\n", "no column file"),
        ("file,text\na.wav,sim\nb.wav\n", "line 3: a file and what is said"),
        (",sim\n", "no column file"),
    ],
)
def test_a_bad_reference_is_named_with_its_line(
    tmp_path: Path, content: str, complaint: str
) -> None:
    path = tmp_path / "said.csv"
    path.write_text(content, "utf-8")
    with pytest.raises(RecordingError, match=complaint):
        read_references(path)


@pytest.mark.parametrize(
    ("said", "heard", "wrong"),
    [("a b c", "a b c", 0), ("a b c", "a x c", 1), ("a b c", "", 3), ("", "a", 1), ("a b", "b", 1)],
)
def test_word_errors_are_the_fewest_changes(said: str, heard: str, wrong: int) -> None:
    assert word_errors(said.split(), heard.split()) == wrong
