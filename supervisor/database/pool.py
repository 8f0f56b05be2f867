"""Connections to PostgreSQL: time-outs, JSON as Python data, and errors in one sentence."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import asyncpg

from supervisor.errors import OperatorError

CONNECT_LIMIT_S = 5.0
COMMAND_LIMIT_S = 10.0
"""No statement of ours should take longer; one that does is given up."""

Connection: TypeAlias = Any
"""An ``asyncpg.Connection``, or a pool's proxy for one; asyncpg ships no types."""
Pool: TypeAlias = Any
"""An ``asyncpg.Pool``."""

AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that the server ends between two statements of ours
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
)
"""Errors that mean that the database is away for a while, rather than that we are wrong."""

TROUBLE = (*AWAY, asyncpg.PostgresError)
"""... and whatever else the database may answer, for loops that try again later in any case."""


REFUSED = (
    asyncpg.InsufficientPrivilegeError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.DiskFullError,
)
"""What is no error of ours either: an operator has to put the database right."""

NOWHERE = "the given address"
NO_ADDRESS = (
    "DATABASE_URL is not a PostgreSQL address; "
    "it looks like postgresql://user:password@host:5432/database."
)


class DatabaseError(OperatorError):
    """The database cannot be used."""


class HopelessDatabaseError(DatabaseError):
    """... and will not be before somebody changes our settings or our version."""


async def connect(url: str) -> Connection:
    """One connection. Raises :class:`DatabaseError` with what is wrong and what to do."""
    try:
        connection = await asyncpg.connect(
            url, timeout=CONNECT_LIMIT_S, command_timeout=COMMAND_LIMIT_S
        )
    except _CONNECT_ERRORS as error:
        raise _trouble(url, error) from error
    await speak_json(connection)
    return connection


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    """One connection for the duration of a block."""
    connection = await connect(url)
    try:
        yield connection
    finally:
        with suppress(*TROUBLE):  # what ended the block is told, not that the server is gone too
            await connection.close(timeout=CONNECT_LIMIT_S)


class _Clean(asyncpg.Connection):  # type: ignore[misc]
    """A connection that is given back without a statement of its own for that."""

    def get_reset_query(self) -> str:
        """Nothing; asyncpg rolls back what is open all the same."""
        return ""


@asynccontextmanager
async def pooled(
    url: str,
    *,
    size: int = 4,
    at_once: bool = True,
    for_queue: bool = False,
    leaves_nothing: bool = False,
) -> AsyncIterator[Pool]:
    """A pool of at most ``size`` connections; with ``at_once`` a first one is made as a proof.

    ``for_queue`` is for pgqueuer: it brings a JSON codec of its own, and its commits need not wait
    for the disk, as a job that comes back after PostgreSQL crashed finds its work done.
    ``leaves_nothing`` is for users who set nothing beyond their transaction: no session variable,
    no advisory lock, no LISTEN. It saves one of a short request's six trips to the database.
    Raises :class:`DatabaseError`.
    """
    try:
        pool = await asyncpg.create_pool(
            url,
            min_size=1 if at_once else 0,
            max_size=size,
            timeout=CONNECT_LIMIT_S,
            command_timeout=COMMAND_LIMIT_S,
            init=None if for_queue else speak_json,
            server_settings={"synchronous_commit": "off"} if for_queue else {},
            connection_class=_Clean if leaves_nothing else asyncpg.Connection,
        )
    except _CONNECT_ERRORS as error:
        raise _trouble(url, error) from error
    try:
        yield pool
    finally:
        await _close(pool)


async def speak_json(connection: Connection) -> None:
    """Let ``json`` and ``jsonb`` columns be Python data on both ways."""
    for name in ("json", "jsonb"):
        await connection.set_type_codec(
            name, encoder=_to_json, decoder=json.loads, schema="pg_catalog"
        )


def end_if_cancelled() -> None:
    """For loops that go on after trouble: trouble on the way out may have hidden a cancellation."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def place(url: str) -> str:
    """Where a connection string leads, without user and password: for messages."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return NOWHERE
    return f"{parts.hostname or 'a local socket'}{port}{parts.path}"


def _to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


async def _close(pool: Pool) -> None:
    """Politely, but a server that is away must not hold up the end of the program."""
    try:
        async with asyncio.timeout(CONNECT_LIMIT_S):
            await pool.close()
    except (TimeoutError, asyncpg.InterfaceError, OSError):
        pool.terminate()


_CONNECT_ERRORS = (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError)


def _trouble(url: str, error: Exception) -> DatabaseError:
    complaint = _complaint(url, error)
    kind = HopelessDatabaseError if complaint == NO_ADDRESS else DatabaseError
    return kind(complaint)


def _complaint(url: str, error: Exception) -> str:  # noqa: PLR0911
    where = place(url)
    match error:
        case _ if where == NOWHERE:
            return NO_ADDRESS
        case asyncpg.InvalidPasswordError() | asyncpg.InvalidAuthorizationSpecificationError():
            return (
                f"PostgreSQL at {where} refuses the user or password; correct them in DATABASE_URL."
            )
        case asyncpg.InvalidCatalogNameError():
            return (
                f"PostgreSQL at {where} has no such database; create it (createdb) "
                "or correct DATABASE_URL."
            )
        case asyncpg.TooManyConnectionsError():
            return f"PostgreSQL at {where} has no connection left; raise its max_connections."
        case socket.gaierror():
            return f"The host of DATABASE_URL ({where}) is not known; correct the name."
        case TimeoutError():
            return (
                f"PostgreSQL at {where} does not answer within {CONNECT_LIMIT_S:g} s; "
                "check the address in DATABASE_URL and the firewall."
            )
        case OSError():
            return (
                f"Nothing answers as PostgreSQL at {where}; start it, correct DATABASE_URL, "
                "or unset DATABASE_URL to use the embedded one."
            )
        case ValueError() | asyncpg.InterfaceError():
            return NO_ADDRESS
    return f"PostgreSQL at {where} refuses the connection: {str(error).rstrip('.')}."
