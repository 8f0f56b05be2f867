"""What a caller spoke before is known wherever they are heard, and after an engine is lost."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from engines import app
from engines.address import Address
from engines.app import Loading, serving
from engines.origins import Origins
from engines.remote_recogniser import RemoteRecogniser
from stt.engines import RecogniserChoice, open_recogniser
from stt.languages import LanguageEvidence
from stt.recogniser import Hints, RecognitionStream

pytest.importorskip("faster_whisper", reason="the whisper extra is not installed")

from tests.stt.scripted_whisper import write_model

SOUND = np.full(8000, 900, np.int16)
LANGUAGE = "auto:pt-BR,en"


@asynccontextmanager
async def hearing(folder: Path, **languages: float) -> AsyncIterator[str]:
    """An engines process's server, with a model that is so sure of each language."""
    model = write_model(folder / "model", ("ok",), **languages)
    choice = RecogniserChoice("whisper", str(model), device="cpu", threads=1)
    address = f"unix:{folder}/engines.sock"
    async with serving(Address.parse(address), Loading(lambda: open_recogniser(choice))):
        yield address


async def spoken_in(stream: RecognitionStream) -> str | None:
    stream.reset()
    stream.feed(SOUND)
    return (await stream.result()).language


async def test_another_engine_knows_what_the_caller_spoke_to_the_first_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "CLOSE_LIMIT_S", 0.1)  # the first one leaves in mid-call
    (tmp_path / "sure").mkdir()
    (tmp_path / "unsure").mkdir()
    async with hearing(tmp_path / "unsure", pt=2.0, en=2.2) as unsure:
        evidence = LanguageEvidence()
        async with hearing(tmp_path / "sure", pt=4.0) as sure:
            remote = RemoteRecogniser(Origins.of_engines([sure, unsure], None), patience_s=20)
            stream = remote.stream(LANGUAGE, Hints(evidence=evidence))
            for _ in range(2):
                assert await spoken_in(stream) == "pt-BR"
            known = evidence.spoken()
            assert len(known) == 2
            assert all(each.heard["pt"] > 0.8 for each in known)
        assert await spoken_in(stream) == "pt-BR"
        newcomer = remote.stream(LANGUAGE, Hints(evidence=LanguageEvidence()))
        assert await spoken_in(newcomer) == "en"
        for each in (stream, newcomer):
            await each.close()
        await remote.close()


async def test_nobody_is_told_of_a_language_that_is_not_open(tmp_path: Path) -> None:
    async with hearing(tmp_path, pt=4.0) as address:
        remote = RemoteRecogniser(Origins.of_engines([address], None), patience_s=20)
        evidence = LanguageEvidence()
        stream = remote.stream("pt-BR", Hints(evidence=evidence))
        stream.feed(SOUND)
        await stream.result()
        assert evidence.spoken() == ()
        await stream.close()
        await remote.close()


@pytest.mark.parametrize("spoken", ["pt", [{"heard": {"pt": 2.0}, "weight": 1}], [{"heard": {}}]])
async def test_evidence_that_makes_no_sense_is_refused(tmp_path: Path, spoken: object) -> None:
    async with hearing(tmp_path) as address:
        origins = Origins.of_engines([address], None)
        [origin] = origins.in_order()
        async with origin.session.ws_connect("v1/recognition") as socket:
            await socket.send_json({"type": "start", "language": LANGUAGE, "spoken": spoken})
            answer = await socket.receive_json()
        assert (answer["type"], answer["id"]) == ("failed", None)
        assert "spoken is a list" in answer["reason"]
        await origins.close()
