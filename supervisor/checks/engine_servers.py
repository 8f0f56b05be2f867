"""The engine servers that the settings name: does each of them answer."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import aiohttp

from engines.origins import Origin, Origins
from supervisor.checks.finding import Finding, ok, warn
from supervisor.settings import Settings
from supervisor.speech_settings import EnginesSettings

LIMIT_S: Final = 3.0
OTHERS: Final = "Start it there (ramal engines --listen ...), or correct the address."
OWN: Final = "It is started by ramal serve: look at its log if that runs."


async def examine_servers(settings: Settings) -> AsyncIterator[Finding]:
    """One finding for each address; one that does not answer is no failure where others do."""
    token = settings.engines.token
    secret = token.get_secret_value() if token else None
    for kind, section in (("stt", settings.stt), ("tts", settings.tts)):
        if "remote" not in section.steps:
            continue
        own = not section.addresses and kind in settings.engines.run
        socket = EnginesSettings.socket_of(settings.data_dir, kind)
        addresses = (socket,) if own else section.addresses
        if not addresses:
            continue  # which is told by whoever opens the engines
        origins = Origins.of_engines(addresses, secret)
        try:
            for origin in origins.in_order():
                yield await _examine(kind, origin, OWN if own else OTHERS)
        finally:
            await origins.close()


async def _examine(kind: str, origin: Origin, step: str) -> Finding:
    part = f"{kind} engines"
    try:
        async with asyncio.timeout(LIMIT_S):
            state = await _state(origin)
            admitted = await _is_admitted(origin)
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
        told = str(error) or f"no answer within {LIMIT_S:g} s"
        return warn(part, f"{origin.name} does not answer: {told}.", step)
    if state.get("status") != "ready":
        return warn(part, f"{origin.name} is still loading.", "Wait, and look at its log.")
    if not admitted:
        step = "Give both sides the same RAMAL_ENGINES__TOKEN."
        return warn(part, f"{origin.name} does not accept our token.", step)
    if not state.get(kind):
        step = f"Start it with --kind {kind}, or take it out of {kind}.addresses."
        return warn(part, f"{origin.name} has no {kind} engine.", step)
    return ok(part, f"{origin.name} is ready, with {state[kind]}.")


async def _state(origin: Origin) -> dict[str, str]:
    async with origin.session.get("readyz") as answer:
        body = await answer.json(content_type=None)
    if not isinstance(body, dict):
        raise ValueError("it is no engines process")
    return body


async def _is_admitted(origin: Origin) -> bool:
    async with origin.session.get("v1/models") as answer:
        return answer.status == 200
