"""Engines as Ray Serve deployments on two nodes, and calls that go on while parts of them die."""

import asyncio
import io
import tempfile
import time
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import pytest
from pydantic import SecretStr
from rich.console import Console

pytest.importorskip("ray", reason="the ray extra is not installed")
import ray
from ray import serve

from engines.origins import Origins
from engines.remote_recogniser import RemoteRecogniser
from engines.remote_speech import RemoteSpeech
from stt.recogniser import Hints
from supervisor.cluster.application import assembled
from supervisor.cluster.settings import ClusterSettings
from supervisor.demo import stage
from supervisor.demo.choosing import load_scenario
from supervisor.demo.run import run_demo
from supervisor.demo.show import Show
from supervisor.speech_settings import EnginesSettings, SttSettings
from tests.cluster.nodes import Node, two_nodes
from tests.cluster.unhurried_voices import UnhurriedVoices
from tests.engines.processes import TOKEN
from tests.engines.servers import until
from tests.session.call import LONG_TEXT
from tests.speech import say
from tests.supervisor.serving import eventually
from tts.espeak import espeak_voice

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

VOICE = espeak_voice()
SENTENCE = "apartamento quinhentos e um"
CALLERS = 4
QUIET = {"log_level": "WARNING", "enable_access_log": False}
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
BYTES_PER_MS = 16


@dataclass(frozen=True, slots=True)
class Cluster:
    head: Node
    other: Node

    @property
    def addresses(self) -> list[str]:
        return [self.other.address, self.head.address]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Two nodes with a gateway, a recogniser and a voice each."""
    each: dict[str, Any] = {"least": 2, "per_node": 1, "cpus": 0.1}
    settings = ClusterSettings.model_validate(
        {
            "gateways": {**each, "at_once": 500},
            "listening": {**each, "at_once": 16},
            "speaking": {**each, "at_once": 8},
            "tts": {"processes": 1},
            # what died is known without waiting: this is for what is only slow
            "patience": {"result_s": 10, "first_sound_s": 10, "next_sound_s": 10},
        }
    )
    # Ray has sockets in it, whose paths have 107 bytes at most: no place for pytest's folders
    with (
        tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as folder,
        two_nodes(Path(folder)) as (address, head, other),
    ):
        ray.init(address=address, log_to_driver=False, logging_level="error")
        try:
            options = {"host": "127.0.0.1", "port": head.port}
            serve.start(proxy_location="EveryNode", http_options=options)
            application = assembled(settings, TOKEN, UnhurriedVoices)
            serve.run(application, name="ramal", route_prefix="/", logging_config=QUIET)
            yield Cluster(head, other)
        finally:
            ray.shutdown()


async def metrics_of(node: Node) -> dict[str, float]:
    async with (
        aiohttp.ClientSession(headers=HEADERS) as client,
        client.get(f"{node.address}/metrics") as answer,
    ):
        lines = [line.rpartition(" ") for line in (await answer.text()).splitlines()]
    return {name: float(value) for name, _, value in lines if not name.startswith("#")}


async def retries_at(node: Node) -> float:
    """Requests that the node's gateway asked again at another replica."""
    told = await metrics_of(node)
    return sum(told[f'ramal_cluster_retries_total{{kind="{kind}"}}'] for kind in ("stt", "tts"))


@dataclass(slots=True)
class Caller:
    """A call's side of the engines: it listens and talks until told to stop, and keeps count."""

    speech: RemoteSpeech
    ears: RemoteRecogniser
    origins: tuple[Origins, Origins]
    lengths: list[int] = field(default_factory=list)
    """Bytes of each sentence that it heard."""
    texts: list[str] = field(default_factory=list)
    """Of each sentence that it said."""

    @classmethod
    def of(cls, addresses: list[str]) -> "Caller":
        origins = (Origins.of_engines(addresses, TOKEN), Origins.of_engines(addresses, TOKEN))
        speech = RemoteSpeech(origins[0], first_sound_s=30, stall_s=30)
        return cls(speech, RemoteRecogniser(origins[1], patience_s=30), origins)

    @property
    def retried(self) -> tuple[int, ...]:
        """Requests for speech, and for texts, that were asked again at another address."""
        return tuple(sum(each.failures for each in both.in_order()) for both in self.origins)

    async def go_on(self, stopped: asyncio.Event) -> None:
        while not stopped.is_set():
            await asyncio.gather(self.listen(), self.talk())

    async def listen(self) -> None:
        async with aclosing(self.speech.synthesise(LONG_TEXT, VOICE)) as chunks:
            self.lengths.append(sum([len(chunk) async for chunk in chunks]))

    async def talk(self) -> None:
        stream = self.ears.stream("pt-BR", Hints())
        audio = say(SENTENCE)
        try:
            for at in range(0, len(audio), 800):
                stream.feed(audio[at : at + 800])
                await asyncio.sleep(0.1)
            self.texts.append((await stream.result()).text)
        finally:
            await stream.close()

    async def close(self) -> None:
        await self.speech.close()
        await self.ears.close()


