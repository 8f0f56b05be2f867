"""The database itself keeps tenants apart, whatever a query of the API asks for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

import asyncpg
import pytest

from conversation.journal import Entry
from supervisor.database.embedded import EmbeddedPostgres
from supervisor.database.migrate import migrate
from supervisor.database.pool import Connection, DatabaseError, Pool, connected
from supervisor.database.records import store_entries
from supervisor.database.tenancy import Scope, scoped

TABLES = (
    "tenants",
    "condominiums",
    "units",
    "residents",
    "extensions",
    "calls",
    "turns",
    "events",
    "visits",
)


@dataclass(frozen=True, slots=True)
class Place:
    tenant: UUID
    condominium: UUID
    unit: UUID


async def furnish(connection: Connection, name: str, port: int) -> Place:
    """A tenant with one row in each table."""
    tenant = await connection.fetchval("INSERT INTO tenants (name) VALUES ($1) RETURNING id", name)
    condominium = await connection.fetchval(
        "INSERT INTO condominiums (tenant_id, name) VALUES ($1, $2) RETURNING id", tenant, name
    )
    unit = await connection.fetchval(
        "INSERT INTO units (condominium_id, number) VALUES ($1, '12') RETURNING id", condominium
    )
    await connection.execute(
        "INSERT INTO residents (unit_id, position, name) VALUES ($1, 1, 'Ana')", unit
    )
    await connection.execute(
        """INSERT INTO extensions (number, condominium_id, port, return_port)
           VALUES ($1, $2, $3, $4)""",
        str(port),
        condominium,
        port,
        port + 1,
    )
    call_id, now = uuid4(), datetime.now(UTC)
    told = [
        ("call.started", {"condominium_id": str(condominium)}),
        ("turn", {"party": "visitor", "speaker": "agent", "text": "Bom dia"}),
        ("visit", {"outcome": "authorised"}),
        ("call.ended", {"reason": "done"}),
    ]
    entries = [Entry(call_id, place, now, *each) for place, each in enumerate(told, start=1)]
    await store_entries(connection, entries)
    return Place(tenant, condominium, unit)


@asynccontextmanager
async def seen_by(database: Pool, tenant: UUID | None) -> AsyncIterator[Connection]:
    async with database.acquire() as connection, scoped(connection, Scope(tenant, uuid4())):
        yield connection


@pytest.fixture
async def places(database: Pool) -> tuple[Place, Place]:
    async with database.acquire() as connection:
        return await furnish(connection, "Alfa", 20_000), await furnish(connection, "Beta", 21_000)


@pytest.mark.parametrize("table", TABLES)
async def test_a_tenant_sees_its_own_rows_and_no_others(
    database: Pool, places: tuple[Place, Place], table: str
) -> None:
    counts = []
    for tenant in (places[0].tenant, places[1].tenant, uuid4(), None):
        async with seen_by(database, tenant) as connection:
            counts.append(await connection.fetchval(f"SELECT count(*) FROM {table}"))
    everything = await database.fetchval(f"SELECT count(*) FROM {table}")
    assert counts == [everything // 2, everything // 2, 0, everything]
    assert everything >= 2


@pytest.mark.parametrize("table", TABLES)
async def test_who_names_no_tenant_sees_nothing(
    database: Pool, places: tuple[Place, Place], table: str
) -> None:
    async with database.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL ROLE ramal_api")
        assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0


async def test_a_tenant_can_put_nothing_into_anothers_condominium(
    database: Pool, places: tuple[Place, Place]
) -> None:
    mine, others = places
    for statement, value in (
        ("INSERT INTO units (condominium_id, number) VALUES ($1, '1')", others.condominium),
        ("INSERT INTO residents (unit_id, position, name) VALUES ($1, 9, 'x')", others.unit),
        ("INSERT INTO condominiums (tenant_id, name) VALUES ($1, 'x')", others.tenant),
        ("UPDATE units SET condominium_id = $1", others.condominium),
        ("UPDATE condominiums SET tenant_id = $1", others.tenant),
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            async with seen_by(database, mine.tenant) as connection:
                await connection.execute(statement, value)


async def test_a_tenant_can_neither_change_nor_delete_what_is_anothers(
    database: Pool, places: tuple[Place, Place]
) -> None:
    mine, others = places
    async with seen_by(database, mine.tenant) as connection:
        for statement in ("UPDATE units SET notes = 'x'", "DELETE FROM units"):
            assert (await connection.execute(statement)).endswith(" 1")
    kept = await database.fetch("SELECT condominium_id, notes FROM units")
    assert [tuple(row) for row in kept] == [(others.condominium, "")]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM api_keys",
        "UPDATE calls SET caller = ''",
        "DELETE FROM events",
        "INSERT INTO turns SELECT * FROM turns",
        "DELETE FROM visits",
        "UPDATE extensions SET status = 'listening'",
        "UPDATE audit_log SET path = ''",
        "DELETE FROM audit_log",
    ],
)
async def test_the_apis_role_cannot_touch_keys_records_or_marks(
    database: Pool, places: tuple[Place, Place], statement: str
) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
        async with seen_by(database, None) as connection:
            await connection.execute(statement)


async def test_the_role_ends_with_its_transaction(database: Pool) -> None:
    async with database.acquire() as connection:
        before = await connection.fetchval("SELECT current_user")
        async with scoped(connection, Scope(None, uuid4())):
            assert await connection.fetchval("SELECT current_user") == "ramal_api"
        assert await connection.fetchval("SELECT current_user") == before
        assert not await connection.fetchval("SELECT current_setting('ramal.tenant', true)")


async def test_a_reading_transaction_cannot_write(
    database: Pool, places: tuple[Place, Place]
) -> None:
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        async with (
            database.acquire() as connection,
            scoped(connection, Scope(None, uuid4()), readonly=True),
        ):
            await connection.execute("DELETE FROM units")


async def test_the_audit_log_can_be_neither_changed_nor_deleted_by_anybody(database: Pool) -> None:
    for statement in ("UPDATE audit_log SET path = ''", "DELETE FROM audit_log"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
            await database.execute(statement)


async def test_an_owner_who_is_no_superuser_needs_the_apis_role_and_is_told_how_to_get_it(
    postgres_server: EmbeddedPostgres,
) -> None:
    async with connected(postgres_server.url("postgres")) as maintenance:
        await maintenance.execute("CREATE ROLE tenancy_owner LOGIN")
        await maintenance.execute(
            "CREATE DATABASE tenancy_owned OWNER tenancy_owner TEMPLATE template0"
        )
        url = postgres_server.url("tenancy_owned").replace("ramal@", "tenancy_owner@")
        try:
            with pytest.raises(DatabaseError, match=r"say: GRANT ramal_api TO tenancy_owner"):
                await migrate(url)
            await maintenance.execute("GRANT ramal_api TO tenancy_owner")
            await migrate(url)
            async with connected(url) as connection:
                mine, _ = (
                    await furnish(connection, "Alfa", 20_000),
                    await furnish(connection, "Beta", 21_000),
                )
                async with scoped(connection, Scope(mine.tenant, uuid4())):
                    assert await connection.fetchval("SELECT count(*) FROM units") == 1
                assert await connection.fetchval("SELECT count(*) FROM units") == 2
        finally:
            await maintenance.execute("DROP DATABASE tenancy_owned WITH (FORCE)")
            await maintenance.execute("DROP ROLE tenancy_owner")
