"""`ramal demo` from end to end: real processes, database, audio and recognition."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import psutil
import pytest
from matplotlib import image
from rich.console import Console

from audiosocket.wav import read_wav
from supervisor.callers.speech import speech_for
from supervisor.callers.steps import Say
from supervisor.demo.choosing import DEFAULT_SCENARIO, load_scenario, scenario_names
from supervisor.demo.run import run_demo
from supervisor.demo.show import Show
from supervisor.demo.stage import only_one
from supervisor.errors import OperatorError
from supervisor.simulation.stage import VOICE_SPEED
from tests.demo.test_timeline import columns_of
from tts.cache import PromptCache
from tts.engine import SynthesisError, Voice
from tts.espeak import espeak_voice
from tts.speaker import Speaker

pytestmark = pytest.mark.slow

RAMAL = (
    *(sys.executable, "-c"),
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from supervisor.cli import main; main()",
)
"""Hears Ctrl-C although the tests run in the background, where a shell has it ignored."""
ROOT = Path(__file__).parents[2]
TOGETHER = [
    ("denied-visit", "reception"),
    ("interruption",),
    ("noisy-street",),
    ("resident-talks", "message"),
    ("no-answer", "silent-visitor", "unknown-apartment"),
]
PIECE = 2400
WALKS_AWAY = """
name: walks-away
title: A visitor who leaves after the greeting
visitor:
  steps: [listen, hang_up]
expected:
  outcome: [authorised]
"""


def ramal(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "80"}
    return subprocess.Popen(
        [*RAMAL, *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finished(process: subprocess.Popen[str], limit_s: float = 100) -> tuple[str, str]:
    try:
        return process.communicate(timeout=limit_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise


def read_until(process: subprocess.Popen[str], words: str) -> str:
    """What was printed up to the line with ``words``."""
    assert process.stdout is not None
    out = ""
    while words not in out:
        line = process.stdout.readline()
        assert line, f"the demo ended without {words!r}: {out}"
        out += line
    return out


class Mute:
    """An engine that must not be asked: what is spoken has to be in the cache."""

    name = "espeak"

    async def start(self) -> str:
        return "mute"

    async def synthesise(self, text: str, voice: Voice) -> AsyncGenerator[bytes, None]:
        raise SynthesisError(f"{text!r} was not said in this demo")
        yield b""

    async def close(self) -> None:
        pass


async def spoken(text: str, voice: Voice, cache: Path) -> npt.NDArray[np.int16]:
    """What a demo said, from its cache: espeak-ng never says anything twice the same way."""
    speaker = Speaker(Mute(), PromptCache(cache))
    speech = await speech_for([Say(text)], speaker, voice)
    await speaker.close()
    return speech[text]


def likeness(channel: npt.NDArray[np.int16], speech: npt.NDArray[np.int16]) -> float:
    """How well ``speech`` is found in a channel: the median over its pieces of 0.3 s.

    Each piece may lie anywhere: a busy machine delays frames, but changes none.
    """
    pieces = speech[: speech.size // PIECE * PIECE].reshape(-1, PIECE).astype(float)
    return float(np.median([_best_match(channel.astype(float), piece) for piece in pieces]))


def _best_match(heard: npt.NDArray[np.float64], wanted: npt.NDArray[np.float64]) -> float:
    size = 1 << (heard.size + wanted.size).bit_length()
    match = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(wanted, size)), size)
    energy = np.convolve(heard**2, np.ones(wanted.size), "valid")
    norms = np.sqrt(np.maximum(energy, 1e6) * (wanted**2).sum())
    return float((match[: energy.size] / norms).max())


async def test_the_command_runs_a_whole_visit_and_leaves_its_recording_and_picture(
    tmp_path: Path,
) -> None:
    out, errors = finished(process := ramal(tmp_path, "demo", "--json"))
    assert process.returncode == 0, errors
    document = json.loads(out)
    assert document["passed"] is True
    assert document["visit"]["outcome"] == "authorised"
    assert document["visit"]["data"]["company"].lower() == "loggi"
    speakers = {(line["leg"], line["speaker"]) for line in document["conversation"]}
    assert speakers == {
        *[("visitor", "visitor"), ("visitor", "agent")],
        *[("resident", "resident"), ("resident", "agent")],
    }
    await the_recording_holds_what_was_said(tmp_path / "var/demo/call.wav", document)
    the_picture_shows_every_lane(tmp_path / "var/demo/timeline.png")


async def the_recording_holds_what_was_said(path: Path, document: dict[str, Any]) -> None:
    samples, rate_hz = read_wav(path)
    assert (samples.shape[1], rate_hz) == (2, 8000)
    assert samples.shape[0] / rate_hz == pytest.approx(document["duration_s"], abs=1.0)
    lines = document["conversation"]
    visitor = next(line["text"] for line in lines if line["speaker"] == "visitor")
    greeting = next(line["text"] for line in lines if line["speaker"] == "agent")
    person = load_scenario(DEFAULT_SCENARIO).visitor
    voice = espeak_voice(person.voice, speed=person.speed, pitch=person.pitch)
    ours = await spoken(visitor, voice, path.parent / "voices")
    theirs = await spoken(greeting, espeak_voice(speed=VOICE_SPEED), path.parent / "prompts")
    left, right = samples[:, 0], samples[:, 1]
    assert likeness(left, ours) > 0.9
    assert likeness(right, theirs) > 0.9
    assert likeness(right, ours) < 0.8


def the_picture_shows_every_lane(path: Path) -> None:
    pixels = image.imread(path)
    for colour in ("#2563a8", "#c2570c", "#a0781a", "#6b3fa0"):
        assert columns_of(pixels, colour).size > 10


@pytest.mark.parametrize("names", TOGETHER, ids=" ".join)
async def test_every_scenario_ends_as_it_says(
    names: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Those that are mostly waiting go on at the same time, each with a server of its own."""
    base = tmp_path_factory.getbasetemp()
    runs = [
        run_demo(load_scenario(name), base / f"demo-{place}", Show(Console(quiet=True)))
        for place, name in enumerate(names)
    ]
    for result in await asyncio.gather(*runs):
        assert [check for check in result.checks if not check.met] == []
        assert all(path.stat().st_size > 10_000 for path in result.files.values())
        if result.scenario.name == "interruption":
            assert result.told.visitor_figures.barge_in_ms


