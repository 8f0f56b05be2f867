"""XTTS as a deployment of two replicas: streams, cloned voices, and one that loses its GPU."""

import asyncio
import io
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import aiohttp
import numpy as np
import pytest
import pytest_asyncio
import soundfile

pytest.importorskip("ray", reason="the ray extra is not installed")

from engines.origins import Origins
from engines.remote_speech import RemoteSpeech
from engines.resuming import BACK_MS
from supervisor.cluster.application import assembled
from supervisor.cluster.settings import ClusterSettings
from tests.cluster.narrow_voices import NarrowVoices
from tests.cluster.nodes import Node, served_on
from tests.engines.lost_gpu import FAULT
from tests.engines.processes import TOKEN
from tests.supervisor.serving import eventually
from tests.tts.hearing import collect, samples
from tests.tts.tiny_xtts import SPEAKERS, tiny_engine
from tts.cloning import REFERENCE_HZ, cloned_name, digest_of
from tts.engine import Voice
from tts.xtts.engine import XttsEngine

VOICE = Voice("remote", SPEAKERS[1], "pt-BR")
TEXT = "Boa noite. Aqui é da portaria."
LONG = "Um momento, por favor. " * 60
STREAMS = 4
HEADERS = {"Authorization": f"Bearer {TOKEN}"}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.asyncio(loop_scope="module"),
]


