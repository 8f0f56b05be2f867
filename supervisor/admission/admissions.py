"""Answers calls whether somebody was let in beforehand, and takes down every use in one step."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import structlog

from conversation.admission import CODE_DIGITS, Admission, Ground, Inquiry, Refusal
from conversation.directory import Unit
from supervisor.admission.lockout import Limits, is_locked, note_wrong
from supervisor.admission.names import is_named, is_named_in_full
from supervisor.admission.secrets import SecretHash
from supervisor.admission.windows import Window
from supervisor.alarms import Alarms
from supervisor.database.pool import TROUBLE, Connection, Pool

Policy: TypeAlias = Literal["off", "announce", "let_in"]
"""What an extension makes of visitor lists: nothing; only tells the resident; as entries say."""

LOCKED: Final = "access.locked"
"""The alarm of an extension where nothing is compared for a while."""
_log = structlog.get_logger(__name__)


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """The gate that is asked at."""

    extension_id: UUID
    extension: str
    condominium_id: UUID
    timezone: ZoneInfo


class ListedAdmissions:
    """Of one extension; see :class:`conversation.admission.Admissions`. Without its database it
    knows nobody, and residents are called."""

    def __init__(
        self,
        pool: Pool,
        alarms: Alarms,
        hashes: Callable[[], SecretHash],
        place: Place,
        *,
        policy: Policy = "let_in",
        pins: bool = False,
        limits: Limits | None = None,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        self._pool = pool
        self._alarms = alarms
        self._hashes = hashes
        self._place = place
        self._policy = policy
        self._pins = pins
        self._limits = limits or Limits()
        self._now = now

    async def ask(self, call_id: UUID, inquiry: Inquiry) -> Admission | Refusal:
        """See :class:`conversation.admission.Admissions`."""
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                asked = _Asked(connection, call_id, inquiry, self._now())
                answer = await self._answer(asked)
        except TROUBLE as error:
            _log.warning("admission.not_looked_up", reason=str(error) or type(error).__name__)
            return Refusal.AWAY
        if answer is Refusal.LOCKED:
            self._tell_of_lock()
        return answer

    async def _answer(self, asked: "_Asked") -> Admission | Refusal:
        if asked.inquiry.secret is None:
            return await self._by_name(asked)
        # of two calls that try at once, one waits, and then sees what the other used or got wrong
        await asked.connection.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('ramal.visitors ' || $1::text, 0))",
            str(self._place.condominium_id),
        )
        unit_id = await self._unit_id(asked)
        extension_id = self._place.extension_id
        if await is_locked(asked.connection, self._limits, extension_id, unit_id, asked.now):
            return Refusal.LOCKED
        answer = await self._by_secret(asked, asked.inquiry.secret, unit_id)
        if answer is Refusal.UNKNOWN:  # who comes early, or again, is not guessing
            counted_for = unit_id if asked.inquiry.keyed else None
            await note_wrong(asked.connection, extension_id, counted_for, asked.call_id, asked.now)
        return answer

    async def _unit_id(self, asked: "_Asked") -> UUID | None:
        if asked.inquiry.unit is None:
            return None
        rows = await asked.connection.fetch(
            "SELECT id, block, number FROM units WHERE condominium_id = $1",
            self._place.condominium_id,
        )
        return next((row["id"] for row in rows if _key_of(row) == asked.inquiry.unit), None)

    # ------------------------------------------------------------------ secrets

    async def _by_secret(
        self, asked: "_Asked", secret: str, unit_id: UUID | None
    ) -> Admission | Refusal:
        """A code of the condominium, or a PIN of the unit that was named; both are looked for in
        any case, so that the time does not tell which it was."""
        well_formed = secret.isascii() and secret.isdigit() and len(secret) in CODE_DIGITS
        if not well_formed:
            return Refusal.UNKNOWN
        code = await self._by_code(asked, secret)
        pin = await self._by_pin(asked, secret, unit_id)
        return pin if isinstance(pin, Admission) else code

    async def _by_code(self, asked: "_Asked", secret: str) -> Admission | Refusal:
        condominium_id = self._place.condominium_id
        row = await asked.connection.fetchrow(
            f"{_ENTRIES} WHERE e.condominium_id = $1 AND e.code_hash = $2 FOR UPDATE OF e",
            condominium_id,
            self._hashes().code(condominium_id, secret),
        )
        if row is None or self._policy == "off":
            return Refusal.UNKNOWN
        if asked.inquiry.unit not in (None, _key_of(row)):
            return Refusal.UNKNOWN  # somebody else's, or the visitor is mistaken: ask the resident
        if not _window(row).is_open(asked.now, self._place.timezone):
            return Refusal.NOT_NOW
        opens = self._policy == "let_in" and row["lets_in"] != "never"
        return await self._used(asked, Ground.CODE, row, opens=opens)

    async def _by_pin(self, asked: "_Asked", secret: str, unit_id: UUID | None) -> Admission | None:
        rows = await asked.connection.fetch(
            """SELECT r.id, r.name, p.pin_hash, u.block, u.number
               FROM resident_pins p JOIN residents r ON r.id = p.resident_id
               JOIN units u ON u.id = r.unit_id WHERE u.id = $1""",
            unit_id,
        )
        if not (self._pins and asked.inquiry.keyed):
            return None
        hashes = self._hashes()
        row = next((row for row in rows if hashes.pin(row["id"], secret) == row["pin_hash"]), None)
        if row is None:
            return None
        named = await self._take_down(asked, Ground.PIN, row["id"], lets_in=True)
        unit, name = _key_of(row), row["name"]
        return Admission(named, Ground.PIN, unit, row["id"], name, f"resident {name}", True)

    # ------------------------------------------------------------------ names

    async def _by_name(self, asked: "_Asked") -> Admission | Refusal:
        """The unit's entry of that name that opens, else one that announces."""
        unit_id = await self._unit_id(asked)
        if unit_id is None or not asked.inquiry.names or self._policy == "off":
            return Refusal.UNKNOWN
        rows = await asked.connection.fetch(
            f"{_ENTRIES} WHERE e.unit_id = $1 AND e.ends_at > $2 ORDER BY e.id FOR UPDATE OF e",
            unit_id,
            asked.now,
        )
        named = [row for row in rows if self._is_named_now(asked, row)]
        opening = [row for row in named if self._opens_by_name(asked, row)]
        answer: Admission | Refusal = Refusal.UNKNOWN
        for row in opening:
            answer = await self._used(asked, Ground.NAME, row, opens=True)
            if isinstance(answer, Admission):
                return answer
        if not named:
            return answer
        entry = named[0]
        return _admission(
            await self._take_down(asked, Ground.NAME, entry["id"], lets_in=False),
            Ground.NAME,
            entry,
            lets_in=False,
        )

    def _is_named_now(self, asked: "_Asked", row: Mapping[str, Any]) -> bool:
        is_open = _window(row).is_open(asked.now, self._place.timezone)
        return is_open and is_named(asked.inquiry.names, row["name"])

    def _opens_by_name(self, asked: "_Asked", row: Mapping[str, Any]) -> bool:
        allowed = self._policy == "let_in" and row["lets_in"] == "by_name"
        return allowed and is_named_in_full(asked.inquiry.names, row["name"])

    # ------------------------------------------------------------------ what is taken down

    async def _used(
        self, asked: "_Asked", ground: Ground, row: Mapping[str, Any], *, opens: bool
    ) -> Admission | Refusal:
        """One use of an entry whose row is locked; the same call does not use it twice."""
        known = await asked.connection.fetchrow(
            """SELECT id, lets_in FROM admissions
               WHERE call_id = $1 AND ground = $2 AND entry_id = $3""",
            asked.call_id,
            ground,
            row["id"],
        )
        if known is not None:
            return _admission(known["id"], ground, row, lets_in=known["lets_in"])
        if row["most_uses"] is not None and row["uses"] >= row["most_uses"]:
            return Refusal.USED_UP
        await asked.connection.execute(
            "UPDATE expected_visitors SET uses = uses + 1 WHERE id = $1", row["id"]
        )
        named = await self._take_down(asked, ground, row["id"], lets_in=opens)
        return _admission(named, ground, row, lets_in=opens)

    async def _take_down(
        self, asked: "_Asked", ground: Ground, entry_id: UUID, *, lets_in: bool
    ) -> UUID:
        named = uuid5(asked.call_id, f"admission/{ground}/{entry_id}")
        await asked.connection.execute(
            """INSERT INTO admissions (id, call_id, condominium_id, at, ground, entry_id, lets_in)
               VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING""",
            named,
            asked.call_id,
            self._place.condominium_id,
            asked.now,
            ground,
            entry_id,
            lets_in,
        )
        return named

    def _tell_of_lock(self) -> None:
        number = self._place.extension
        self._alarms.raise_alarm(
            LOCKED,
            f"Too many wrong codes or PINs at extension {number}: none is taken there for up to "
            "an hour, and residents are called; look who stands at the gate.",
            subject=number,
            condominium_id=str(self._place.condominium_id),
        )


@dataclass(frozen=True, slots=True)
class _Asked:
    connection: Connection
    call_id: UUID
    inquiry: Inquiry
    now: datetime


_ENTRIES: Final = """SELECT e.id, e.name, e.starts_at, e.ends_at, e.weekdays, e.from_time,
    e.until_time, e.lets_in, e.most_uses, e.uses, e.made_by, u.block, u.number
    FROM expected_visitors e JOIN units u ON u.id = e.unit_id"""


def _key_of(row: Mapping[str, Any]) -> str:
    return Unit(row["number"], row["block"] or None).key


def _window(row: Mapping[str, Any]) -> Window:
    days = tuple(row["weekdays"] or ())
    return Window(row["starts_at"], row["ends_at"], days, row["from_time"], row["until_time"])


def _admission(named: UUID, ground: Ground, row: Mapping[str, Any], *, lets_in: bool) -> Admission:
    unit = _key_of(row)
    return Admission(named, ground, unit, row["id"], row["name"], row["made_by"], lets_in)
