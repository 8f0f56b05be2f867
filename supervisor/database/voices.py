"""The ``voices`` table: who speaks for a condominium, by whose consent, and what became of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID, uuid4

from supervisor.database.audit import Access, write_accesses
from supervisor.database.pool import Connection, Pool
from tts.cloning import digest_of
from tts.profiles import DEFAULT_PROFILE, ProfileName

CHANNEL: Final = "ramal_voices"
"""Notified of voices that come, change and go; the latter with the digest of their latents."""
FIRST_RETRY_S: Final = 5.0
LAST_RETRY_S: Final = 300.0
LEASE_S: Final = 180.0
"""Who computes latents and is not heard of for so long has died."""

State: TypeAlias = Literal["pending", "ready", "failed", "revoked"]


@dataclass(frozen=True, slots=True)
class Consent:
    """Who lets their voice be cloned, and when and in which words they said so."""

    by: str
    at: datetime
    statement: str
    recording: bytes | None = None


@dataclass(frozen=True, slots=True)
class NewVoice:
    """A voice that is to be cloned from a reference that was prepared."""

    condominium_id: UUID
    name: str
    consent: Consent
    reference: bytes
    duration_s: float
    warnings: Sequence[str] = ()
    measures: Mapping[str, float] = field(default_factory=dict)
    profile: ProfileName = DEFAULT_PROFILE
    pitch: float = 0.5
    speed: float = 1.0


@dataclass(frozen=True, slots=True)
class VoiceRow:
    """What those who speak need to know; ``id`` is text, as in JSON."""

    id: str
    name: str
    state: State
    profile: ProfileName
    pitch: float
    speed: float
    version: str | None


@dataclass(frozen=True, slots=True)
class Manners:
    """How a condominium speaks where its extensions say nothing, and whose voices it has."""

    voice: str | None
    profile: ProfileName | None
    voices: tuple[VoiceRow, ...]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Manners":
        """What ``dataclasses.asdict`` made."""
        voices = tuple(VoiceRow(**each) for each in data["voices"])
        return cls(data["voice"], data["profile"], voices)


_SPOKEN: Final = "id::text, name, state, profile, pitch, speed, version"


async def load_manners(connection: Connection | Pool, condominium_id: UUID) -> Manners:
    """A condominium's, with its voices; of one name the latest, those revoked among them."""
    own = await connection.fetchrow(
        "SELECT voice, voice_profile FROM condominiums WHERE id = $1", condominium_id
    )
    rows = await connection.fetch(
        f"""SELECT DISTINCT ON (name) {_SPOKEN} FROM voices WHERE condominium_id = $1
            ORDER BY name, state = 'revoked', created_at DESC""",  # noqa: S608
        condominium_id,
    )
    voices = tuple(VoiceRow(**row) for row in rows)
    return Manners(own and own["voice"], own and own["voice_profile"], voices)


async def list_voices(connection: Connection, condominium_id: UUID) -> list[dict[str, Any]]:
    """A condominium's, with their consent, for people to read."""
    rows = await connection.fetch(
        """SELECT id::text, name, state, state_reason, profile, pitch, speed, duration_s, warnings,
               consent_by, consent_at, consent_statement, created_at, revoked_at
           FROM voices WHERE condominium_id = $1 ORDER BY name, created_at""",
        condominium_id,
    )
    return [dict(row) for row in rows]


async def find_voice(connection: Connection | Pool, voice_id: UUID) -> VoiceRow | None:
    """One voice, whatever became of it."""
    row = await connection.fetchrow(f"SELECT {_SPOKEN} FROM voices WHERE id = $1", voice_id)  # noqa: S608
    return None if row is None else VoiceRow(**row)


async def may_speak(connection: Connection, voice_id: UUID) -> bool:
    """Whether it is neither revoked nor gone, nor will be until our transaction ends."""
    found = await connection.fetchval(
        "SELECT true FROM voices WHERE id = $1 AND state <> 'revoked' FOR SHARE", voice_id
    )
    return found is not None


async def add_voice(connection: Connection, new: NewVoice) -> UUID:
    """Write it down, with its recordings; its latents are computed soon."""
    async with connection.transaction():
        voice_id: UUID = await connection.fetchval(
            """INSERT INTO voices (condominium_id, name, profile, pitch, speed, duration_s,
                   warnings, measures, consent_by, consent_at, consent_statement)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id""",
            new.condominium_id,
            new.name,
            new.profile,
            new.pitch,
            new.speed,
            new.duration_s,
            list(new.warnings),
            dict(new.measures),
            new.consent.by,
            new.consent.at,
            new.consent.statement,
        )
        files = {"reference": new.reference, "consent": new.consent.recording}
        await connection.executemany(
            "INSERT INTO voice_files (voice_id, kind, content) VALUES ($1, $2, $3)",
            [(voice_id, kind, content) for kind, content in files.items() if content is not None],
        )
    return voice_id


async def revoke_voice(connection: Connection, voice_id: UUID) -> bool:
    """Let it never speak again; triggers delete what it was made of, and tell every machine. False
    where it was revoked before, or is not there."""
    revoked = await connection.fetchval(
        """UPDATE voices SET state = 'revoked', state_reason = NULL, revoked_at = now()
           WHERE id = $1 AND state <> 'revoked' RETURNING id""",
        voice_id,
    )
    return revoked is not None


