"""``ramal engines``: speech in and out for workers on this machine or on others."""

from typing import Annotated

import typer

from engines.address import Address
from supervisor.cli.running import prepare, run
from supervisor.engine_process import EnginesError, run_engines
from supervisor.speech_settings import EnginesSettings

KINDS = ("stt", "tts")


def engines(
    *,
    listen: Annotated[
        str | None,
        typer.Option(help="unix:PATH, or http://HOST:PORT with RAMAL_ENGINES__TOKEN."),
    ] = None,
    kind: Annotated[
        list[str] | None, typer.Option(help="stt or tts; both where none is named.")
    ] = None,
) -> None:
    """Load speech recognition and synthesis once, and serve them until SIGTERM or Ctrl-C.

    What it loads is in the settings' sections engines.stt and engines.tts. Workers use it by
    stt.ladder = ["remote", "builtin"] and stt.addresses, and the same for tts. It also answers
    OpenAI's /v1/audio/speech and /v1/audio/transcriptions. See docs/engines.md.

    On this machine: ramal engines --listen unix:var/engines.sock

    For other machines: RAMAL_ENGINES__TOKEN=$(openssl rand -hex 24) ramal engines --listen
    http://10.0.0.5:8090

    Whisper alone: RAMAL_ENGINES__STT__ENGINE=whisper ramal engines --kind stt
    """
    settings = prepare()
    kinds = kind or list(KINDS)
    if unknown := set(kinds) - set(KINDS):
        raise EnginesError(f"There is no kind {min(unknown)!r} of engine: use stt or tts.")
    usual = settings.engines.listen or EnginesSettings.socket_of(settings.data_dir, "engines")
    try:
        address = Address.parse(listen or usual)
    except ValueError as error:
        raise EnginesError(f"Nothing can listen there: {error}; correct --listen.") from None
    run(run_engines(settings, address, kinds))
