"""What Asterisk has loaded: modules, contexts, clock; asked by evaluating dialplan functions, which
takes no more rights than calling people does."""

import time
from collections.abc import AsyncIterator, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final, Protocol

from audiosocket.frames import TELEPHONE_HZ
from supervisor.checks.finding import Finding, fail, ok, warn
from supervisor.checks.versions import judge
from supervisor.database.extensions import Extension
from supervisor.rules import ExtensionProblem, line_hz_of, line_settings_of
from supervisor.settings import AmiSettings, AriSettings, Settings

NEEDED: Final = {
    "res_audiosocket.so": "the audio",
    "app_audiosocket.so": "the audio",
    "app_dial.so": "handing over",
    "app_exec.so": "TryExec: calls that outlive a worker",
    "app_playback.so": "RAMAL_SORRY",
    "app_playtones.so": "the tone for no line",
    "app_stack.so": "Gosub",
    "app_userevent.so": "which channel a call is",
    "app_verbose.so": "Log",
    "func_callerid.so": "CALLERID",
    "func_channel.so": "CHANNEL",
    "func_dialplan.so": "DIALPLAN_EXISTS",
    "func_global.so": "SHARED",
    "func_logic.so": "IF",
    "func_strings.so": "FILTER",
    "func_uuid.so": "UUID",
}
"""Modules without which the shipped dialplan does not work, and what for."""
WIDE: Final = {"chan_audiosocket.so": "16 kHz"}
SIP: Final = {"chan_pjsip.so": "phones", "codec_ulaw.so": "G.711", "codec_alaw.so": "G.711"}
CONTEXTS: Final = ("ramal-answer", "ramal-talk", "ramal-hand-over", "ramal-failed")
COPY: Final = "Copy deploy/asterisk/extensions.conf and #include it; then: dialplan reload"
SKEW_LIMIT_S: Final = 2.0


class Asked(Protocol):
    """An Asterisk that evaluates variables and functions of its dialplan."""

    async def ask(self, expression: str) -> str:
        """The value; empty for what it does not know."""


async def examine_dialplan(
    asterisk: Asked,
    settings: Settings,
    chosen: AmiSettings | AriSettings,
    rows: Sequence[Extension],
) -> AsyncIterator[Finding]:
    """Version, modules, contexts, numbers and clock; nothing rings."""
    wideband = chosen.audio == "slin16" or any(line_hz_of(row) != TELEPHONE_HZ for row in rows)
    yield await _version(asterisk, wideband=wideband)
    yield await _modules(asterisk, chosen, wideband=wideband)
    yield await _contexts(asterisk, chosen)
    for row in rows:
        if (finding := await _number(asterisk, row)) is not None:
            yield finding
    yield await _return_address(asterisk, settings, chosen)
    yield await _clock(asterisk)


async def _version(asterisk: Asked, *, wideband: bool) -> Finding:
    version = await asterisk.ask("VERSION()")
    if not version:
        step = "Load func_version.so and ask again; it must be 18 or later, best 22."
        return warn("version", "Asterisk does not tell its version.", step)
    return judge(version, wideband=wideband)


async def _modules(
    asterisk: Asked, chosen: AmiSettings | AriSettings, *, wideband: bool
) -> Finding:
    if await asterisk.ask("IFMODULE(pbx_config.so)") != "1":
        step = "Load func_module.so and ask again (see deploy/asterisk/modules.conf)."
        return warn("modules", "Asterisk does not tell which modules it has.", step)
    wanted = {**NEEDED, **(WIDE if wideband else {})}
    if chosen.dial.startswith("PJSIP/"):
        wanted |= SIP
    missing = [name for name in wanted if await asterisk.ask(f"IFMODULE({name})") != "1"]
    if missing:
        named = ", ".join(f"{name} ({wanted[name]})" for name in missing)
        step = f"Load them: {' '.join(f'module load {name};' for name in missing)}"
        return fail("modules", f"Not loaded: {named}.", step + " and see modules.conf.")
    return ok("modules", f"All {len(wanted)} that the dialplan needs are loaded.")


async def _contexts(asterisk: Asked, chosen: AmiSettings | AriSettings) -> Finding:
    wanted = (*CONTEXTS, chosen.context)
    missing = [name for name in wanted if not await _exists(asterisk, name, "s")]
    if missing:
        return fail("dialplan", f"There is no context {', '.join(missing)}.", COPY)
    return ok("dialplan", f"The contexts are there: {', '.join(wanted)}.")


async def _number(asterisk: Asked, row: Extension) -> Finding | None:
    """What is odd about an extension's place in the dialplan; ``None`` if nothing is."""
    part = f"number {row.number}"
    if not await _exists(asterisk, "ramal", row.number):
        audio = "" if line_hz_of(row) == TELEPHONE_HZ else ",slin16"
        line = f"exten => {row.number},1,Gosub(ramal-answer,s,1({row.port}{audio}))"
        return warn(part, "No phone can dial it in context ramal.", f"In numbers.conf: {line}")
    try:
        destinations = line_settings_of(row).destinations
    except ExtensionProblem:
        return None  # said already, of the extension
    for name in destinations:
        if not await _exists(asterisk, "ramal-transfer", name):
            text = f"Its callers may be handed over to {name}, which is not there."
            return fail(part, text, f"Add it to [ramal-transfer] in numbers.conf: {name}")
    return None


async def _exists(asterisk: Asked, context: str, extension: str) -> bool:
    return await asterisk.ask(f"DIALPLAN_EXISTS({context},{extension},1)") == "1"


async def _return_address(
    asterisk: Asked, settings: Settings, chosen: AmiSettings | AriSettings
) -> Finding:
    said = await asterisk.ask("RAMAL_HOST")
    host = said or "127.0.0.1"
    text = f"Asterisk brings audio to {host}; we listen on {settings.host}."
    if not said and not _is_loopback(chosen.host):
        step = f"In extensions.conf under [globals]: RAMAL_HOST = our address, not {host}"
        return fail("address", f"Asterisk at {chosen.host} looks for us on itself.", step)
    if _is_loopback(settings.host) and not _is_loopback(host):
        step = f'Set host = "{host}" in ramal.toml, or RAMAL_HOST in Asterisk.'
        return fail("address", text, step)
    if _is_every_address(settings.host):
        step = "AudioSocket has no password: set host to one private address."
        return warn("address", "We listen on every address of this machine.", step)
    return ok("address", text)


def _is_loopback(host: str) -> bool:
    address = _address(host)
    return address.is_loopback if address else host == "localhost"


def _is_every_address(host: str) -> bool:
    address = _address(host)
    return address is not None and address.is_unspecified


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


async def _clock(asterisk: Asked) -> Finding:
    told = await asterisk.ask("EPOCH")
    if not told.isdigit():
        return warn("clock", "Asterisk does not tell its time.", "Compare it: date; date -u")
    skew_s = int(told) - time.time()
    if -SKEW_LIMIT_S - 1 < skew_s < SKEW_LIMIT_S:
        return ok("clock", "Asterisk's clock and ours agree.")
    text = f"Asterisk's clock is {abs(skew_s):.0f} s {'ahead' if skew_s > 0 else 'behind'}."
    return warn("clock", text, "Let both machines keep time (chrony): logs cannot be compared.")
