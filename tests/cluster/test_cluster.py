"""Engines as Ray Serve deployments on two nodes, and calls that go on while parts of them die."""

import asyncio
import io
from collections.abc import Iterator, Sequence
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
from tests.cluster.nodes import Node, served_on
from tests.cluster.unhurried_voices import UnhurriedVoices
from tests.engines.processes import TOKEN, engines_process
from tests.engines.servers import in_pieces, until
from tests.ports import free_ports
from tests.session.call import LONG_TEXT
from tests.speech import say
from tests.supervisor.serving import eventually
from tts.engine import SynthesisError
from tts.espeak import espeak_voice

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

VOICE = espeak_voice()
SENTENCE = "apartamento quinhentos e um"
CALLERS = 4
PATIENCE_S = 90.0
"""What died is known without waiting, and what is only slow is no failure; each address has a third
of it."""
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
            "patience": {"result_s": 10, "first_sound_s": 10, "next_sound_s": 10},
        }
    )
    with served_on(2, assembled(settings, TOKEN, UnhurriedVoices)) as [head, other]:
        yield Cluster(head, other)


async def metrics_of(node: Node) -> dict[str, float]:
    async with (
        aiohttp.ClientSession(headers=HEADERS) as client,
        client.get(f"{node.address}/metrics") as answer,
    ):
        lines = [line.rpartition(" ") for line in (await answer.text()).splitlines()]
    return {name: float(value) for name, _, value in lines if not name.startswith("#")}


async def speaking_at(node: Node) -> float:
    """Sentences under way at the node's gateway."""
    return (await metrics_of(node))['ramal_engine_running{kind="tts"}']


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
        speech = RemoteSpeech(origins[0], first_sound_s=PATIENCE_S, stall_s=PATIENCE_S)
        return cls(speech, RemoteRecogniser(origins[1], patience_s=PATIENCE_S), origins)

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
    ended = 'ramal_engine_requests_total{kind="tts",outcome="cancelled",priority="live"}'
    async with aclosing(caller.speech.synthesise(f"{LONG_TEXT} " * 20, VOICE)) as chunks:
        assert await anext(chunks)
        assert await speaking_at(cluster.other) == 1  # the whole text takes half a minute
    await eventually(lambda: metrics_of(cluster.other), lambda told: told.get(ended) == 1)
    with pytest.raises(SynthesisError) as told:
        await anext(caller.speech.synthesise("x" * 3000, VOICE))
    assert str(told.value).endswith("a text of 3000 characters; espeak-ng takes 2000 at a time")
    assert "Traceback" not in str(told.value)
    await caller.close()


async def test_texts_grow_while_the_caller_speaks(cluster: Cluster) -> None:
    caller = Caller.of(cluster.addresses)
    stream = caller.ears.stream("pt-BR", Hints())
    for piece in in_pieces(np.tile(say(SENTENCE), 2)):
        stream.feed(piece)
        if "apartamento" in stream.partial.text:
            break
        await asyncio.sleep(0.05)
    assert "apartamento" in stream.partial.text
    await stream.close()
    await caller.close()


async def test_no_call_notices_more_than_one_retried_request_when_replicas_and_nodes_die(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with engines_process(listen=f"http://127.0.0.1:{free_ports(1)[0]}") as last:
        addresses = [*cluster.addresses, str(last.address)]
        callers = [Caller.of(addresses) for _ in range(CALLERS)]
        stopped = asyncio.Event()
        monkeypatch.setattr(stage, "stage_settings", through(addresses, stage.stage_settings))
        demo = run_demo(load_scenario("denied-visit"), tmp_path, Show(Console(file=io.StringIO())))
        async with asyncio.TaskGroup() as tasks:
            visit = tasks.create_task(demo)
            for caller in callers:
                tasks.create_task(caller.go_on(stopped))
            await more_from(callers)
            await eventually(lambda: speaking_at(cluster.other), lambda running: running >= 2)
            for deployment in ("Voices", "Ears"):
                [replica] = cluster.other.replicas(deployment)
                replica.kill()
            await more_from(callers)
            assert await retries_at(cluster.other) > 0
            noticed = [[caller.retried for caller in callers]]
            # a node, and then the head: what is left is a process that knows nothing of Ray
            for node in (cluster.other, cluster.head):
                node.kill()
                await more_from(callers)
                noticed.append([caller.retried for caller in callers])
            await visit
            stopped.set()
        assert visit.result().passed, visit.result().document()
        before = [(0, 0)] * CALLERS
        for after in noticed:
            for now, then in zip(after, before, strict=True):
                # of what it listened to, and of what it said
                assert all(new - old <= 1 for new, old in zip(now, then, strict=True)), noticed
            before = after
        whole = len(say(LONG_TEXT)) * 2
        for caller in callers:
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
        180,
    )


def through(addresses: Sequence[str], settings_of: Any) -> Any:
    """The demo's settings, for real workers whose ladders begin with these addresses; they have as
    much patience as a busy machine needs."""

    def settings(*arguments: Any, **named: Any) -> Any:
        usual = settings_of(*arguments, **named)
        remote = {"addresses": tuple(addresses), "patience_s": PATIENCE_S}
        return usual.model_copy(
            update={
                "stt": SttSettings(ladder=("remote", "builtin"), **remote),  # type: ignore[arg-type]
                "tts": usual.tts.model_copy(update={"ladder": ("remote", "espeak"), **remote}),
                "engines": EnginesSettings(token=SecretStr(TOKEN)),
            }
        )

    return settings
