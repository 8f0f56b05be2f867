"""The database: can it be used, is its schema of today, may we do what we have to."""

from collections.abc import AsyncIterator, Iterator
from typing import Final

from supervisor.checks.finding import Finding, fail, ok, warn
from supervisor.checks.voices import examine_voices
from supervisor.database.extensions import Extension, list_extensions
from supervisor.database.migrate import newest_version, schema_version
from supervisor.database.opening import database_url
from supervisor.database.pool import Connection, connected, place
from supervisor.errors import OperatorError
from supervisor.listeners import PortError, bind_listener
from supervisor.rules import ExtensionProblem, check_extension
from supervisor.settings import Settings

OLDEST_POSTGRESQL: Final = 13
"""The schema needs its ``gen_random_uuid``; the tests run on 18."""
API_ROLE: Final = "ramal_api"
WRITTEN: Final = ("calls", "turns", "events", "visits", "extensions")
"""Tables that a call writes to, or that say how it went."""


async def examine_database(settings: Settings, rows: list[Extension]) -> AsyncIterator[Finding]:
    """... and fills ``rows`` with the extensions."""
    try:
        async with database_url(settings) as url, connected(url) as connection:
            which = place(url) if settings.database_url else f"embedded in {settings.data_dir}"
            yield await _postgresql(connection, which)
            schema = await _schema(connection)
            yield schema
            if schema.good:
                yield await _rights(connection, ours=settings.database_url is not None)
                rows += await list_extensions(connection)
                for finding in _extensions(rows, settings.host):
                    yield finding
                async for finding in examine_voices(connection, rows, settings.tts):
                    yield finding
    except OperatorError as error:
        yield fail("database", str(error), "")


async def _postgresql(connection: Connection, which: str) -> Finding:
    text = f"PostgreSQL {connection.get_settings().server_version}, {which}."
    if connection.get_server_version().major < OLDEST_POSTGRESQL:
        return fail("database", text, f"Upgrade it to {OLDEST_POSTGRESQL} or later.")
    return ok("database", text)


async def _schema(connection: Connection) -> Finding:
    version, newest = await schema_version(connection), newest_version()
    if version == newest:
        return ok("schema", f"The schema is up to date ({newest}).")
    found = f"The schema is at {version}, not {newest}." if version else "There is no schema yet."
    return fail("schema", found, "Run: ramal migrate")


async def _rights(connection: Connection, *, ours: bool) -> Finding:
    """``ours`` for a database of the operator's: the embedded one has one user, a superuser."""
    denied = await connection.fetch(
        "SELECT name FROM unnest($1::text[]) AS name"
        " WHERE to_regclass(name) IS NOT NULL AND NOT has_table_privilege(name, 'SELECT, INSERT')",
        list(WRITTEN),
    )
    if denied:
        names = ", ".join(row["name"] for row in denied)
        step = "Connect as the user that ran ramal migrate, or grant it these tables."
        return fail("database rights", f"Our user may not read and write {names}.", step)
    if not await connection.fetchval("SELECT pg_has_role(current_user, $1, 'MEMBER')", API_ROLE):
        step = f"As a superuser: GRANT {API_ROLE} TO the user of database_url."
        return fail(
            "database rights", f"Our user is no member of {API_ROLE}, which the API takes.", step
        )
    if ours and await connection.fetchval(
        "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
    ):
        step = "Give it a user of its own that owns its database and nothing else."
        return warn("database rights", "Our user of PostgreSQL is a superuser.", step)
    return ok("database rights", "Our user may do what calls and the API need.")


def _extensions(rows: list[Extension], host: str) -> Iterator[Finding]:
    if not rows:
        yield ok("extensions", "There are none yet; see: ramal extension add --help")
    for row in rows:
        yield _extension(row, host)


def _extension(row: Extension, host: str) -> Finding:
    part = f"extension {row.number}"
    step = f"See: ramal extension set {row.number} --help"
    if not row.enabled:
        return ok(part, "It is disabled.")
    if row.status == "failed":
        return fail(part, f"It is not served: {row.status_reason}.", step)
    try:
        check_extension(row)
        for port in (row.port, row.return_port):
            bind_listener(host, port).close()
    except ExtensionProblem as problem:
        return fail(part, f"It cannot be served: {problem}.", step)
    except PortError as problem:
        if row.status == "listening" and "in use" in str(problem):
            return ok(part, f"It listens on {row.port}, return port {row.return_port}.")
        return fail(part, f"It cannot be served: {problem}.", step)
    return ok(part, f"Ports {row.port} and {row.return_port} are free for it.")
