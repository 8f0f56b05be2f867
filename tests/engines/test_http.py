"""A real engines process over its socket: our own API, and OpenAI's with OpenAI's client."""

import asyncio
import io
import os
import stat
from collections.abc import AsyncIterator

import aiohttp
import numpy as np
import openai
import pytest
import pytest_asyncio
import soundfile

from tests.engines.processes import TOKEN, EnginesProcess, engines_process
from tests.engines.servers import in_pieces
from tests.ports import free_ports
from tests.speech import say, silence

TEXT = "Bom dia, com quem o senhor deseja falar?"
SENTENCE = "apartamento quinhentos e um"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engines() -> AsyncIterator[EnginesProcess]:
    async with engines_process(listen=f"http://127.0.0.1:{free_ports(1)[0]}") as running:
        yield running


pytestmark = pytest.mark.asyncio(loop_scope="module")


def client_of(engines: EnginesProcess) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(
        base_url=f"{engines.address.base_url}/v1", api_key=TOKEN, max_retries=0, timeout=30
    )


def loud_s(samples: "np.typing.NDArray[np.int16]", rate_hz: int) -> float:
    return float((np.abs(samples.astype(np.float32)) > 300).sum() / rate_hz)


async def test_a_text_comes_as_chunked_slin_at_the_rate_that_was_asked_for(
    engines: EnginesProcess,
) -> None:
    lengths = {}
    async with engines.session() as session:
        for rate_hz in (8000, 16000):
            asked = {"text": TEXT, "rate_hz": rate_hz}
            async with session.post("/v1/synthesis", json=asked) as answer:
                assert answer.status == 200, await answer.text()
                assert answer.headers["X-Sample-Rate"] == str(rate_hz)
                assert answer.headers["Transfer-Encoding"] == "chunked"
                lengths[rate_hz] = len(await answer.read()) / 2 / rate_hz
    assert 1.5 < lengths[8000] < 5
    assert lengths[16000] == pytest.approx(lengths[8000], rel=0.02)


async def test_without_the_token_nothing_but_the_state_is_told(engines: EnginesProcess) -> None:
    async with aiohttp.ClientSession(engines.address.base_url) as session:
        async with session.post("/v1/synthesis", json={"text": TEXT}) as answer:
            assert answer.status == 401
            assert "Bearer" in (await answer.json())["error"]["message"]
        async with session.get("/metrics") as answer:
            assert answer.status == 401
        async with session.get("/readyz") as answer:
            assert await answer.json() == {"status": "ready", "stt": "builtin", "tts": "espeak"}


async def test_speech_becomes_text_over_a_websocket_with_partial_results_on_the_way(
    engines: EnginesProcess,
) -> None:
    audio = np.concatenate((silence(200), say(SENTENCE), silence(400)))
    messages = []
    async with engines.session() as session, session.ws_connect("/v1/recognition") as socket:

        async def receive() -> None:
            while not messages or messages[-1]["type"] == "partial":
                messages.append(await socket.receive_json())

        receiving = asyncio.create_task(receive())
        await socket.send_json({"type": "start", "language": "pt-BR", "rate_hz": 8000})
        for piece in in_pieces(audio):
            await socket.send_bytes(piece.astype("<i2").tobytes())
            if not any("apartamento" in message["text"] for message in messages):
                await asyncio.sleep(0.05)
        await socket.send_json({"type": "result", "id": 7, "deadline_ms": 20_000})
        await asyncio.wait_for(receiving, 30)
    assert messages[-1]["type"] == "result"
    assert messages[-1]["id"] == 7
    assert messages[-1]["text"] == SENTENCE
    assert messages[-1]["words"][0]["text"] == "apartamento"
    assert any("apartamento" in message["text"] for message in messages[:-1])


async def test_nonsense_is_answered_with_one_sentence(engines: EnginesProcess) -> None:
    async with engines.session() as session:
        for body, said in (
            ({"text": " "}, "is not empty"),
            ({"text": "oi", "rate_hz": 11025}, "8000 or 16000"),
            ({"text": "oi", "speed": "fast"}, "speed is a number"),
            ({"text": "oi", "priority": "urgent"}, "live or background"),
            (["oi"], "JSON object"),
        ):
            async with session.post("/v1/synthesis", json=body) as answer:
                assert answer.status == 400
                assert said in (await answer.json())["error"]["message"]
        async with session.ws_connect("/v1/recognition") as socket:
            await socket.send_bytes(b"\0\0")
            answer_json = await socket.receive_json()
        async with session.ws_connect("/v1/recognition") as socket:
            await socket.send_json({"type": "start"})
            await socket.send_json({"type": "result", "id": [1]})
            assert (await socket.receive_json())["type"] == "failed"
            assert answer_json["type"] == "failed"
            assert "the first message is start" in answer_json["reason"]


async def test_a_deadline_that_cannot_be_met_is_refused_before_any_work(
    engines: EnginesProcess,
) -> None:
    asked = {"text": TEXT * 50, "deadline_ms": 1}
    async with engines.session() as session, session.post("/v1/synthesis", json=asked) as answer:
        assert answer.status in (503, 504)
        said = (await answer.json())["error"]["message"]
        assert "is wanted in 0.00 s" in said or "no sound within 0.00 s" in said