def test_no_scenario_is_left_out() -> None:
    tested = {name for names in TOGETHER for name in names}
    assert tested | {DEFAULT_SCENARIO} == set(scenario_names())


def test_a_server_that_is_kept_answers_until_ctrl_c_and_the_visit_decides_the_status(
    tmp_path: Path,
) -> None:
    (tmp_path / "walks-away.yaml").write_text(WALKS_AWAY)
    process = ramal(tmp_path, "demo", "--keep", "--scenario", "walks-away.yaml")
    out = read_until(process, "ramal extension list")
    [(key, url)] = re.findall(r"Bearer (\S+)' (\S+)", out)
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {key}"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        [visit] = json.load(answer)["items"]
    assert visit["outcome"] == "left"
    os.killpg(process.pid, signal.SIGINT)
    finished(process, 30)
    assert process.returncode == 1
    assert "✗ the visit log says authorised (found: left)" in out
    shown = [line for line in out.splitlines() if not line.startswith("  ")]
    assert max(map(len, shown)) <= 80


def test_ctrl_c_leaves_nothing_running(tmp_path: Path) -> None:
    process = ramal(tmp_path, "demo")
    read_until(process, "up after")
    helpers = psutil.Process(process.pid).children(recursive=True)
    postmaster = int((tmp_path / "var/demo/postgres/data/postmaster.pid").read_text().split()[0])
    assert helpers
    os.killpg(process.pid, signal.SIGINT)
    finished(process, 30)
    assert process.returncode == 130
    _, alive = psutil.wait_procs(helpers, timeout=5)
    assert [one for one in alive if one.status() != psutil.STATUS_ZOMBIE] == []
    assert not psutil.pid_exists(postmaster) or (
        psutil.Process(postmaster).status() == psutil.STATUS_ZOMBIE
    )


def test_an_unknown_scenario_is_one_sentence(tmp_path: Path) -> None:
    _, errors = finished(process := ramal(tmp_path, "demo", "--scenario", "picnic"))
    assert process.returncode == 1
    assert errors.startswith('ramal: There is no scenario "picnic"; choose one of')
    assert len(errors.splitlines()) == 1


def test_a_second_demo_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    refused = pytest.raises(OperatorError, match="Another demo is running in")
    with only_one(tmp_path), refused, only_one(tmp_path):
        pass
    with only_one(tmp_path):
        pass
