"""Texts before the end of a turn, with Whisper behind the engines' socket and on a ladder."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from engines.address import Address
from engines.app import Loading, serving
from engines.origins import Origins
from engines.recogniser_ladder import LadderRecogniser, probe_recogniser
from engines.remote_recogniser import RecognitionFailedError, RemoteRecogniser, RemoteStream
from engines.steps import Steps
from stt.recogniser import Hints, Transcript

pytest.importorskip("faster_whisper", reason="the whisper extra is not installed")

from stt.whisper import WhisperOptions, WhisperRecogniser
from tests.engines.servers import hanging, until
from tests.stt.held_whisper import Held
from tests.stt.scripted_whisper import write_model

WORDS = ("Boa", "noite,", "apartamento", "501.")
TEXT = "boa noite apartamento 501"
HALF_A_SECOND = np.ones(4000, np.int16)


@asynccontextmanager
async def whisper_behind_a_socket() -> AsyncIterator[tuple[WhisperRecogniser, RemoteRecogniser]]:
    with tempfile.TemporaryDirectory(prefix="ramal-") as folder:
        model = write_model(Path(folder) / "model", WORDS)
        options = WhisperOptions(str(model), device="cpu", workers=1)
        engine = await WhisperRecogniser.open(options)

        async def open_stt() -> WhisperRecogniser:
            return engine

        address = f"unix:{folder}/engines.sock"
        async with serving(Address.parse(address), Loading(open_stt=open_stt)) as served:
            await until(lambda: not served.missing)
            remote = RemoteRecogniser(Origins.of_engines([address], None), patience_s=20)
            try:
                yield engine, remote
            finally:
                await remote.close()


async def feeding(stream: RemoteStream, until_so: Callable[[], bool]) -> None:
    """Silence as a caller's line has it, until something is so."""
    async with asyncio.timeout(20):
        while not until_so():
            stream.feed(np.ones(160, np.int16))
            await asyncio.sleep(0.005)


async def test_partial_texts_settle_at_the_client_as_at_the_server() -> None:
    async with whisper_behind_a_socket() as (_, remote):
        stream = remote.stream("pt-BR", Hints())
        await feeding(stream, lambda: stream.partial.settled == len(WORDS))
        assert stream.partial.text == TEXT
        assert stream.partial.heard_ms >= 1200
        await stream.close()


async def test_an_early_text_comes_from_a_server_that_has_time() -> None:
    async with whisper_behind_a_socket() as (engine, remote):
        before = engine.counters.results
        stream = remote.stream("pt-BR", Hints())
        stream.feed(HALF_A_SECOND)
        early = await stream.early()
        assert early is not None
        assert (early.text, early.final) == (TEXT, True)
        assert engine.counters.results == before, "it was computed behind those who wait"
        await stream.close()


async def test_a_server_whose_workers_are_wanted_has_no_early_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with whisper_behind_a_socket() as (engine, remote):
        held = Held(engine, monkeypatch)
        streams = [remote.stream("pt-BR", Hints()) for _ in range(2)]
        for stream in streams:
            stream.feed(HALF_A_SECOND)
        other = asyncio.create_task(streams[0].result())
        await held.begun(1)
        assert await streams[1].early() is None
        held.let_go.set()
        assert (await other).text == (await streams[1].result()).text == TEXT
        for stream in streams:
            await stream.close()


async def test_speech_that_goes_on_stops_the_early_text_at_the_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with whisper_behind_a_socket() as (engine, remote):
        held = Held(engine, monkeypatch)
        stream = remote.stream("pt-BR", Hints())
        stream.feed(HALF_A_SECOND)
        early = asyncio.create_task(stream.early())
        await held.begun(1)
        early.cancel()
        await until(lambda: engine.counters.given_up == 1)
        held.let_go.set()
        assert (await stream.result()).text == TEXT
        await stream.close()


class Firm:
    """Always hears the same."""

    name = "firm"
    best_hz = 8000

    def stream(self, language: str, hints: Hints, rate_hz: int = 8000) -> "Firm":
        return self

    def feed(self, samples: np.ndarray) -> None:
        pass

    partial = Transcript("", 0.0, final=False)

    async def early(self) -> Transcript | None:
        return None

    async def result(self) -> Transcript:
        return Transcript("the step below", 0.9, final=True)

    def reset(self) -> None:
        pass

    async def close(self) -> None:
        pass


async def test_a_step_that_hangs_at_the_early_text_is_not_waited_for_again() -> None:
    async with hanging() as address:
        remote = RemoteRecogniser(Origins.of_engines([address], "token"), patience_s=0.2)
        below = Firm()
        steps = Steps(
            "stt",
            ["remote", "firm"],
            [lambda: probe_recogniser(remote), lambda: probe_recogniser(below)],
            retry_s=600,
            on_shift=lambda shift: None,
        )
        ladder = LadderRecogniser([remote, below], steps, patience_s=20)
        stream = ladder.stream("pt-BR", Hints())
        stream.feed(HALF_A_SECOND)
        assert await stream.early() is None
        assert stream._number == 1, "the step below hears the utterance from now on"
        result = await stream.result()
        assert (result.text, result.engine) == ("the step below", "firm")
        await stream.close()
        await ladder.close()


async def test_an_early_text_that_hangs_is_a_failure_of_its_server() -> None:
    async with hanging() as address:
        remote = RemoteRecogniser(Origins.of_engines([address], "token"), patience_s=0.2)
        stream = remote.stream("pt-BR", Hints())
        stream.feed(HALF_A_SECOND)
        with pytest.raises(RecognitionFailedError, match="no result within"):
            await stream.early()
        await stream.close()
        await remote.close()
