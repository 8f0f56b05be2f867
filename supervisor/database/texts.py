"""The ``texts`` table: what is said in place of our own sentences, per condominium and tenant."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from supervisor.database.pool import Connection, Pool


@dataclass(frozen=True, slots=True)
class Whose:
    """A condominium of a tenant; without one, all condominiums of the tenant."""

    tenant_id: UUID
    condominium_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Override:
    """Sentences of somebody's own for a text. ``of_tenant`` says that they are for all of the
    tenant's condominiums."""

    id: UUID
    key: str
    variants: tuple[str, ...]
    of_tenant: bool


async def load_overrides(
    connection: Connection | Pool, whose: Whose, language: str
) -> list[Override]:
    """What holds there, the tenant's before the condominium's, which wins."""
    rows = await connection.fetch(
        """SELECT id, key, variants, condominium_id IS NULL AS of_tenant FROM texts
           WHERE tenant_id = $1 AND language = $3
               AND (condominium_id IS NULL OR condominium_id = $2)
           ORDER BY of_tenant DESC, key""",
        whose.tenant_id,
        whose.condominium_id,
        language,
    )
    return [Override(**{**row, "variants": tuple(row["variants"])}) for row in rows]


async def load_texts(
    connection: Connection | Pool, condominium_id: UUID
) -> dict[str, dict[str, list[str]]]:
    """What a condominium says in place of our own sentences, by language and key."""
    rows = await connection.fetch(
        """SELECT t.language, t.key, t.variants FROM texts t JOIN condominiums c USING (tenant_id)
           WHERE c.id = $1 AND (t.condominium_id IS NULL OR t.condominium_id = c.id)
           ORDER BY t.condominium_id IS NULL DESC""",
        condominium_id,
    )
    said: dict[str, dict[str, list[str]]] = {}
    for row in rows:
        said.setdefault(row["language"], {})[row["key"]] = list(row["variants"])
    return said


async def store_text(
    connection: Connection, whose: Whose, language: str, key: str, variants: Sequence[str]
) -> UUID:
    """Write what is said for ``key`` there, in place of what was."""
    target = "(tenant_id, language, key) WHERE condominium_id IS NULL"
    if whose.condominium_id is not None:
        target = "(condominium_id, language, key) WHERE condominium_id IS NOT NULL"
    stored: UUID = await connection.fetchval(
        f"""INSERT INTO texts (tenant_id, condominium_id, language, key, variants)
            VALUES ($1, $2, $3, $4, $5) ON CONFLICT {target}
            DO UPDATE SET variants = excluded.variants, updated_at = now() RETURNING id""",  # noqa: S608
        whose.tenant_id,
        whose.condominium_id,
        language,
        key,
        list(variants),
    )
    return stored


async def remove_text(connection: Connection, whose: Whose, language: str, key: str) -> UUID | None:
    """Say our own sentences again; ``None`` where there was nothing to remove."""
    removed: UUID | None = await connection.fetchval(
        """DELETE FROM texts WHERE tenant_id = $1 AND condominium_id IS NOT DISTINCT FROM $2
               AND language = $3 AND key = $4 RETURNING id""",
        whose.tenant_id,
        whose.condominium_id,
        language,
        key,
    )
    return removed
