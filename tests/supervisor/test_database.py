import asyncio
import secrets
import socket

import pytest

from supervisor.database.embedded import EmbeddedPostgres
from supervisor.database.migrate import migrate, newest_version, schema_version
from supervisor.database.pool import DatabaseError, Pool, connect, connected


async def test_migrating_again_changes_nothing(database_url: str) -> None:
    assert await migrate(database_url) == []


async def test_two_migrations_at_once_do_it_once(postgres_server: EmbeddedPostgres) -> None:
    async with connected(postgres_server.url("postgres")) as maintenance:
        await maintenance.execute("CREATE DATABASE empty TEMPLATE template0")
        url = postgres_server.url("empty")
        done = await asyncio.gather(migrate(url), migrate(url), migrate(url))
        assert sorted(map(len, done)) == [0, 0, len(max(done, key=len))]
        assert max(done, key=len)[-1] == newest_version()
        await maintenance.execute("DROP DATABASE empty WITH (FORCE)")


async def test_two_databases_migrated_at_once_do_not_mix(postgres_server: EmbeddedPostgres) -> None:
    names = [f"test_{secrets.token_hex(6)}" for _ in range(3)]
    async with connected(postgres_server.url("postgres")) as connection:
        for name in names:
            await connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        done = await asyncio.gather(*(migrate(postgres_server.url(name)) for name in names))
        assert done[0] and done == [done[0]] * 3
        for name in names:
            async with connected(postgres_server.url(name)) as other:
                assert await other.fetchval("SELECT count(*) FROM visits") == 0
            await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def test_a_user_who_may_not_change_the_schema_is_told(
    postgres_server: EmbeddedPostgres,
) -> None:
    async with connected(postgres_server.url("postgres")) as maintenance:
        await maintenance.execute("CREATE DATABASE foreign_one TEMPLATE template0")
        await maintenance.execute("CREATE ROLE weak LOGIN")
        url = postgres_server.url("foreign_one").replace("ramal@", "weak@")
        with pytest.raises(DatabaseError, match=r"permission denied.*as the database's owner"):
            await migrate(url)
        await maintenance.execute("DROP DATABASE foreign_one WITH (FORCE)")
        await maintenance.execute("DROP ROLE weak")


async def test_a_schema_newer_than_the_program_is_refused(database_url: str) -> None:
    async with connected(database_url) as connection:
        await connection.execute("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(DatabaseError, match="newer than this program"):
            await migrate(database_url)
        assert await schema_version(connection) == "9999"


async def test_every_table_says_what_it_is_for(database: Pool) -> None:
    silent = await database.fetch(
        """SELECT relname FROM pg_class WHERE relkind = 'r'
           AND relnamespace = 'public'::regnamespace
           AND relname <> 'alembic_version' AND obj_description(oid) IS NULL"""
    )
    assert silent == []


async def test_json_columns_are_python_data(database: Pool) -> None:
    assert await database.fetchval("SELECT $1::jsonb", {"a": ["é"]}) == {"a": ["é"]}


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("postgresql://u:hush@127.0.0.1:1/d", "Nothing answers as PostgreSQL at 127.0.0.1:1/d"),
        ("postgresql://u:hush@no.such.host.invalid/d", "is not known"),
        ("mysql://u:hush@h/d", "is not a PostgreSQL address"),
        ("postgresql://u:hush@h:port/d", "is not a PostgreSQL address"),
    ],
)
async def test_a_wrong_address_gets_a_sentence_without_the_password(
    url: str, sentence: str
) -> None:
    with pytest.raises(DatabaseError) as caught:
        await connect(url)
    assert sentence in str(caught.value)
    assert "hush" not in str(caught.value)


async def test_a_database_that_is_not_there_is_named(postgres_server: EmbeddedPostgres) -> None:
    with pytest.raises(DatabaseError, match="no such database"):
        await connect(postgres_server.url("nowhere"))


async def test_something_else_on_the_port_is_no_postgresql() -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, family=socket.AF_INET)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(DatabaseError):
        await connect(f"postgresql://u:p@127.0.0.1:{port}/d")
    server.close()
    await server.wait_closed()


async def test_visits_can_be_neither_changed_nor_deleted_nor_emptied(database: Pool) -> None:
    for statement in ("UPDATE visits SET outcome = ''", "DELETE FROM visits", "TRUNCATE visits"):
        with pytest.raises(Exception, match="append-only"):
            await database.execute(statement)
