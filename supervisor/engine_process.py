"""An engines process: ``ramal engines``, or ``python -m supervisor.engine_process`` as the
supervisor starts it, with its settings on standard input, where it also learns that nobody
wants it any more."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import fields
from functools import partial
from typing import Final, NoReturn

import structlog

from engines.address import Address
from engines.app import CannotListenError, Loading, serving
from engines.lost_device import end_process
from engines.serving import Served
from stt.engines import RecogniserChoice, open_recogniser
from stt.recogniser import Recogniser, RecogniserUnavailableError
from supervisor.errors import OperatorError
from supervisor.logs import configure_logs
from supervisor.settings import Settings
from supervisor.speech_settings import EngineSpeakerSettings, RecogniserModelSettings
from tts.engine import SynthesisError, TtsEngine, Voice
from tts.engines import UnknownEngineError, open_engine, voice_for
from tts.xtts.engine import XttsEngine
from tts.xtts.names import ENGINE as XTTS
from tts.xtts.names import xtts_voice
from tts.xtts.options import XttsOptions

READY: Final = "ready\n"
"""What the process says on standard output once its engines are warm."""
CANNOT: Final = "cannot: "
"""... or this and why, where an operator can put it right."""
LOST: Final = "lost: "
"""What it says in the end, and why, where it is of no use any more."""

_log = structlog.get_logger(__name__)


class EnginesError(OperatorError):
    """The engines cannot be served; the message says what is missing and what to do."""


def choice(settings: RecogniserModelSettings, engine: str | None = None) -> RecogniserChoice:
    """What to open in this process by these settings, or another engine with its defaults.

    Where Whisper is a step of a ladder, model and whatever else only it has are meant for it.
    """
    names = {field.name for field in fields(RecogniserChoice)}
    known = {name: value for name, value in settings.model_dump().items() if name in names}
    meant = "whisper" if "whisper" in getattr(settings, "ladder", ()) else settings.engine
    if engine is not None and engine != meant:
        return RecogniserChoice(engine, threads=settings.threads)
    return RecogniserChoice(**{**known, "engine": engine or settings.engine})


def loading(settings: Settings, kinds: Sequence[str]) -> Loading:
    """What a process of these kinds opens."""
    stt, tts = settings.engines.stt, settings.engines.tts

    async def open_stt() -> Recogniser:
        return await open_recogniser(choice(stt))

    return Loading(
        open_stt if "stt" in kinds else None,
        (lambda: open_speaker(tts)) if "tts" in kinds else None,
        partial(voice_of, tts),
        stt_at_once=stt.threads or os.cpu_count() or 1,
        tts_at_once=tts.processes,
        most_waiting=settings.engines.most_waiting,
    )


def open_speaker(tts: EngineSpeakerSettings) -> TtsEngine:
    """The engine that a process speaks with. Raises
    :class:`~tts.engines.UnknownEngineError`."""
    if tts.engine != XTTS:
        return open_engine(tts)
    xtts = tts.xtts
    if xtts.model is None:
        raise UnknownEngineError(
            "engines.tts.engine is xtts, and nothing says where its model is: set "
            "engines.tts.xtts.model to the folder with XTTS-v2's model.pth"
        )
    return XttsEngine(XttsOptions(**xtts.model_dump(), profiles=tts.quality_profiles))


def voice_of(tts: EngineSpeakerSettings, name: str | None) -> Voice:
    """The voice of that name, or the settings' own."""
    if tts.engine != XTTS:
        return voice_for(tts, name)
    return xtts_voice(name or tts.voice, tts.xtts.language, speed=tts.speed)


async def run_engines(
    settings: Settings, address: Address, kinds: Sequence[str], *, supervised: bool = False
) -> None:
    """Serve until SIGTERM or SIGINT. Raises :class:`EnginesError`."""
    leave = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, leave.set)
    token = settings.engines.token
    secret = token.get_secret_value() if token else None
    orphaned = asyncio.create_task(_until_unwanted(leave)) if supervised else None
    try:
        async with serving(address, loading(settings, kinds), token=secret) as served:
            if supervised:
                sys.stdout.write(READY)
                sys.stdout.flush()
            losing = asyncio.create_task(_end_with_its_device(served, supervised=supervised))
            try:
                await leave.wait()
            finally:
                losing.cancel()
    except (
        CannotListenError,
        RecogniserUnavailableError,
        SynthesisError,
        UnknownEngineError,
    ) as error:
        raise EnginesError(str(error)) from error
    finally:
        if orphaned is not None:
            orphaned.cancel()
    _log.info("engines.stopped", address=str(address))


async def _end_with_its_device(served: Served, *, supervised: bool) -> NoReturn:
    """Another process has another try at the GPU, which this one lost."""
    await served.device_lost.wait()
    reason = f"lost its GPU: {served.device.reason}"
    end_process(reason, f"{LOST}{reason}\n" if supervised else "")


async def _until_unwanted(leave: asyncio.Event) -> None:
    """Whoever started us holds the other end of standard input for as long as it lives."""
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    while await reader.read(4096):
        pass
    leave.set()


def main() -> None:
    """The entry point of ``python -m supervisor.engine_process``."""
    import uvloop  # noqa: PLC0415

    told = json.loads(sys.stdin.readline())
    settings = Settings.from_supervisor(told["settings"])
    configure_logs(settings.log, process=told["name"])
    address = Address.parse(told["address"])
    try:
        uvloop.run(run_engines(settings, address, told["kinds"], supervised=True))
    except EnginesError as error:
        sys.stdout.write(f"{CANNOT}{error}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
