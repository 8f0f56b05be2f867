"""The ``extensions`` table: which numbers are answered, by what, and how that goes."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

import asyncpg

from supervisor.database.condominiums import find_or_create_condominium
from supervisor.database.pool import Connection, Pool
from supervisor.errors import OperatorError

Status: TypeAlias = Literal["new", "listening", "disabled", "failed"]


PORTS: Final = range(1, 65536)
NO_PORT: Final = "A port is a number from 1 to 65535; choose another one."


class ExtensionError(OperatorError):
    """An extension cannot be added, changed or found."""


@dataclass(frozen=True, slots=True)
class Extension:
    """A row, with what is needed of its condominium.

    ``settings`` is whatever JSON an operator wrote there: it may be wrong. ``port`` takes visitors'
    connections, ``return_port`` the answered legs of our own calls.
    """

    id: UUID
    number: str
    condominium_id: UUID
    condominium: str
    timezone: str
    flow: str
    language: str
    voice: str | None
    port: int
    return_port: int
    enabled: bool
    isolated: bool
    settings: Any
    status: Status = "new"
    status_reason: str | None = None
    recording: Literal["nobody", "visitors", "everyone"] = "nobody"
    """Of the condominium, as is the next."""
    recording_notice: bool = True

    def to_json(self) -> dict[str, Any]:
        """JSON-able data that :meth:`from_json` takes back."""
        return {
            **asdict(self),
            "id": str(self.id),
            "condominium_id": str(self.condominium_id),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Extension":
        """The extension that :meth:`to_json` described."""
        ids = {name: UUID(data[name]) for name in ("id", "condominium_id")}
        return cls(**{**data, **ids})


@dataclass(frozen=True, slots=True)
class NewExtension:
    """What an operator says of a new extension."""

    number: str
    port: int
    return_port: int
    flow: str = "doorman"
    language: str = "pt-BR"
    voice: str | None = None
    enabled: bool = True
    isolated: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)


_SELECT = """
    SELECT e.id, e.number, e.condominium_id, c.name AS condominium, c.timezone, e.flow, e.language,
        e.voice, e.port, e.return_port, e.enabled, e.isolated, e.settings, e.status,
        e.status_reason, c.recording, c.recording_notice
    FROM extensions e JOIN condominiums c ON c.id = e.condominium_id
"""
CHANGEABLE = frozenset(NewExtension.__dataclass_fields__)


async def list_extensions(connection: Connection | Pool) -> list[Extension]:
    """All extensions by number."""
    rows = await connection.fetch(_SELECT + " ORDER BY e.number")
    return [Extension(**row) for row in rows]


async def find_extension(connection: Connection | Pool, number: str) -> Extension:
    """The extension of that number. Raises :class:`ExtensionError`."""
    row = await connection.fetchrow(_SELECT + " WHERE e.number = $1", number)
    if row is None:
        raise ExtensionError(f"There is no extension {number}; see: ramal extension list")
    return Extension(**row)


async def add_extension(connection: Connection, condominium: str, new: NewExtension) -> Extension:
    """Insert one, with its condominium if that is new. Raises :class:`ExtensionError`."""
    await _refuse_taken_ports(connection, (new.port, new.return_port))
    async with connection.transaction():
        condominium_id = await find_or_create_condominium(connection, condominium)
        columns = {**asdict(new), "settings": dict(new.settings), "condominium_id": condominium_id}
        names = ", ".join(columns)
        places = ", ".join(f"${index}" for index in range(1, len(columns) + 1))
        await _write(
            connection,
            new.number,
            f"INSERT INTO extensions ({names}) VALUES ({places})",  # noqa: S608
            *columns.values(),
        )
    return await find_extension(connection, new.number)


async def change_extension(
    connection: Connection, number: str, changes: Mapping[str, Any]
) -> Extension:
    """Change columns of :data:`CHANGEABLE`. Raises :class:`ExtensionError`."""
    unknown = set(changes) - CHANGEABLE
    if unknown:
        raise ExtensionError(
            f"An extension has no {sorted(unknown)[0]}; it has {', '.join(sorted(CHANGEABLE))}."
        )
    current = await find_extension(connection, number)
    ports = [changes[name] for name in ("port", "return_port") if name in changes]
    await _refuse_taken_ports(connection, ports, besides=current.id)
    if changes:
        sets = ", ".join(f"{name} = ${index}" for index, name in enumerate(changes, start=2))
        await _write(
            connection,
            str(changes.get("number", number)),
            f"UPDATE extensions SET {sets} WHERE id = $1",  # noqa: S608
            current.id,
            *changes.values(),
        )
    return await find_extension(connection, str(changes.get("number", number)))


async def remove_extension(connection: Connection, number: str) -> None:
    """Delete it; its calls stay. Raises :class:`ExtensionError`."""
    extension = await find_extension(connection, number)
    await connection.execute("DELETE FROM extensions WHERE id = $1", extension.id)


async def mark_extension(
    connection: Connection | Pool, extension_id: UUID, status: Status, reason: str | None = None
) -> None:
    """Write down how it goes with an extension; writes nothing where nothing changed."""
    await connection.execute(
        """UPDATE extensions SET status = $2, status_reason = $3, status_at = now()
           WHERE id = $1 AND (status, status_reason) IS DISTINCT FROM ($2, $3)""",
        extension_id,
        status,
        reason,
    )


async def _refuse_taken_ports(
    connection: Connection, ports: "tuple[int, ...] | list[int]", besides: UUID | None = None
) -> None:
    if any(port not in PORTS for port in ports):
        raise ExtensionError(NO_PORT)
    row = await connection.fetchrow(
        """SELECT number, port, return_port FROM extensions
           WHERE (port = ANY($1) OR return_port = ANY($1)) AND id IS DISTINCT FROM $2""",
        list(ports),
        besides,
    )
    if row is not None:
        taken = row["port"] if row["port"] in ports else row["return_port"]
        raise ExtensionError(
            f"Port {taken} belongs to extension {row['number']} already; choose another one."
        )


async def _write(connection: Connection, number: str, statement: str, *values: Any) -> None:
    try:
        await connection.execute(statement, *values)
    except asyncpg.UniqueViolationError:
        raise ExtensionError(
            f"There is an extension {number} already; change it with: ramal extension set {number}"
        ) from None
    except asyncpg.CheckViolationError as error:
        raise ExtensionError(_broken_rule(number, str(error.constraint_name))) from None


def _broken_rule(number: str, constraint: str) -> str:
    if "number" in constraint:
        return f'"{number}" is no extension number; use digits, letters, and the signs _ * # + -.'
    if constraint in ("extensions_port_check", "extensions_return_port_check"):
        return NO_PORT
    return "The port and the return port must differ; choose another one."
