"""`ramal call`: one call, its report, its recording, and one sentence for what goes wrong."""

import asyncio
import json
import socket
import struct
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from audiosocket.wav import read_wav, write_wav
from stt.builtin.recogniser import BuiltinRecogniser
from supervisor.callers.address import Address, parse_address
from supervisor.callers.call import place_call, steps_of, write_recording
from supervisor.callers.script import PersonScript
from supervisor.callers.steps import Listen, Play, Press, Say, StayOnLine
from supervisor.callers.transcribing import contains
from supervisor.errors import OperatorError
from tests.callers.scripted_agent import Manners, scripted_agent, tone
from tts.cache import PromptCache
from tts.espeak import EspeakEngine, espeak_voice
from tts.speaker import Speaker

RAMAL = "from supervisor.cli import main; main()"


@asynccontextmanager
async def speaking() -> AsyncIterator[Speaker]:
    engine = EspeakEngine()
    speaker = Speaker(engine, PromptCache())
    try:
        yield speaker
    finally:
        await speaker.close()
        await engine.close()


def test_what_is_no_key_is_refused_before_the_call() -> None:
    with pytest.raises(OperatorError, match="not keys of a telephone"):
        steps_of([], [], "5x", 1)


async def test_a_call_speaks_hears_and_reports_as_json(tmp_path: Path) -> None:
    async with speaking() as speaker:
        prompt = b"".join(
            [c async for c in speaker.speak("A entrada foi autorizada.", espeak_voice())]
        )
        manners = Manners(answers=[np.frombuffer(prompt, np.int16)])
        recogniser = await BuiltinRecogniser.open()
        async with scripted_agent(manners) as (port, calls):
            person = PersonScript(steps=steps_of(["Boa tarde."], [], "5", 10))
            report = await place_call(
                Address("127.0.0.1", port), person, speaker, recogniser=recogniser
            )
        await recogniser.close()
    document = json.loads(json.dumps(report.document()))
    assert [said["text"] for said in document["said"]] == ["Boa tarde."]
    assert document["said"][0]["voice_to_voice_ms"] >= 200
    assert document["first_frame_ms"] <= document["greeting_ms"]
    assert contains(document["heard"][-1]["text"], ("autoriz", "entrada"))
    assert document["call_id"] == str(calls[0].connection.call_id)
    write_recording(report.leg, tmp_path / "new" / "call.wav")
    samples, rate_hz = read_wav(tmp_path / "new" / "call.wav")
    assert (samples.shape[1], rate_hz) == (2, 8000)
    assert samples.shape[0] == pytest.approx(document["duration_s"] * 8000, rel=0.1)


async def test_a_file_is_played_at_the_telephones_rate(tmp_path: Path) -> None:
    write_wav(tmp_path / "speech.wav", np.repeat(tone(0.5, 300), 2), 16000)
    async with speaking() as speaker, scripted_agent(Manners()) as (port, calls):
        person = PersonScript(steps=steps_of([], [tmp_path / "speech.wav"], "", 5))
        await place_call(Address("127.0.0.1", port), person, speaker)
        heard = np.concatenate(calls[0].heard)
    loud = np.flatnonzero(np.abs(heard) > 1000)
    assert (loud[-1] - loud[0]) / 8000 == pytest.approx(0.5, abs=0.03)


def test_each_thing_to_do_follows_a_turn_of_the_other_side() -> None:
    steps = steps_of(["Oi"], [Path("a.wav")], "1", 3)
    kinds = [type(step) for step in steps]
    assert kinds == [Listen, Say, Listen, Play, Listen, Press, StayOnLine]


async def test_a_server_that_speaks_something_else_is_named() -> None:
    async def http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    await fails(http, "answers, but not in AudioSocket")


async def test_a_server_that_says_nothing_is_named() -> None:
    async def closes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.close()

    await fails(closes, "takes the call but sends no audio")


async def test_nobody_at_the_address_is_one_sentence() -> None:
    async with scripted_agent(Manners()) as (port, _):
        pass
    async with speaking() as speaker:
        with pytest.raises(OperatorError, match=f"Nobody answers at 127.0.0.1:{port} "):
            await place_call(Address("127.0.0.1", port), PersonScript(), speaker)


@pytest.mark.parametrize("text", ["127.0.0.1", "host:", "host:0", "host:70000", "host:¹²"])
def test_what_is_no_address_is_answered_with_an_example(text: str) -> None:
    with pytest.raises(OperatorError, match=r"write HOST:PORT, such as 127\.0\.0\.1:9101"):
        parse_address(text)


@pytest.mark.parametrize(
    ("text", "address", "here"),
    [
        ("127.0.0.1:9101", Address("127.0.0.1", 9101), True),
        (":9101", Address("127.0.0.1", 9101), True),
        ("localhost:9101", Address("localhost", 9101), True),
        ("[::1]:9101", Address("::1", 9101), True),
        ("10.0.0.9:9101", Address("10.0.0.9", 9101), False),
        ("pbx.example:9101", Address("pbx.example", 9101), False),
    ],
)
def test_an_address_says_whether_it_is_this_machine(
    text: str, address: Address, here: bool
) -> None:
    assert parse_address(text) == address
    assert parse_address(text).is_loopback is here


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("a entrada não foi autorizada", ("AUTORIZ",), True),
        ("a entrada nao foi autorizada", ("não foi",), True),
        ("bom dia", ("boa", "dia"), True),
        ("bom dia", ("noite",), False),
        ("", (), True),
    ],
)
def test_words_are_found_whatever_their_case_and_accents(
    text: str, words: tuple[str, ...], found: bool
) -> None:
    assert contains(text, words) is found


async def fails(
    server: Callable[[asyncio.StreamReader, asyncio.StreamWriter], object], sentence: str
) -> None:
    listening = await asyncio.start_server(server, "127.0.0.1", 0)  # type: ignore[arg-type]
    port = listening.sockets[0].getsockname()[1]
    async with speaking() as speaker, listening:
        with pytest.raises(OperatorError, match=sentence):
            person = PersonScript(steps=steps_of([], [], "", 2))
            await place_call(Address("127.0.0.1", port), person, speaker)


@pytest.mark.parametrize(("abruptly", "status"), [(True, 1), (False, 0)])
async def test_a_call_that_is_lost_is_told_by_the_exit_status(abruptly: bool, status: int) -> None:
    async def end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(19 + 323)  # the UUID and a frame of audio
        writer.write(b"\x10\x01\x40" + bytes(320))
        await reader.readexactly(323)
        if abruptly:
            reset = struct.pack("ii", 1, 0)  # no lingering: closing breaks the connection
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
            writer.transport.abort()
        else:
            writer.write(b"\x00\x00\x00")
            await reader.read()
            writer.close()

    server = await asyncio.start_server(end, "127.0.0.1", 0)
    async with server:
        target = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        calling = await asyncio.create_subprocess_exec(
            sys.executable, "-c", RAMAL, "call", target, "--stay", "5", "--json",
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        told, _ = await asyncio.wait_for(calling.communicate(), 60)
    assert calling.returncode == status
    assert json.loads(told)["ended_by"] == ("lost" if abruptly else "peer_hangup")
