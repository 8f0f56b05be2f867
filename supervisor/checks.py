"""What ``ramal doctor`` looks at: each check says what it found, and what to do where it is bad."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

from supervisor.ami.client import CONNECT_LIMIT_S, AmiClient, AmiError, AmiRefusedError
from supervisor.database.extensions import Extension, list_extensions
from supervisor.database.migrate import newest_version, schema_version
from supervisor.database.opening import database_url
from supervisor.database.pool import Connection, connected, place
from supervisor.errors import OperatorError
from supervisor.listeners import PortError, bind_listener
from supervisor.metrics import Metrics
from supervisor.rules import ExtensionProblem, check_extension
from supervisor.settings import AmiSettings, Settings
from tts.engine import SynthesisError

OLDEST_POSTGRESQL = 13
"""The schema needs its ``gen_random_uuid``; the tests run on 18."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found; ``text`` says it in a sentence, with the cure where it is not good."""

    part: str
    good: bool
    text: str


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Every finding, one after the other, as they are made."""
    rows: list[Extension] = []
    async for finding in _database(settings, rows):
        yield finding
    async for finding in _engines(settings, [row for row in rows if _speaks(row)]):
        yield finding
    async for finding in examine_asterisk(settings.ami):
        yield finding


async def _database(settings: Settings, rows: list[Extension]) -> AsyncIterator[Finding]:
    """... and fills ``rows`` with the extensions."""
    try:
        async with database_url(settings) as url, connected(url) as connection:
            which = place(url) if settings.database_url else f"embedded in {settings.data_dir}"
            yield await _postgresql(connection, which)
            schema = await _schema(connection)
            yield schema
            if schema.good:
                rows += await list_extensions(connection)
                for finding in _extensions(rows, settings.host):
                    yield finding
    except OperatorError as error:
        yield Finding("database", False, str(error))


async def _postgresql(connection: Connection, which: str) -> Finding:
    text = f"PostgreSQL {connection.get_settings().server_version}, {which}."
    if connection.get_server_version().major < OLDEST_POSTGRESQL:
        return Finding("database", False, f"{text} Upgrade it to {OLDEST_POSTGRESQL} or later.")
    return Finding("database", True, text)


async def _schema(connection: Connection) -> Finding:
    version, newest = await schema_version(connection), newest_version()
    if version == newest:
        return Finding("schema", True, f"The schema is up to date ({newest}).")
    found = f"at {version}" if version else "missing"
    return Finding("schema", False, f"The schema is {found}, not {newest}; run: ramal migrate")


def _extensions(rows: list[Extension], host: str) -> Iterator[Finding]:
    if not rows:
        yield Finding("extensions", True, "There are none yet; see: ramal extension add --help")
    for row in rows:
        yield _extension(row, host)


def _extension(row: Extension, host: str) -> Finding:
    part = f"extension {row.number}"
    if not row.enabled:
        return Finding(part, True, "It is disabled.")
    if row.status == "failed":
        return Finding(part, False, f"It is not served: {row.status_reason}.")
    try:
        check_extension(row)
        for port in (row.port, row.return_port):
            bind_listener(host, port).close()
    except ExtensionProblem as problem:
        return Finding(part, False, f"It cannot be served: {problem}.")
    except PortError as problem:
        if row.status == "listening" and "in use" in str(problem):
            return Finding(part, True, f"It listens on {row.port}, return port {row.return_port}.")
        return Finding(part, False, f"It cannot be served: {problem}.")
    return Finding(part, True, f"Ports {row.port} and {row.return_port} are free for it.")


def _speaks(row: Extension) -> bool:
    return row.enabled and row.flow == "doorman" and row.voice is not None


async def _engines(settings: Settings, rows: list[Extension]) -> AsyncIterator[Finding]:
    from supervisor.speech import Speech  # noqa: PLC0415

    async with AsyncExitStack() as resources:
        speech = Speech(settings, resources)
        try:
            engines = await speech.engines()
            voice = speech.voice(None)
            await engines.speaker.duration_ms("Bom dia.", voice)
        except OperatorError as error:
            yield Finding("engines", False, str(error))
            return
        except SynthesisError as error:
            text = f"Nothing can be spoken: {error}; correct voice under [tts] in the settings."
            yield Finding("engines", False, text)
            return
        yield Finding(
            "engines", True, f"Recogniser {engines.recogniser.name}, voice {voice.name} work."
        )
        for row in rows:
            try:
                await engines.speaker.duration_ms("Bom dia.", speech.voice(row.voice))
            except SynthesisError as error:
                cure = f"ramal extension set {row.number} --voice {voice.name}"
                text = f"It cannot speak: {error}; correct its voice, as in: {cure}"
                yield Finding(f"extension {row.number}", False, text)


async def examine_asterisk(ami: AmiSettings | None) -> AsyncIterator[Finding]:
    """Whether Asterisk lets us in and lets us do what calling people takes; nothing rings."""
    if ami is None:
        text = "No [ami] in the settings: calls are answered, but nobody can be called."
        yield Finding("asterisk", True, text)
        return
    client = AmiClient(ami.host, ami.port, ami.user, ami.secret.get_secret_value(), Metrics())
    try:
        await client.try_once()
        denied = await _denied(client)
    except (AmiError, TimeoutError) as error:
        text = f"The manager interface cannot be used: {str(error) or 'it does not answer'}"
        text += "." if "manager.conf" in text else f"; {AMI_CURE}"
        yield Finding("asterisk", False, text)
        return
    where = f"The manager interface at {ami.host}:{ami.port}"
    if denied:
        yield Finding(
            "asterisk",
            False,
            f"{where} does not let {ami.user} do {' and '.join(denied)}; "
            "give it read=call,user,dtmf and write=originate,call in manager.conf.",
        )
        return
    yield Finding("asterisk", True, f"{where} lets us in, and call and hang up.")


async def _denied(client: AmiClient) -> list[str]:
    """Which actions the user has no right to: asked for without what they need, so that a right
    is answered with another complaint and nothing happens."""
    denied = []
    async with client.running():
        async with asyncio.timeout(CONNECT_LIMIT_S):
            await client.connected()
        for action in ("Originate", "Hangup"):
            try:
                await client.action(action, ("Channel", NO_CHANNEL))
            except AmiRefusedError as refusal:
                if "permission" in str(refusal).lower():
                    denied.append(action)
    return denied


AMI_CURE = "compare [ami] in the settings with Asterisk's manager.conf (docs/asterisk.md)."

NO_CHANNEL = "ramal-doctor"
"""No technology, hence no channel: nothing rings, nothing is hung up."""