@pytest.fixture(scope="module")
def fault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The file that the replica which finds it loses its GPU by."""
    with pytest.MonkeyPatch.context() as patch:
        file = tmp_path_factory.mktemp("gpu") / "fault"
        patch.setenv(FAULT, str(file))
        yield file


@pytest.fixture(scope="module")
def node(tiny_folder: Path, fault: Path) -> Iterator[Node]:
    xtts = {"model": str(tiny_folder), "threads": 1, "streams": STREAMS}
    settings = ClusterSettings.model_validate(
        {
            "stt": None,
            "tts": {"engine": "xtts", "xtts": xtts},
            "gateways": {"at_once": 100, "cpus": 0.1},
            "speaking": {"least": 2, "at_once": STREAMS, "cpus": 0.1},
            "patience": {"result_s": 30, "first_sound_s": 30, "next_sound_s": 30},
        }
    )
    with served_on(1, assembled(settings, TOKEN, NarrowVoices)) as [head]:
        yield head


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def direct(tiny_folder: Path) -> AsyncIterator[XttsEngine]:
    """The same model in this process."""
    async with tiny_engine(tiny_folder) as engine:
        yield engine


@pytest_asyncio.fixture(loop_scope="module")
async def remote(node: Node) -> AsyncIterator[RemoteSpeech]:
    async def latents(voice: Voice) -> bytes | None:
        return voice.latents

    origins = Origins.of_engines([node.address], TOKEN)
    speech = RemoteSpeech(origins, first_sound_s=30, stall_s=30, latents=latents)
    yield speech
    await speech.close()


def assert_alike(heard: bytes, said: bytes) -> None:
    assert len(heard) == len(said)
    assert np.abs(samples(heard).astype(int) - samples(said)).max() <= 2


async def test_it_says_what_the_model_says_to_several_at_once(
    node: Node, remote: RemoteSpeech, direct: XttsEngine
) -> None:
    async with aiohttp.ClientSession(node.address, headers=HEADERS) as client:
        async with client.get("/readyz") as answer:
            assert await answer.json() == {"status": "ready", "stt": None, "tts": "xtts"}
        async with client.get("/v1/voices") as answer:
            assert await answer.json() == {"engine": "xtts", "voices": list(SPEAKERS)}
    voices = [replace(VOICE, name=SPEAKERS[number % 2]) for number in range(STREAMS)]
    texts = [f"{TEXT} Até logo." if number < 2 else TEXT for number in range(STREAMS)]
    asked = list(zip(texts, voices, strict=True))
    heard = await asyncio.gather(*(collect(remote.synthesise(*each)) for each in asked))
    for each, (text, voice) in zip(heard, asked, strict=True):
        said = await collect(direct.synthesise(text, replace(voice, engine="xtts")))
        assert_alike(each, said)


async def test_sound_comes_as_it_is_made_and_the_work_ends_when_nobody_listens(
    node: Node, remote: RemoteSpeech
) -> None:
    async with aclosing(remote.synthesise(LONG, VOICE)) as chunks:
        assert await anext(chunks)
        assert await running_at(node) == 1  # which it is until the last sound was made
    await eventually(lambda: running_at(node), lambda running: running == 0)
    before_s = computed_s(node)
    await asyncio.sleep(1.0)
    assert computed_s(node) - before_s < 0.5, "somebody goes on with the text"


async def test_a_voice_is_cloned_there_and_speaks_at_every_replica(
    node: Node, remote: RemoteSpeech, direct: XttsEngine
) -> None:
    noise = np.random.default_rng(2).standard_normal(3 * REFERENCE_HZ) * 0.1
    file = io.BytesIO()
    soundfile.write(file, noise, REFERENCE_HZ, format="FLAC")
    async with aiohttp.ClientSession(node.address, headers=HEADERS) as client:
        async with client.post("/v1/voices", data=file.getvalue()) as answer:
            assert answer.status == 200, await answer.text()
            latents = await answer.read()
        digest = digest_of(latents)
        asked = {"text": TEXT, "voice": cloned_name("1"), "version": digest, "language": "pt-BR"}
        async with client.post("/v1/synthesis", json=asked) as answer:
            assert answer.status == 200, await answer.text()
            first = await answer.read()
        async with client.delete(f"/v1/voices/{digest}") as answer:
            assert answer.status == 204
        async with client.post("/v1/synthesis", json=asked) as answer:
            assert answer.status == 424, "gateways forget"
    voice = replace(VOICE, name=cloned_name("1"), version=digest, latents=latents)
    said = await collect(direct.synthesise(TEXT, replace(voice, engine="xtts")))
    assert_alike(first, said)
    # at once, so that both replicas have some
    both = await asyncio.gather(*(collect(remote.synthesise(TEXT, voice)) for _ in range(STREAMS)))
    for heard in both:
        assert_alike(heard, said)


async def test_sentences_of_a_replica_that_loses_its_gpu_go_on_in_the_other_one(
    node: Node, direct: XttsEngine, fault: Path
) -> None:
    before = {replica.pid for replica in node.replicas("Voices")}
    whole = len(await collect(direct.synthesise(LONG, replace(VOICE, engine="xtts"))))
    origins = Origins.of_engines([node.address], TOKEN)
    speech = RemoteSpeech(origins, first_sound_s=60, stall_s=60)
    streams = [speech.synthesise(LONG, VOICE) for _ in range(STREAMS)]
    firsts = await asyncio.gather(*(anext(each) for each in streams))
    await asyncio.to_thread(fault.touch)
    rests = await asyncio.gather(*(collect(each) for each in streams))
    assert not await asyncio.to_thread(fault.exists)
    assert len(before & {replica.pid for replica in node.replicas("Voices")}) == 1
    lengths = [len(first) + len(rest) for first, rest in zip(firsts, rests, strict=True)]
    # the same take, from at most a word before the place where it broke off
    assert min(lengths) >= whole
    assert max(lengths) <= whole + (BACK_MS + 20) * VOICE.bytes_per_ms
    assert sum(each.failures for each in origins.in_order()) == 0
    assert 1 <= await figure(node, 'ramal_cluster_retries_total{kind="tts"}') <= STREAMS
    await speech.close()


def computed_s(node: Node) -> float:
    """Seconds of a core that the replicas took so far."""
    return float(sum(replica.cpu_times().user for replica in node.replicas("Voices")))


async def running_at(node: Node) -> float:
    return await figure(node, 'ramal_engine_running{kind="tts"}')


async def figure(node: Node, name: str) -> float:
    async with (
        aiohttp.ClientSession(headers=HEADERS) as client,
        client.get(f"{node.address}/metrics") as answer,
    ):
        lines = (await answer.text()).splitlines()
    [line] = [each for each in lines if each.startswith(name)]
    return float(line.rpartition(" ")[2])