async def named_by(connection: Connection, voice_id: UUID) -> list[str]:
    """Who would speak with another voice if this one were not there: extensions by number, and
    the condominium."""
    rows = await connection.fetch(
        """SELECT 'extension ' || e.number AS who FROM extensions e JOIN voices v
               USING (condominium_id)
           WHERE v.id = $1 AND (e.voice = v.name OR EXISTS (
               SELECT FROM jsonb_each_text(CASE WHEN jsonb_typeof(e.settings->'voices') = 'object'
                   THEN e.settings->'voices' ELSE '{}' END) AS each WHERE each.value = v.name))
           UNION ALL SELECT 'its condominium' FROM condominiums c JOIN voices v
               ON v.condominium_id = c.id WHERE v.id = $1 AND c.voice = v.name
           ORDER BY who""",
        voice_id,
    )
    return [row["who"] for row in rows]


async def latents_of(pool: Pool, voice_id: UUID, version: str) -> bytes | None:
    """The latents of a voice that may speak; ``None`` where it may not, or not with these."""
    latents: bytes | None = await pool.fetchval(
        """SELECT f.content FROM voices v JOIN voice_files f ON f.voice_id = v.id
           WHERE v.id = $1 AND v.version = $2 AND v.state = 'ready' AND f.kind = 'latents'""",
        voice_id,
        version,
    )
    return latents


async def consent_recording(connection: Connection, voice_id: UUID) -> bytes | None:
    """The consent as it was spoken; it stays when the voice is revoked."""
    recording: bytes | None = await connection.fetchval(
        "SELECT content FROM voice_files WHERE voice_id = $1 AND kind = 'consent'", voice_id
    )
    return recording


async def speaking(pool: Pool, ids: Collection[str]) -> set[str]:
    """Those of ``ids`` that may speak now."""
    rows = await pool.fetch(
        "SELECT id::text FROM voices WHERE id = ANY($1::uuid[]) AND state = 'ready'", list(ids)
    )
    return {row["id"] for row in rows}


# ------------------------------------------------------------------ latents being computed


@dataclass(frozen=True, slots=True)
class Pending:
    """A voice whose latents we are to compute; nobody else does for :data:`LEASE_S`."""

    id: UUID
    attempts: int
    reference: bytes


async def claim_pending(pool: Pool) -> Pending | None:
    """The next voice without latents, if there is one that is due."""
    row = await pool.fetchrow(
        """WITH due AS (
               SELECT id FROM voices WHERE state = 'pending' AND try_after <= now()
               ORDER BY try_after LIMIT 1 FOR UPDATE SKIP LOCKED
           ), claimed AS (
               UPDATE voices v SET attempts = v.attempts + 1,
                   try_after = now() + make_interval(secs => $1)
               FROM due WHERE v.id = due.id RETURNING v.id, v.attempts
           )
           SELECT c.id, c.attempts, f.content AS reference FROM claimed c
               JOIN voice_files f ON f.voice_id = c.id AND f.kind = 'reference'""",
        LEASE_S,
    )
    return None if row is None else Pending(**row)


async def keep_latents(pool: Pool, voice_id: UUID, latents: bytes) -> bool:
    """It can speak now; false where it was revoked meanwhile."""
    async with pool.acquire() as connection, connection.transaction():
        ready = await connection.fetchval(
            """UPDATE voices SET state = 'ready', state_reason = NULL, version = $2
               WHERE id = $1 AND state = 'pending' RETURNING id""",
            voice_id,
            digest_of(latents),
        )
        if ready is not None:
            await connection.execute(
                """INSERT INTO voice_files (voice_id, kind, content) VALUES ($1, 'latents', $2)
                   ON CONFLICT (voice_id, kind) DO UPDATE SET content = excluded.content""",
                voice_id,
                latents,
            )
    return ready is not None


async def give_up(pool: Pool, voice_id: UUID, reason: str) -> None:
    """No latents can be made of its reference."""
    await pool.execute(
        """UPDATE voices SET state = 'failed', state_reason = $2
           WHERE id = $1 AND state = 'pending'""",
        voice_id,
        reason,
    )


async def put_off(pool: Pool, pending: Pending, reason: str) -> None:
    """No engine can compute its latents now: try again, later each time."""
    wait_s = min(LAST_RETRY_S, FIRST_RETRY_S * 2 ** (pending.attempts - 1))
    await pool.execute(
        """UPDATE voices SET state_reason = $2, try_after = now() + make_interval(secs => $3)
           WHERE id = $1 AND state = 'pending'""",
        pending.id,
        reason,
        wait_s,
    )


async def note_by_hand(
    connection: Connection, voice_id: UUID, method: str, name: str, after: Any
) -> None:
    """An entry in the audit log for what somebody with the command line did to a voice."""
    tenant_id = await connection.fetchval(
        "SELECT tenant_id FROM voices v JOIN condominiums c ON c.id = condominium_id"
        " WHERE v.id = $1",
        voice_id,
    )
    access = Access(
        at=datetime.now(UTC),
        tenant_id=tenant_id,
        key_id=None,
        key_name=name,
        role="admin",
        address="",
        request_id=str(uuid4()),
        method=method,
        path="ramal voice",
        status=200,
        resource="voices",
        resource_id=str(voice_id),
        after=after,
        actor="nobody",
    )
    await write_accesses(connection, [access])