@pytest.mark.parametrize(
    ("wanted", "rate_hz"), [("wav", 16000), ("opus", 16000), ("flac", 16000), ("mp3", 16000)]
)
async def test_openais_client_gets_files(
    engines: EnginesProcess, wanted: str, rate_hz: int
) -> None:
    async with client_of(engines) as client:
        answer = await client.audio.speech.create(
            model="tts-1",
            voice="pt-br",
            input=TEXT,
            response_format=wanted,  # type: ignore[arg-type]
        )
        samples, file_hz = soundfile.read(io.BytesIO(answer.content), dtype="int16")
    assert file_hz == rate_hz
    assert 1 < loud_s(samples, file_hz) < 4


async def test_openais_client_streams_pcm_at_24_khz_and_slin_at_8(
    engines: EnginesProcess,
) -> None:
    lengths = {}
    async with client_of(engines) as client:
        for wanted, rate_hz in (("pcm", 24000), ("slin", 8000)):
            audio = b""
            async with client.audio.speech.with_streaming_response.create(
                model="tts-1",
                voice="pt-br",
                input=TEXT,
                response_format=wanted,  # type: ignore[arg-type]
            ) as answer:
                async for chunk in answer.iter_bytes(960):
                    audio += chunk
            samples = np.frombuffer(audio, "<i2")
            lengths[wanted] = len(samples) / rate_hz
            assert 1 < loud_s(samples, rate_hz) < 4
    assert lengths["pcm"] == pytest.approx(lengths["slin"], rel=0.02)


async def test_openais_client_transcribes_in_every_form(engines: EnginesProcess) -> None:
    file = io.BytesIO()
    audio = np.concatenate((silence(200), say(SENTENCE), silence(400)))
    soundfile.write(file, audio, 8000, format="OGG", subtype="OPUS")
    given = ("visita.ogg", file.getvalue())
    async with client_of(engines) as client:
        made = client.audio.transcriptions.create
        plain = await made(model="whisper-1", file=given, language="pt")
        text = await made(model="whisper-1", file=given, language="pt", response_format="text")
        verbose = await made(
            model="whisper-1", file=given, language="pt", response_format="verbose_json"
        )
    assert plain.text == SENTENCE
    assert text.strip() == SENTENCE
    assert verbose.text == SENTENCE
    assert verbose.duration == pytest.approx(len(audio) / 8000, abs=0.1)
    assert verbose.segments is not None
    assert verbose.segments[0].text == SENTENCE


async def test_a_long_recording_is_recognised_in_pieces(engines: EnginesProcess) -> None:
    file = io.BytesIO()
    audio = np.concatenate([part for _ in range(14) for part in (say(SENTENCE), silence(1500))])
    soundfile.write(file, audio, 8000, format="WAV")
    async with client_of(engines) as client:
        heard = await client.audio.transcriptions.create(
            model="whisper-1", file=("l.wav", file.getvalue()), response_format="verbose_json"
        )
    assert len(audio) / 8000 > 30
    assert heard.segments is not None
    assert len(heard.segments) > 1
    assert heard.text.split().count("quinhentos") == 14


async def test_openais_client_has_the_text_of_each_piece_as_it_is_recognised(
    engines: EnginesProcess,
) -> None:
    file = io.BytesIO()
    audio = np.concatenate([part for _ in range(9) for part in (say(SENTENCE), silence(1500))])
    soundfile.write(file, audio, 8000, format="WAV")
    async with client_of(engines) as client:
        events = [
            event
            async for event in await client.audio.transcriptions.create(
                model="whisper-1", file=("l.wav", file.getvalue()), stream=True
            )
        ]
        with pytest.raises(openai.BadRequestError, match="no audio that can be read"):
            await client.audio.transcriptions.create(
                model="whisper-1", file=("a.wav", b"hello"), stream=True
            )
    *deltas, done = events
    assert done.type == "transcript.text.done"
    assert len(deltas) > 1
    assert "".join(getattr(event, "delta", "") for event in deltas) == done.text
    assert done.text.split().count("quinhentos") == 9


async def test_what_is_no_audio_is_refused_in_openais_form(engines: EnginesProcess) -> None:
    async with client_of(engines) as client:
        with pytest.raises(openai.BadRequestError, match="no audio that can be read"):
            await client.audio.transcriptions.create(model="whisper-1", file=("a.wav", b"hello"))
        with pytest.raises(openai.BadRequestError, match="response_format is one of"):
            await client.audio.speech.create(
                model="tts-1", voice="pt-br", input=TEXT, response_format="aac"
            )


async def test_what_was_asked_is_counted(engines: EnginesProcess) -> None:
    async with engines.session() as session:
        async with session.post("/v1/synthesis", json={"text": TEXT}) as answer:
            await answer.read()
        async with session.get("/metrics") as answer:
            figures = await answer.text()
    assert 'ramal_engine_requests_total{kind="tts",outcome="done",priority="live"}' in figures
    assert 'ramal_engine_waiting{kind="stt"} 0.0' in figures


async def test_a_unix_socket_is_for_its_owner_alone_and_closes_with_sigterm() -> None:
    async with engines_process("--kind", "tts", RAMAL_ENGINES__TTS__PROCESSES="1") as running:
        path = str(running.address.path)
        assert stat.S_IMODE((await asyncio.to_thread(os.stat, path)).st_mode) == 0o600
        async with running.session() as session:
            async with session.post("/v1/synthesis", json={"text": TEXT}) as answer:
                assert answer.status == 200
                assert await answer.read()
            async with session.get("/v1/recognition") as answer:
                assert answer.status == 404
        running.process.terminate()
        assert await asyncio.wait_for(running.process.wait(), 20) == os.EX_OK
