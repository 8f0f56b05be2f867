import io
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tts.espeak_library import EspeakLibrary, UnusableError
from tts.espeak_messages import (
    HEADER,
    Cancel,
    FrameKind,
    PhonemesRequest,
    Request,
    decode_request,
    encode_frame,
    encode_request,
)
from tts.espeak_program import EspeakProgram
from tts.espeak_worker import Espeak, Inbox, serve

ROOT = Path(__file__).resolve().parents[2]
Frames = list[tuple[int, FrameKind, bytes]]

PROGRAM = f"""#!{sys.executable}
import struct, sys
if "--version" in sys.argv:
    print("eSpeak NG text-to-speech: 1.51  Data at: /nowhere")
    raise SystemExit
sys.path.insert(0, {str(ROOT)!r})
from tts.espeak_library import EspeakLibrary
option = dict(zip(sys.argv[3::2], sys.argv[4::2]))
audio = []
try:
    if "--ipa" in sys.argv:
        tie = "^" if "--tie=^" in sys.argv else ""
        print(EspeakLibrary().phonemes(sys.stdin.read(), option["-v"], tie))
        raise SystemExit
    EspeakLibrary().speak(sys.stdin.read(), option["-v"], int(option["-s"]), int(option["-p"]),
        lambda samples: audio.append(samples.tobytes()) or False)
except ValueError as unknown:
    print(unknown, file=sys.stderr)
    raise SystemExit(1)
header = b"RIFF" + struct.pack("<I", 0x7FFFF024) + b"WAVEfmt "
header += struct.pack("<IHHIIHH", 16, 1, 1, 22050, 44100, 2, 16) + b"data"
sys.stdout.buffer.write(header + struct.pack("<I", 0x7FFFF000) + b"".join(audio))
"""
"""The distribution's program as a stand-in: its options and its header with the false length."""


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EspeakProgram:
    path = tmp_path / "espeak-ng"
    path.write_text(PROGRAM)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return EspeakProgram()


def frames(data: bytes) -> Frames:
    found = []
    while data:
        number, kind, length = HEADER.unpack_from(data)
        found.append((number, FrameKind(kind), data[HEADER.size : HEADER.size + length]))
        data = data[HEADER.size + length :]
    return found


def serve_lines(*messages: Request | PhonemesRequest | Cancel) -> Frames:
    inbox = Inbox(io.BytesIO(b"".join(map(encode_request, messages))))
    inbox.read()
    out = io.BytesIO()
    serve(EspeakLibrary(), inbox, out)
    return frames(out.getvalue())


def test_messages_survive_the_pipe() -> None:
    request = Request(7, 'Olá,\n"você"', "pt-br", 180, 50)
    assert decode_request(encode_request(request)) == request
    assert decode_request(encode_request(Cancel(7))) == Cancel(7)
    assert encode_request(request).count(b"\n") == 1
    assert frames(encode_frame(7, FrameKind.AUDIO, b"ab")) == [(7, FrameKind.AUDIO, b"ab")]


def test_requests_are_answered_in_the_order_they_came() -> None:
    answers = serve_lines(
        Request(1, "Um.", "pt-br", 180, 50), Request(2, "Dois.", "pt-br", 180, 50)
    )
    assert [number for number, kind, _ in answers if kind is FrameKind.END] == [1, 2]
    assert {number for number, kind, _ in answers if kind is FrameKind.AUDIO} == {1, 2}


def test_a_request_cancelled_before_its_turn_makes_no_sound() -> None:
    answers = serve_lines(
        Request(1, "Um.", "pt-br", 180, 50), Request(2, "Dois.", "pt-br", 180, 50), Cancel(2)
    )
    assert [kind for number, kind, _ in answers if number == 2] == [FrameKind.END]


def test_a_refused_request_leaves_the_next_one_alone() -> None:
    answers = serve_lines(Request(1, "Um.", "xx", 180, 50), Request(2, "Dois.", "pt-br", 180, 50))
    assert answers[0][1] is FrameKind.FAILED
    assert b"xx" in answers[0][2]
    assert answers[-1][1] is FrameKind.END


def test_each_clause_gets_its_phonemes() -> None:
    asked = PhonemesRequest(1, ("bom dia", "até já"), "pt-br")
    assert decode_request(encode_request(asked)) == asked
    answers = serve_lines(asked, PhonemesRequest(2, ("jeito",), "xx"))
    assert [(number, kind) for number, kind, _ in answers] == [
        (1, FrameKind.PHONEMES),
        (1, FrameKind.END),
        (2, FrameKind.FAILED),
    ]
    assert json.loads(answers[0][2]) == ["bˈoŋ dʒˈiæ", "atˌɛ ʒˈa"]


@pytest.mark.parametrize("voice", ["en-gb", "en-gb+f2", "fr-fr", "pt-pt"])
def test_the_library_knows_the_voices_that_the_program_knows(voice: str) -> None:
    assert EspeakLibrary().phonemes("casa", voice, "")


@pytest.mark.parametrize("tie", ["", "^"])
def test_the_program_pronounces_like_the_library(program: EspeakProgram, tie: str) -> None:
    by_library = EspeakLibrary().phonemes("bom dia", "pt-br", tie)
    assert program.phonemes("bom dia", "pt-br", tie) == by_library
    assert ("^" in by_library) == bool(tie)
    with pytest.raises(ValueError, match="marciano"):
        program.phonemes("bom dia", "marciano", tie)


def test_a_listener_that_fails_stops_the_library_and_is_heard_of() -> None:
    taken = []

    def take(samples: np.ndarray) -> bool:
        taken.append(samples)
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        EspeakLibrary().speak("Uma frase um pouco mais longa.", "pt-br", 180, 50, take)
    assert len(taken) == 1


def test_the_helper_ends_by_itself_when_its_parent_is_gone() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tts.espeak_worker"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd=ROOT,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0
    assert frames(done.stdout)[0][1] is FrameKind.HELLO


def length_spoken(espeak: Espeak, text: str) -> int:
    blocks: list[np.ndarray] = []

    def take(block: np.ndarray) -> bool:
        blocks.append(block)
        return False

    espeak.speak(text, "pt-br", 180, 50, take)
    return sum(map(len, blocks))


def test_the_program_speaks_like_the_library(program: EspeakProgram) -> None:
    text = "O visitante já pode entrar."
    by_library = length_spoken(EspeakLibrary(), text)
    assert length_spoken(program, text) == pytest.approx(by_library, rel=0.05)
    assert program.rate_hz == 22050
    assert program.description.startswith("eSpeak NG")


def test_the_program_is_stopped_when_nobody_listens_any_more(program: EspeakProgram) -> None:
    blocks: list[np.ndarray] = []

    def take(block: np.ndarray) -> bool:
        blocks.append(block)
        return True

    program.speak("Uma frase um pouco mais longa.", "pt-br", 180, 50, take)
    assert len(blocks) == 1


def test_what_the_program_complains_about_is_passed_on(program: EspeakProgram) -> None:
    with pytest.raises(ValueError, match="marciano"):
        program.speak("Um.", "marciano", 180, 50, lambda block: False)


def test_a_program_that_does_not_run_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "espeak-ng"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnusableError, match="espeak-ng does not run"):
        EspeakProgram()


def test_without_the_program_there_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(UnusableError, match="PATH"):
        EspeakProgram()
