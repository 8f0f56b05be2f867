"""Recognition over the wire: partial texts, other servers, and OpenAI's form of it."""

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest
import pytest_asyncio
from aiohttp import web

from engines.openai_recogniser import OpenAiRecogniser
from engines.origins import Origins
from engines.remote_recogniser import RecognitionFailedError, RemoteRecogniser
from stt.recogniser import Hints, Recogniser
from stt.vad import Samples
from tests.engines.processes import TOKEN, EnginesProcess, engines_process
from tests.engines.servers import answering, hanging, in_pieces
from tests.ports import free_ports
from tests.speech import say, silence

SENTENCE = "apartamento quinhentos e um"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engines() -> AsyncIterator[EnginesProcess]:
    address = f"http://127.0.0.1:{free_ports(1)[0]}"
    async with engines_process("--kind", "stt", listen=address) as running:
        yield running


pytestmark = pytest.mark.asyncio(loop_scope="module")


def utterance(text: str = SENTENCE) -> Samples:
    return np.concatenate((silence(200), say(text), silence(400)))


async def hears(recogniser: Recogniser, audio: Samples) -> str:
    stream = recogniser.stream("pt-BR", Hints())
    stream.feed(audio)
    try:
        return (await stream.result()).text
    finally:
        await stream.close()


async def test_words_and_partial_texts_come_from_the_server(engines: EnginesProcess) -> None:
    remote = RemoteRecogniser(Origins.of_engines([str(engines.address)], TOKEN), patience_s=10)
    stream = remote.stream("pt-BR", Hints(("quinhentos e um",)))
    pieces = in_pieces(utterance())
    stream.feed(next(pieces))
    for piece in pieces:
        stream.feed(piece)
        if not stream.partial.text:
            await asyncio.sleep(0.05)
    partial = stream.partial.text
    transcript = await stream.result()
    assert transcript.text == SENTENCE
    assert transcript.final
    assert [word.text for word in transcript.words] == SENTENCE.split()
    assert partial
    assert partial != SENTENCE
    stream.reset()
    stream.feed(utterance("bom dia"))
    assert (await stream.result()).text == "bom dia"
    await stream.close()
    await remote.close()


async def test_more_speech_after_a_result_is_part_of_the_next_one(
    engines: EnginesProcess,
) -> None:
    remote = RemoteRecogniser(Origins.of_engines([str(engines.address)], TOKEN), patience_s=10)
    stream = remote.stream("pt-BR", Hints())
    stream.feed(utterance("bom dia"))
    assert (await stream.result()).text == "bom dia"
    given_up = asyncio.create_task(stream.result())
    await asyncio.sleep(0)
    given_up.cancel()
    stream.feed(utterance())
    assert (await stream.result()).text == f"bom dia {SENTENCE}"
    await stream.close()
    await remote.close()


async def test_another_server_hears_the_whole_utterance_again(engines: EnginesProcess) -> None:
    dead = f"http://127.0.0.1:{free_ports(1)[0]}"
    async with hanging() as mute:
        for bad in (dead, mute):
            origins = Origins.of_engines([bad, str(engines.address)], TOKEN)
            remote = RemoteRecogniser(origins, patience_s=8)
            assert await hears(remote, utterance()) == SENTENCE
            await remote.close()


async def test_a_wrong_token_is_told(engines: EnginesProcess) -> None:
    origins = Origins.of_engines([str(engines.address)], "another token than that")
    remote = RemoteRecogniser(origins, patience_s=5)
    with pytest.raises(RecognitionFailedError, match="401"):
        await hears(remote, utterance())
    await remote.close()


async def test_any_server_that_speaks_openais_api_recognises(engines: EnginesProcess) -> None:
    dead = f"http://127.0.0.1:{free_ports(1)[0]}/v1"
    origins = Origins.of_urls([dead, f"{engines.address.base_url}/v1"], TOKEN)
    recogniser = OpenAiRecogniser(origins, patience_s=10)
    assert await hears(recogniser, utterance()) == SENTENCE
    assert await hears(recogniser, silence(50)) == ""
    await recogniser.close()


async def test_openais_punctuation_and_capitals_are_taken_off_and_its_errors_told() -> None:
    asked = []

    async def answer(request: web.Request) -> web.Response:
        form = await request.post()
        asked.append((form["model"], form["language"], form.get("prompt")))
        if len(asked) > 1:
            return web.json_response({"error": {"message": "no quota left"}}, status=429)
        return web.json_response({"text": "Apartamento 501, por favor."})

    async with answering(answer, "/v1/audio/transcriptions") as address:
        recogniser = OpenAiRecogniser(Origins.of_urls([f"{address}/v1"], "sk"), patience_s=20)
        stream = recogniser.stream("pt-BR", Hints(("Souza", "Lima")))
        stream.feed(utterance())
        assert (await stream.result()).text == "apartamento 501 por favor"
        with pytest.raises(RecognitionFailedError, match="429: no quota left"):
            await stream.result()
        await recogniser.close()
    assert asked[0] == ("whisper-1", "pt", "Souza, Lima")


async def test_an_openai_server_that_hangs_costs_no_more_than_our_patience() -> None:
    async with hanging() as address:
        recogniser = OpenAiRecogniser(Origins.of_urls([f"{address}/v1"], None), patience_s=0.2)
        async with asyncio.timeout(20):  # 0.2 s, and whatever the machine is short of
            with pytest.raises(RecognitionFailedError):
                await hears(recogniser, utterance())
        await recogniser.close()
