"""Asterisk: does it let us in, has it what we need, and does a call come through."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Final

from supervisor.ami.client import CONNECT_LIMIT_S, AmiClient, AmiError
from supervisor.ari.client import AriClient
from supervisor.ari.errors import AriError
from supervisor.checks.by_ami import ByAmi
from supervisor.checks.by_ari import ByAri
from supervisor.checks.dialplan import examine_dialplan
from supervisor.checks.echo_call import EchoFailed, Originates, call_ourselves
from supervisor.checks.finding import Finding, fail, ok, warn
from supervisor.database.extensions import Extension
from supervisor.settings import AmiSettings, AriSettings, Settings

SLOW_ECHO_MS: Final = 150.0
"""Longer than this there and back through Asterisk, people begin to talk over us."""
LATE_MS: Final = 40.0
"""What a telephone's jitter buffer holds at the least."""
PURE: Final = 0.8
AMI_CURE: Final = "Compare [ami] in the settings with manager.conf (docs/asterisk.md)."
ARI_CURE: Final = "Compare [ari] in the settings with http.conf and ari.conf (docs/asterisk.md)."


async def examine_asterisk(settings: Settings, rows: Sequence[Extension]) -> AsyncIterator[Finding]:
    """Every finding about the Asterisk of the settings; no phone rings."""
    chosen = settings.asterisk
    if chosen is None:
        text = f"No [{settings.telephone}] in the settings: calls are answered, but nobody can be"
        yield ok("asterisk", f"{text} called (docs/asterisk.md).")
        return
    by = _by_ari if isinstance(chosen, AriSettings) else _by_ami
    async for finding in by(settings, rows):
        yield finding


async def _by_ami(settings: Settings, rows: Sequence[Extension]) -> AsyncIterator[Finding]:
    chosen = settings.ami
    assert chosen is not None
    client = AmiClient(chosen.host, chosen.port, chosen.user, chosen.secret.get_secret_value())
    where = f"The manager interface at {chosen.host}:{chosen.port}"
    try:
        await client.try_once()
        async with client.running():
            async with asyncio.timeout(CONNECT_LIMIT_S):
                await client.connected()
            yield ok("ami", f"{where} lets {chosen.user} in.")
            asterisk = ByAmi(client, chosen)
            yield await asterisk.rights()
            async for finding in examine_dialplan(asterisk, settings, chosen, rows):
                yield finding
            with asterisk.listening():
                call = await _call(asterisk, settings, chosen)
            yield call
            if call.good:
                yield asterisk.events()
    except (AmiError, TimeoutError) as error:
        yield fail("ami", f"{where} cannot be used: {_said(error)}.", AMI_CURE)


async def _by_ari(settings: Settings, rows: Sequence[Extension]) -> AsyncIterator[Finding]:
    chosen = settings.ari
    assert chosen is not None
    client = AriClient(chosen.host, chosen.port, chosen.user, chosen.secret.get_secret_value())
    where = f"ARI at {chosen.host}:{chosen.port}"
    try:
        await client.try_once()
        async with client.running():
            async with asyncio.timeout(CONNECT_LIMIT_S):
                await client.connected()
            yield ok("ari", f"{where} lets {chosen.user} in, and call.")
            asterisk = ByAri(client, chosen)
            async with asterisk.asking():
                async for finding in examine_dialplan(asterisk, settings, chosen, rows):
                    yield finding
            yield await _call(asterisk, settings, chosen)
    except (AriError, TimeoutError) as error:
        yield fail("ari", f"{where} cannot be used: {_said(error)}.", ARI_CURE)


async def _call(
    asterisk: Originates, settings: Settings, chosen: AmiSettings | AriSettings
) -> Finding:
    try:
        echo = await call_ourselves(asterisk, settings.host, chosen.line_hz)
    except EchoFailed as failed:
        step = "Put the findings above right; else look for ramal-answer in Asterisk's log."
        if "did not connect" in str(failed):
            step = "Set RAMAL_HOST in Asterisk to our address; open our ports in the firewall."
        return fail("echo call", f"It did not come through: {failed}.", step)
    except OSError as error:
        return fail("echo call", f"We cannot listen on {settings.host}: {error}.", "Correct host.")
    rate = f"{chosen.line_hz // 1000} kHz"
    text = (
        f"Heard ourselves through Asterisk at {rate} after {echo.latency_ms:.1f} ms; "
        f"frames of {echo.frame_ms:.0f} ms, {echo.late_p99_ms:.0f} ms late (p99)."
    )
    if echo.purity < PURE:
        step = f"Compare [{settings.telephone}] audio with the dialplan: one codec is misread."
        return fail("echo call", "What came back is not what we said.", step)
    if echo.latency_ms > SLOW_ECHO_MS or echo.late_p99_ms > LATE_MS:
        return warn("echo call", text, "Give both machines more room, and a shorter way.")
    return ok("echo call", text)


def _said(error: BaseException) -> str:
    return (str(error) or "it does not answer").rstrip(".")
