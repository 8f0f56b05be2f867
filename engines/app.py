"""The engines process: its routes, its socket, and the engines that it loads and warms."""

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog
from aiohttp import web
from prometheus_client import generate_latest

from engines import openai_routes, voices
from engines.address import Address
from engines.admission import Admission
from engines.recogniser_ladder import any_stream
from engines.recognition import recognise
from engines.recognition_figures import RecognitionFigures
from engines.serving import SERVED, Served, answer_errors
from engines.synthesis import synthesise
from stt.counters import Counting
from stt.recogniser import Recogniser
from tts.engine import Crowded, TtsEngine, Voice

CLOSE_LIMIT_S: Final = 3.0
BACKLOG: Final = 256
WARM_TEXT: Final = "Bom dia, em que posso ajudar?"
WARM_S: Final = 2
WARM_LEAST_S: Final = 1.0
"""Less than this is no speech, and tells nothing of an engine's speed."""

_log = structlog.get_logger(__name__)


class CannotListenError(Exception):
    """The address cannot be listened on; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Loading:
    """How the engines are opened; ``at_once`` is how many requests each computes at a time.

    ``open_stt`` and ``open_tts`` are None for a process that has no such engine.
    """

    open_stt: Callable[[], Awaitable[Recogniser]] | None = None
    open_tts: Callable[[], TtsEngine] | None = None
    make_voice: Callable[[str | None], Voice] | None = None
    stt_at_once: int = 2
    tts_at_once: int = 2
    most_waiting: int = 64
    compute_here: bool = True
    """Engines that compute in other processes leave it to them to look after their GPUs."""


def make_app(served: Served) -> web.Application:
    """The routes, over engines that may still be loading."""
    app = web.Application(
        middlewares=[answer_errors], client_max_size=openai_routes.LARGEST_FILE_BYTES + (1 << 20)
    )
    app[SERVED] = served
    app.router.add_get("/healthz", _healthz)
    app.router.add_get("/readyz", _readyz)
    app.router.add_get("/metrics", _metrics)
    app.router.add_post("/v1/synthesis", synthesise)
    app.router.add_get("/v1/recognition", recognise)
    app.router.add_get("/v1/voices", voices.listed)
    app.router.add_post("/v1/voices", voices.clone)
    app.router.add_delete("/v1/voices/{digest:[0-9a-f]{64}}", voices.forget)
    app.router.add_post("/v1/audio/speech", openai_routes.speech)
    app.router.add_post("/v1/audio/transcriptions", openai_routes.transcriptions)
    app.router.add_get("/v1/models", openai_routes.models)
    return app


@asynccontextmanager
async def serving(
    address: Address, loading: Loading, *, token: str | None = None
) -> AsyncIterator[Served]:
    """Listen during the block, which is entered once the engines are warm.

    Raises :class:`CannotListenError`, and what the engines raise that cannot be opened.
    """
    wanted = {"stt": loading.open_stt, "tts": loading.open_tts}
    served = Served(
        frozenset(kind for kind, opener in wanted.items() if opener is not None),
        token,
        listening=Admission(loading.stt_at_once, loading.most_waiting),
        speaking=Admission(loading.tts_at_once, loading.most_waiting),
        watches_device=loading.compute_here,
    )
    served.figures.watch("stt", served.listening)
    served.figures.watch("tts", served.speaking)
    async with AsyncExitStack() as resources:
        listener = _listen(address, token)
        resources.callback(listener.close)
        # a client that leaves ends the work that was done for it
        runner = web.AppRunner(
            make_app(served),
            handler_cancellation=True,
            access_log=None,
            shutdown_timeout=CLOSE_LIMIT_S,
        )
        resources.push_async_callback(runner.cleanup)
        await runner.setup()
        await web.SockSite(runner, listener, backlog=BACKLOG).start()
        await _load(served, loading, resources)
        _log.info("engines.ready", address=str(address), kinds=sorted(served.kinds))
        yield served


async def _load(served: Served, loading: Loading, resources: AsyncExitStack) -> None:
    if loading.open_stt is not None:
        recogniser = await loading.open_stt()
        resources.push_async_callback(recogniser.close)
        took_s = await _warm_recogniser(recogniser)
        served.listening.pace.ended(took_s, WARM_S)
        served.recogniser = recogniser
        if isinstance(recogniser, Counting):
            served.figures.registry.register(RecognitionFigures(recogniser.counters))
    if loading.open_tts is not None and loading.make_voice is not None:
        speech = loading.open_tts()
        resources.push_async_callback(speech.close)
        await speech.start()
        if isinstance(speech, Crowded):
            served.speaking.places = speech.at_once
        warmed = await _warm_speech(speech, loading.make_voice(None))
        served.speaking.pace.answered(warmed.first_s)
        served.speaking.pace.ended(warmed.took_s, len(WARM_TEXT))
        served.slowness = warmed.took_s / max(warmed.spoken_s, WARM_LEAST_S)
        if served.is_slow:
            _log.warning("engines.slow", kind="tts", factor=round(served.slowness, 2))
        served.make_voice = loading.make_voice
        served.speech = speech


async def _warm_recogniser(recogniser: Recogniser) -> float:
    """Seconds that silence takes, the second time: the first one loads what is lazy."""
    import numpy as np  # noqa: PLC0415 - nothing else here computes

    took_s = 0.0
    for _ in range(2):
        stream = any_stream(recogniser)
        stream.feed(np.zeros(WARM_S * 8000, np.int16))
        began = time.monotonic()
        await stream.result()
        took_s = time.monotonic() - began
        await stream.close()
    return took_s


@dataclass(frozen=True, slots=True)
class _Warmed:
    """What :data:`WARM_TEXT` took: until its first sound, in all, and to listen to."""

    first_s: float
    took_s: float
    spoken_s: float


async def _warm_speech(speech: TtsEngine, voice: Voice) -> _Warmed:
    """The second time: the first one loads what is lazy."""
    for is_measured in (False, True):
        began, first_s, spoken_ms = time.monotonic(), 0.0, 0.0
        async with aclosing(speech.synthesise(WARM_TEXT, voice)) as chunks:
            async for chunk in chunks:
                first_s = first_s or time.monotonic() - began
                spoken_ms += len(chunk) / voice.bytes_per_ms
        if is_measured:
            break
    return _Warmed(first_s, time.monotonic() - began, spoken_ms / 1000)


def _listen(address: Address, token: str | None) -> socket.socket:
    if address.path is None:
        if token is None:
            raise CannotListenError(
                f"engines that listen on {address} need a token: set RAMAL_ENGINES__TOKEN"
            )
        try:
            return socket.create_server((address.host, address.port), backlog=BACKLOG)
        except OSError as error:
            raise CannotListenError(
                f"{address} cannot be listened on ({error.strerror}); choose another"
            ) from error
    return _listen_on_path(Path(address.path))


def _listen_on_path(path: Path) -> socket.socket:
    """Whoever listened there before keeps his connections; new ones come to us."""
    making = path.with_name(f".{path.name[:20]}.{os.getpid()}")
    listener = socket.socket(socket.AF_UNIX)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        making.unlink(missing_ok=True)
        listener.bind(os.fspath(making))
        making.chmod(0o600)
        listener.listen(BACKLOG)
        making.rename(path)
    except OSError as error:
        listener.close()
        raise CannotListenError(
            f"{path} cannot be listened on ({error.strerror or error}); choose another path"
        ) from error
    return listener


async def _healthz(request: web.Request) -> web.Response:
    return _lost(request.app[SERVED]) or web.json_response({"status": "ok"})


def _lost(served: Served) -> web.Response | None:
    if (reason := served.device.reason) is None:
        return None
    return web.json_response({"status": "device lost", "reason": reason}, status=503)


async def _readyz(request: web.Request) -> web.Response:
    served = request.app[SERVED]
    if (lost := _lost(served)) is not None:
        return lost
    if missing := served.missing:
        return web.json_response({"status": "loading", "missing": missing}, status=503)
    kinds = {
        "stt": served.recogniser.name if served.recogniser else None,
        "tts": served.speech.name if served.speech else None,
    }
    return web.json_response({"status": "ready", **kinds})


async def _metrics(request: web.Request) -> web.Response:
    figures = await asyncio.to_thread(generate_latest, request.app[SERVED].figures.registry)
    return web.Response(body=figures, content_type="text/plain")
