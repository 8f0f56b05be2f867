"""Speech over the wire: whole, cancelled, refused, late, and from the next server."""

import asyncio
from contextlib import aclosing
from dataclasses import replace

import numpy as np
import pytest
from aiohttp import web

from engines.origins import Origins
from engines.remote_speech import OpenAiSpeech, RemoteSpeech
from tests.engines.servers import answering, hanging, speaking, until
from tests.ports import free_ports
from tests.tts.fakes import SteppedEngine, slin
from tests.tts.hearing import collect
from tts.engine import EngineBusyError, SynthesisError, in_background
from tts.espeak import EspeakEngine, espeak_voice

VOICE = espeak_voice()


def client_of(*addresses: str, patience_s: float = 5.0) -> RemoteSpeech:
    origins = Origins.of_engines(addresses, None)
    return RemoteSpeech(origins, first_sound_s=patience_s, stall_s=patience_s)


def likeness(one: bytes, other: bytes) -> float:
    """Correlation of loudness: espeak-ng never makes quite the same sound twice."""
    length = min(len(one), len(other)) // 640 * 640
    pair = [np.frombuffer(each[:length], "<i2").astype(np.float32) for each in (one, other)]
    loudness = [np.sqrt((each.reshape(-1, 320) ** 2).mean(axis=1)) for each in pair]
    return float(np.corrcoef(*loudness)[0, 1])


async def test_what_comes_over_the_socket_is_what_the_engine_made() -> None:
    async with speaking(EspeakEngine()) as (address, _):
        client, local = client_of(address), EspeakEngine()
        for rate_hz in (8000, 16000):
            voice = replace(VOICE, rate_hz=rate_hz, speed=1.2)
            theirs = await collect(client.synthesise("Pode entrar.", voice))
            ours = await collect(local.synthesise("Pode entrar.", voice))
            assert len(theirs) == pytest.approx(len(ours), rel=0.02)
            assert likeness(theirs, ours) > 0.95
        await client.close()
        await local.close()


async def test_leaving_in_mid_text_ends_the_work_on_the_other_side() -> None:
    engine = SteppedEngine(running=True)
    async with speaking(engine) as (address, served):
        engine._running = False
        client = client_of(address)
        async with aclosing(client.synthesise("um dois três quatro", VOICE)) as chunks:
            engine.permit()
            assert await anext(chunks) == slin("um")
            assert served.speaking.running == 1
        await until(
            lambda: engine.cancelled == ["um dois três quatro"] and not served.speaking.running
        )
        await client.close()


async def test_a_live_text_goes_before_those_made_ahead_which_are_refused_when_late() -> None:
    engine = SteppedEngine(running=True)
    async with speaking(engine, at_once=1) as (address, served):
        engine._running = False
        engine.begun.clear()
        client = client_of(address)
        with in_background():
            ahead = [
                asyncio.create_task(collect(client.synthesise(text, VOICE)))
                for text in ("ontem ontem", "hoje hoje")
            ]
        await until(lambda: engine.begun == ["ontem ontem"])
        live = asyncio.create_task(collect(client.synthesise("agora agora", VOICE)))
        await until(lambda: served.speaking.is_wanted_live)
        engine.permit(2)  # the first piece of yesterday, after which it gives way; then ours
        await until(lambda: engine.begun == ["ontem ontem", "agora agora"])
        engine.go_on()
        assert await live == slin("agora") * 2
        assert [await each for each in ahead] == [slin("ontem") * 2, slin("hoje") * 2]
        assert engine.begun == ["ontem ontem", "agora agora", "hoje hoje"]
        await client.close()


async def test_the_next_server_is_asked_where_one_is_away_and_the_dead_one_last_from_then_on() -> (
    None
):
    dead = f"http://127.0.0.1:{free_ports(1)[0]}"
    async with speaking(EspeakEngine()) as (address, _):
        client = client_of(dead, address)
        assert await collect(client.synthesise("Pode entrar.", VOICE))
        assert await client.start() == f"{address}, {dead}"
        await client.close()


async def test_a_server_that_hangs_costs_no_more_than_our_patience() -> None:
    async with hanging() as address:
        client = client_of(address, patience_s=0.2)
        async with asyncio.timeout(20):  # 0.2 s, and whatever the machine is short of
            with pytest.raises(SynthesisError):
                await collect(client.synthesise("Pode entrar.", VOICE))
        await client.close()


async def test_a_server_that_hangs_leaves_time_for_the_next_one() -> None:
    async with hanging() as mute, speaking(EspeakEngine()) as (address, _):
        client = client_of(mute, address, patience_s=4)
        assert await collect(client.synthesise("Pode entrar.", VOICE))
        await client.close()


async def test_a_server_without_a_place_is_busy_and_not_broken() -> None:
    async def refuse(_: web.Request) -> web.Response:
        return web.json_response({"error": {"message": "64 requests wait already"}}, status=503)

    async with answering(refuse) as address:
        client = client_of(address)
        with pytest.raises(EngineBusyError, match="64 requests wait already"):
            await collect(client.synthesise("Pode entrar.", VOICE))
        await client.close()


async def test_sound_that_breaks_off_is_told_from_sound_that_ends() -> None:
    async def break_off(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(slin("um"))
        assert request.transport is not None
        request.transport.close()
        return answer

    async with answering(break_off) as address:
        client = client_of(address)
        chunks = client.synthesise("um dois", VOICE)
        assert await anext(chunks) == slin("um")
        with pytest.raises(SynthesisError, match="broke off"):
            await anext(chunks)
        await client.close()


async def test_openais_24_khz_become_the_lines_rate_in_small_even_pieces() -> None:
    asked = []
    tone = np.sin(np.arange(24000) * 2 * np.pi * 440 / 24000) * 10000

    async def speak(request: web.Request) -> web.StreamResponse:
        asked.append((request.headers["Authorization"], await request.json()))
        answer = web.StreamResponse()
        await answer.prepare(request)
        audio = tone.astype("<i2").tobytes()
        for at in range(0, len(audio), 961):  # samples are cut in two on the way
            await answer.write(audio[at : at + 961])
            await asyncio.sleep(0.001)
        return answer

    async with answering(speak, "/v1/audio/speech") as address:
        origins = Origins.of_urls([f"{address}/v1"], "sk-test")
        client = OpenAiSpeech(origins, first_sound_s=20, stall_s=20, voice="nova")
        chunks = [chunk async for chunk in client.synthesise("Olá.", VOICE)]
        await client.close()
    audio = np.frombuffer(b"".join(chunks), "<i2").astype(np.float64)
    assert len(audio) == pytest.approx(8000, abs=20)
    assert max(len(chunk) for chunk in chunks) <= 4096 // 3 + 2
    spectrum = np.abs(np.fft.rfft(audio[800:]))
    assert np.fft.rfftfreq(len(audio[800:]), 1 / 8000)[spectrum.argmax()] == pytest.approx(
        440, 0.01
    )
    [(token, body)] = asked
    assert token == "Bearer sk-test"
    assert (body["voice"], body["model"], body["response_format"]) == ("nova", "tts-1", "pcm")
