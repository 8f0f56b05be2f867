"""Measuring an engine behind its seam, whichever it is."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

import numpy as np
import psutil

from bench.speech.figures import Cancelled, Figure, Heard, LeftOut, Spoken, median, p95
from stt.recogniser import Hints, Recogniser
from tests.speech import say
from tts.engine import TtsEngine, Voice

SENTENCE = "Bom dia, aqui é da portaria, com quem o senhor deseja falar, e em qual apartamento"
UTTERANCE = "boa noite, eu vim entregar uma encomenda no apartamento quinhentos e um"
CANCELS = 5


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured: a row that would take longer than ``row_limit_s``, as the one before
    it lets expect, is left out."""

    streams: Sequence[int] = (1, 2, 4, 8, 16)
    seconds: Sequence[int] = (1, 3, 6)
    rounds: int = 3
    row_limit_s: float = 60.0


async def speaking(
    name: str, engine: TtsEngine, voice: Voice, extent: Extent
) -> AsyncIterator[Figure]:
    """Sentences at each concurrency, then cancelling."""
    each_s = alone_ms = 0.0
    for streams in extent.streams:
        rounds = max(1, extent.rounds // streams)
        if (expected_s := each_s * streams * rounds) > extent.row_limit_s:
            yield _left_out(name, f"{streams} streams", expected_s)
            continue
        began = time.perf_counter()
        figures = await _speak_together(name, engine, voice, streams, rounds)
        each_s = (time.perf_counter() - began) / (streams * rounds)
        alone_ms = alone_ms or figures.first_ms
        yield figures
    yield await _cancel(name, engine, voice, alone_ms)


async def hearing(name: str, recogniser: Recogniser, extent: Extent) -> AsyncIterator[Figure]:
    """Utterances of each length at each concurrency, all of them fed at once."""
    for seconds in extent.seconds:
        each_s = 0.0
        for at_once in extent.streams:
            if (expected_s := each_s * at_once) > extent.row_limit_s:
                yield _left_out(name, f"{at_once} utterances of {seconds} s", expected_s)
                continue
            began = time.perf_counter()
            yield await _hear_together(name, recogniser, seconds, at_once, extent.rounds)
            each_s = (time.perf_counter() - began) / at_once


@dataclass(frozen=True, slots=True)
class _Stream:
    first_s: float
    took_s: float
    speech_s: float


async def _speak_together(
    name: str, engine: TtsEngine, voice: Voice, streams: int, rounds: int
) -> Spoken:
    ran: list[_Stream] = []
    began, cpu = time.perf_counter(), cpu_s()
    for turn in range(rounds):
        texts = (f"{SENTENCE}, {number} de {turn}?" for number in range(streams))
        ran += await asyncio.gather(*(_speak(engine, text, voice) for text in texts))
    took_s, cpu = time.perf_counter() - began, cpu_s() - cpu
    speech_s = sum(each.speech_s for each in ran)
    firsts = [each.first_s * 1000 for each in ran]
    return Spoken(
        name,
        streams,
        speech_s / len(ran),
        median(firsts),
        p95(firsts),
        max(each.took_s / each.speech_s for each in ran),
        took_s / speech_s,
        cpu / speech_s,
    )


async def _speak(engine: TtsEngine, text: str, voice: Voice) -> _Stream:
    began, first_s, length = time.perf_counter(), 0.0, 0
    async with aclosing(engine.synthesise(text, voice)) as chunks:
        async for chunk in chunks:
            first_s = first_s or time.perf_counter() - began
            length += len(chunk)
    return _Stream(first_s, time.perf_counter() - began, length / (2 * voice.rate_hz))


async def _cancel(name: str, engine: TtsEngine, voice: Voice, usual_ms: float) -> Cancelled:
    """Each text is asked for in the moment when the one before it is closed in mid-sentence."""
    closed_ms, next_ms = [], []
    for number in range(CANCELS + 1):
        chunks = engine.synthesise(f"{SENTENCE} agora, {number}?", voice)
        began = time.perf_counter()
        await anext(chunks)
        next_ms.append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
        await chunks.aclose()
        closed_ms.append((time.perf_counter() - began) * 1000)
    return Cancelled(name, median(closed_ms), max(0.0, median(next_ms[1:]) - usual_ms))


async def _hear_together(
    name: str, recogniser: Recogniser, seconds: int, at_once: int, rounds: int
) -> Heard:
    audio = np.resize(say(UTTERANCE), seconds * 8000)
    texts_ms: list[float] = []

    async def one() -> float:
        stream = recogniser.stream("pt-BR", Hints())
        began = time.perf_counter()
        stream.feed(audio)
        await stream.result()
        took_ms = (time.perf_counter() - began) * 1000
        await stream.close()
        return took_ms

    cpu = cpu_s()
    for _ in range(rounds):
        texts_ms += await asyncio.gather(*(one() for _ in range(at_once)))
    cpu_ms = (cpu_s() - cpu) * 1000 / len(texts_ms)
    return Heard(name, seconds, at_once, median(texts_ms), p95(texts_ms), cpu_ms)


def cpu_s() -> float:
    """Seconds that this process and its helpers have computed, on all cores."""
    times = [each.cpu_times() for each in _family()]
    return sum(each.user + each.system for each in times)


def memory_mib() -> float:
    """Of this process and its helpers."""
    return sum(each.memory_info().rss for each in _family()) / 2**20


def _family() -> list[psutil.Process]:
    ours = psutil.Process()
    return [ours, *ours.children(recursive=True)]


def _left_out(name: str, what: str, expected_s: float) -> LeftOut:
    return LeftOut(name, what, f"it would take about {expected_s:.0f} s")