async def test_a_cluster_answers_as_an_engines_process_does(cluster: Cluster) -> None:
    async with aiohttp.ClientSession(cluster.other.address, headers=HEADERS) as client:
        async with client.get("/readyz", headers={"Authorization": ""}) as answer:
            assert await answer.json() == {"status": "ready", "stt": "builtin", "tts": "espeak"}
        async with client.get("/v1/models", headers={"Authorization": "Bearer x"}) as answer:
            assert answer.status == 401
            assert "token" in (await answer.json())["error"]["message"]
        asked = {"model": "tts-1", "voice": "pt-br", "input": "Bom dia.", "response_format": "wav"}
        async with client.post("/v1/audio/speech", json=asked) as answer:
            wav = await answer.read()
            assert (answer.status, answer.content_type, wav[:4]) == (200, "audio/wav", b"RIFF")
        form = aiohttp.FormData({"response_format": "text"})
        form.add_field("file", wav, filename="a.wav")
        async with client.post("/v1/audio/transcriptions", data=form) as answer:
            assert (answer.status, (await answer.text()).strip()) == (200, "bom dia")
        async with client.post("/v1/synthesis", json={"text": " "}) as answer:
            assert answer.status == 400
        async with client.post("/v1/voices", data=b"RIFF") as answer:
            assert answer.status == 501
        async with client.ws_connect("/v1/recognition") as socket:
            await socket.send_json({"type": "reset"})
            assert (await socket.receive_json())["reason"] == "the first message is start"
        async with client.ws_connect("/v1/recognition", headers={"Authorization": ""}) as socket:
            assert "401" in (await socket.receive_json())["reason"]


async def test_sound_comes_as_it_is_made_and_the_work_ends_when_nobody_listens(
    cluster: Cluster,
) -> None:
    caller = Caller.of(cluster.addresses[:1])
    began = time.monotonic()
    async with aclosing(caller.speech.synthesise(LONG_TEXT, VOICE)) as chunks:
        await anext(chunks)
        first_s = time.monotonic() - began
        async for _ in chunks:
            pass
    assert first_s < (time.monotonic() - began) / 3
    async with aclosing(caller.speech.synthesise(f"{LONG_TEXT} " * 20, VOICE)) as chunks:
        await anext(chunks)
    await eventually(  # the whole text would take half a minute
        lambda: metrics_of(cluster.other),
        lambda told: told['ramal_engine_running{kind="tts"}'] == 0,
        5,
    )
    await caller.close()


async def test_texts_grow_while_the_caller_speaks(cluster: Cluster) -> None:
    caller = Caller.of(cluster.addresses)
    stream = caller.ears.stream("pt-BR", Hints())
    audio = np.tile(say(SENTENCE), 2)
    for at in range(0, len(audio), 400):
        stream.feed(audio[at : at + 400])
        await asyncio.sleep(0.05)
    await until(lambda: "apartamento" in stream.partial.text)
    await stream.close()
    await caller.close()


async def test_no_call_notices_more_than_one_retried_request_when_replicas_and_a_node_die(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    callers = [Caller.of(cluster.addresses) for _ in range(CALLERS)]
    stopped = asyncio.Event()
    monkeypatch.setattr(stage, "stage_settings", through(cluster, stage.stage_settings))
    console = Console(file=io.StringIO())
    demo = run_demo(load_scenario("denied-visit"), tmp_path, Show(console))
    async with asyncio.TaskGroup() as tasks:
        visit = tasks.create_task(demo)
        for caller in callers:
            tasks.create_task(caller.go_on(stopped))
        await more_from(callers)
        for deployment in ("Voices", "Ears"):
            replica = cluster.other.replica(deployment)
            assert replica is not None
            replica.kill()
        await more_from(callers)
        noticed = [caller.retried for caller in callers]
        assert max(map(max, noticed)) <= 1
        assert 0 < await retries_at(cluster.other) <= 2 * CALLERS + 2
        await more_from(callers)
        cluster.other.kill()
        await more_from(callers)
        await visit
        stopped.set()
    assert visit.result().passed, visit.result()
    whole = len(say(LONG_TEXT)) * 2
    for caller, before in zip(callers, noticed, strict=True):
        # of what it listened to, and of what it said
        assert all(now - then <= 1 for now, then in zip(caller.retried, before, strict=True))
        assert set(caller.texts) == {SENTENCE}
        assert whole - 300 * BYTES_PER_MS < min(caller.lengths)
        assert max(caller.lengths) < whole + 900 * BYTES_PER_MS
        await caller.close()


async def more_from(callers: list[Caller]) -> None:
    """Until each has heard and said two sentences more."""
    before = [(len(caller.lengths), len(caller.texts)) for caller in callers]
    await until(
        lambda: all(
            len(caller.lengths) > lengths + 1 and len(caller.texts) > texts + 1
            for caller, (lengths, texts) in zip(callers, before, strict=True)
        ),
        60,
    )


def through(cluster: Cluster, settings_of: Any) -> Any:
    """The demo's settings, for real workers that have no engines but those of the cluster."""

    def settings(*arguments: Any, **named: Any) -> Any:
        usual = settings_of(*arguments, **named)
        addresses = tuple(cluster.addresses)
        remote = {"engine": "remote", "addresses": addresses}
        return usual.model_copy(
            update={
                "stt": SttSettings(engine="remote", addresses=addresses),
                "tts": usual.tts.model_copy(update=remote),
                "engines": EnginesSettings(token=SecretStr(TOKEN)),
            }
        )

    return settings
