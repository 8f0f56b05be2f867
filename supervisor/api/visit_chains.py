"""Whether a condominium's visit log is as it was written, for those who have no terminal here."""

from dataclasses import asdict
from typing import Final
from uuid import UUID

from pydantic import BaseModel, Field

from supervisor.api.endpoint import Answer, Ask, Endpoint
from supervisor.api.reading import missing
from supervisor.database.visit_chain import walk_chain


class Broken(BaseModel):
    """The first entry that does not hold."""

    position: int
    call_id: UUID | None = Field(description="null where the entry itself is gone")
    reason: str


class VerifiedChain(BaseModel):
    """What walking the log found: keep `entries` and `last_hash`, a later walk can be held to
    them."""

    condominium_id: UUID
    entries: int = Field(description="How many hold, from the first one on")
    last_hash: str
    broken: Broken | None


async def _verify(ask: Ask) -> Answer:
    """One at a time with exports: a walk reads the whole log."""
    place_id = ask.id()
    async with ask.backend.renderings, ask.backend.reading(ask.scope) as connection:
        name = await connection.fetchval("SELECT name FROM condominiums WHERE id = $1", place_id)
        if name is None:
            raise missing("condominium", place_id)
        chain = await walk_chain(connection, place_id, name)
    return Answer(VerifiedChain.model_validate({**asdict(chain), "condominium_id": place_id}))


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/api/v1/condominiums/{id}/visit-chain",
        name="verify_visits",
        summary="Walk a condominium's visit log, and name the first entry that does not hold",
        tag="visits",
        alone=_verify,
        answer=VerifiedChain,
    ),
)
