"""A caller's stream at a gateway: what it asks of the replicas, and when."""

import asyncio
from typing import Any

import numpy as np
import pytest

pytest.importorskip("ray", reason="the ray extra is not installed")

from stt.recogniser import Hints, Transcript
from supervisor.cluster.hearing import ClusterStream
from supervisor.cluster.wire import Answered, Asked

PARTIAL = np.ones(4800, np.int16)


class Replicas:
    """Answer the next of ``texts``, once they are let go."""

    partial_every_s = 0.6
    patience_s = 5.0

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)
        self.lengths: list[int] = []
        self.cancelled = 0
        self.let_go = asyncio.Event()

    async def ask(self, asked: Asked) -> Answered:
        self.lengths.append(len(asked.samples))
        text = self.texts.pop(0)
        try:
            await self.let_go.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return Answered(Transcript(text, 0.9, final=True))


def stream_of(replicas: Any) -> ClusterStream:
    return ClusterStream(replicas, "pt-BR", Hints(), 8000)


async def test_partial_texts_settle_by_agreement() -> None:
    replicas = Replicas("bom", "bom dia", "bom dia")
    replicas.let_go.set()
    stream = stream_of(replicas)
    told = []
    for _ in range(3):
        stream._not_before = 0.0
        stream.feed(PARTIAL)
        assert stream._hearing is not None
        await asyncio.wait([stream._hearing])
        told.append((stream.partial.text, stream.partial.settled, stream.partial.heard_ms))
    assert told == [("bom", 0, 600), ("bom dia", 1, 1200), ("bom dia", 2, 1800)]
    assert not stream.partial.final
    await stream.close()


async def test_a_result_gives_up_the_partial_text_under_way() -> None:
    replicas = Replicas("bom", "bom dia")
    stream = stream_of(replicas)
    stream.feed(PARTIAL)
    await asyncio.sleep(0)
    assert replicas.lengths == [4800]
    final = asyncio.create_task(stream.result())
    await asyncio.sleep(0)
    replicas.let_go.set()
    assert (await final).text == "bom dia"
    assert replicas.cancelled == 1
    assert (stream.partial.text, stream.partial.settled) == ("bom dia", 0)
    await stream.close()


async def test_what_is_heard_of_a_forgotten_utterance_is_dropped() -> None:
    replicas = Replicas("bom")
    stream = stream_of(replicas)
    stream.feed(PARTIAL)
    await asyncio.sleep(0)
    stream.reset()
    replicas.let_go.set()
    await stream.close()
    assert stream.partial.text == ""
    assert replicas.cancelled == 1
