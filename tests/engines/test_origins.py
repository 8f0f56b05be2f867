"""Several addresses for the same work: whom to ask first, and when to trust one again."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager

import numpy as np
import pytest
from aiohttp import web

from engines import origins
from engines.origins import Origins
from engines.remote_speech import RemoteSpeech
from tests.engines.servers import answering, until
from tests.ports import free_ports
from tests.session.call import LONG_TEXT
from tests.speech import say
from tts.engine import SynthesisError
from tts.espeak import espeak_voice

VOICE = espeak_voice()
SENTENCE = say(LONG_TEXT).astype("<i2").tobytes()
A_SECOND = 16_000


def speaking(
    length: int = len(SENTENCE), *, then_hangs: bool = False, asked: list[int] | None = None
) -> Callable[[web.Request], object]:
    """A server that says so much of the sentence, in pieces, and then leaves, or hangs."""

    async def speak(request: web.Request) -> web.StreamResponse:
        if asked is not None:
            asked.append(1)
        answer = web.StreamResponse()
        await answer.prepare(request)
        for at in range(0, length, 1600):
            await answer.write(SENTENCE[at : min(at + 1600, length)])
        if then_hangs:
            await until(lambda: request.transport is None or request.transport.is_closing())
            return answer
        if length < len(SENTENCE) and request.transport is not None:
            await asyncio.sleep(0)
            request.transport.close()
        return answer

    return speak


def client_of(*addresses: str, stall_s: float = 20.0) -> RemoteSpeech:
    return RemoteSpeech(Origins.of_engines(addresses, None), first_sound_s=20, stall_s=stall_s)


async def heard(client: RemoteSpeech) -> np.ndarray:
    async with aclosing(client.synthesise(LONG_TEXT, VOICE)) as chunks:
        return np.frombuffer(b"".join([chunk async for chunk in chunks]), "<i2")


@pytest.mark.parametrize("hangs", [False, True])
async def test_a_sentence_that_breaks_off_goes_on_from_the_next_address(hangs: bool) -> None:
    async with (
        answering(speaking(2 * A_SECOND, then_hangs=hangs)) as broken,
        answering(speaking()) as well,
    ):
        client = client_of(broken, well, stall_s=3.0 if hangs else 20.0)
        samples = await heard(client)
        await client.close()
    whole = np.frombuffer(SENTENCE, "<i2")
    assert len(whole) <= len(samples) <= len(whole) + 0.4 * 8000
    assert np.array_equal(samples[: 2 * 8000], whole[: 2 * 8000])
    assert np.array_equal(samples[-8000:], whole[-8000:])


async def test_a_sentence_that_breaks_off_everywhere_has_failed() -> None:
    async with answering(speaking(A_SECOND)) as one, answering(speaking(2 * A_SECOND)) as other:
        client = client_of(one, other)
        with pytest.raises(SynthesisError, match="broke off"):
            await heard(client)
        await client.close()


@asynccontextmanager
async def coming_and_going(well: asyncio.Event, probed: list[bool]) -> AsyncIterator[str]:
    """A server that says on /readyz whether it is well."""

    async def ready(_: web.Request) -> web.Response:
        probed.append(well.is_set())
        return web.Response(status=200 if well.is_set() else 503)

    async with answering(ready, "/readyz") as address:
        yield address


async def test_one_that_failed_is_asked_how_it_is_before_calls_go_to_it_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(origins, "AVOIDED_S", 0.02)
    monkeypatch.setattr(origins, "MOST_AVOIDED_S", 0.02)
    well, probed = asyncio.Event(), list[bool]()
    second = f"http://127.0.0.1:{free_ports(1)[0]}"
    async with coming_and_going(well, probed) as first:
        both = Origins.of_engines([first, second], None)
        ill = both.in_order()[0]
        assert ill.name == first
        ill.failed()
        await until(lambda: both.in_order()[0].name == second and len(probed) >= 2)
        assert not any(probed)
        well.set()
        await until(lambda: both.in_order()[0].name == first)
        assert probed[-1]
        await both.close()


async def test_one_that_stays_away_is_tried_more_and_more_rarely(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 1000.0
    monkeypatch.setattr(origins.time, "monotonic", lambda: now)
    both = Origins.of_urls(["http://127.0.0.1:9/v1", "http://127.0.0.1:10/v1"], None)
    first, second = both.in_order()
    for waits_s in (10, 20, 40, 80, 160, 160):
        first.failed()
        first.failed()  # of what was under way at the same time
        now += waits_s - 1
        assert both.in_order() == [second, first]
        now += 2
        assert both.in_order() == [first, second]
    first.worked()
    first.failed()
    now += 11
    assert both.in_order() == [first, second]
    assert first.failures == 13
    await both.close()
