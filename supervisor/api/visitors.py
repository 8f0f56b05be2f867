"""Expected visitors and their codes, residents' PINs, and whom they let in, over HTTP."""

from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from supervisor.api.crud import Resource
from supervisor.api.directory import RESIDENTS
from supervisor.api.endpoint import Answer, Ask, Change, Endpoint
from supervisor.api.models import NO_FLAG, Given, Instant, Name, Notes, Search, absent
from supervisor.api.pages import Paging
from supervisor.api.problems import Problem, wrong
from supervisor.api.reading import listing, row_of
from supervisor.database.resources import Key, Table
from supervisor.database.visitor_list import issue_code, issue_pin, remove_pin

Hour = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", examples=["08:00"])]
Weekday = Annotated[int, Field(ge=1, le=7), NO_FLAG]
LetsIn = Literal["never", "by_code", "by_name"]


class NewVisitor(Given):
    """Somebody whom a unit expects, from `starts_at` (now, where it is left out) to `ends_at`. Who
    comes again and again has `weekdays` (1 is Monday) and hours of the condominium's clock; hours
    that end before they begin go past midnight. Without `most_uses` there is no limit."""

    unit_id: UUID
    resident_id: UUID | None = None
    name: Name = Field(description="A person's or a firm's, as they will say it")
    note: Notes = ""
    starts_at: Instant = Field(default_factory=absent)
    ends_at: Instant
    weekdays: list[Weekday] | None = Field(default=None, min_length=1, max_length=7)
    from_time: Hour | None = None
    until_time: Hour | None = None
    lets_in: LetsIn = Field(
        default="by_code",
        description="`never`: the resident is called in any case; `by_code`: the code opens, the"
        " name is only announced; `by_name`: the name opens too",
    )
    most_uses: Annotated[int, Field(ge=1, le=100_000), NO_FLAG] | None = 1


class Visitor(BaseModel):
    """An expected visitor. The code is never shown again."""

    id: UUID
    condominium_id: UUID
    unit_id: UUID
    block: str = Field(description="The unit's")
    unit: str = Field(description="Its number")
    resident_id: UUID | None
    name: str
    note: str
    starts_at: datetime
    ends_at: datetime
    weekdays: list[int] | None
    from_time: str | None
    until_time: str | None
    lets_in: LetsIn
    most_uses: int | None
    uses: int = Field(description="How often its code, or a name that opens, was used")
    has_code: bool
    made_by: str
    created_at: datetime


class VisitorQuery(Paging):
    """Which expected visitors."""

    condominium_id: UUID = Field(default_factory=absent)
    unit_id: UUID = Field(default_factory=absent)
    name: Search = Field(default_factory=absent, description="Part of the name")
    over: bool = Field(default_factory=absent, description="Whether their time is over")


class Code(BaseModel):
    """A code, which cannot be seen again. Whoever had the one before cannot use it any more."""

    code: str
    keys: str = Field(description="What is keyed at the gate")


class Pin(BaseModel):
    """A resident's PIN, which cannot be seen again; the one before is void."""

    pin: str


class PinMade(BaseModel):
    """That a resident has a PIN."""

    made_by: str
    made_at: datetime


class Admitted(BaseModel):
    """A use of a code, a PIN or a list: what opened a door, or announced somebody, in a call.
    `entry_id` is the expected visitor, or the resident whose PIN it was; either may be gone."""

    id: UUID
    call_id: UUID
    condominium_id: UUID
    at: datetime
    ground: Literal["code", "pin", "name"]
    entry_id: UUID
    lets_in: bool


class AdmittedQuery(Paging):
    """Which uses."""

    condominium_id: UUID = Field(default_factory=absent)
    call_id: UUID = Field(default_factory=absent)
    entry_id: UUID = Field(default_factory=absent)


async def _storable(ask: Ask, columns: dict[str, Any], before: Mapping[str, Any] | None) -> None:
    """The unit says which condominium; the resident is of the unit; the times make a window."""
    if before is None:
        columns["condominium_id"] = await ask.connection.fetchval(
            "SELECT condominium_id FROM units WHERE id = $1", columns["unit_id"]
        )
        if columns["condominium_id"] is None:
            raise wrong("body.unit_id", "there is no such unit", 409)
        columns["made_by"] = ask.who.name
    row = {**(before or {}), **columns}
    if columns.get("resident_id") is not None:
        lives_there = await ask.connection.fetchval(
            "SELECT unit_id = $2 FROM residents WHERE id = $1", row["resident_id"], row["unit_id"]
        )
        if not lives_there:
            raise wrong("body.resident_id", "nobody of this unit has this id", 409)
    _check_times(row)
    for name in ("from_time", "until_time"):
        if columns.get(name) is not None:
            columns[name] = time.fromisoformat(columns[name])
    if columns.get("weekdays") is not None:
        columns["weekdays"] = sorted(set(columns["weekdays"]))


def _check_times(row: Mapping[str, Any]) -> None:
    if row["ends_at"] <= (row.get("starts_at") or datetime.now(UTC)):
        raise wrong("body.ends_at", "this is not after the beginning", 409)
    hours = [row.get("from_time"), row.get("until_time")]
    if hours.count(None) == 1:
        raise wrong("body.until_time", "give both hours or none", 409)
    if hours[0] is not None and hours[0] == hours[1]:
        raise wrong("body.until_time", "this is the same hour as the first", 409)


TABLE: Final = Table(
    "expected_visitors",
    "e",
    """SELECT e.id, e.condominium_id, e.unit_id,
        (SELECT block FROM units WHERE id = e.unit_id) AS block,
        (SELECT number FROM units WHERE id = e.unit_id) AS unit,
        e.resident_id, e.name, e.note, e.starts_at, e.ends_at, e.weekdays,
        to_char(e.from_time, 'HH24:MI') AS from_time,
        to_char(e.until_time, 'HH24:MI') AS until_time, e.lets_in, e.most_uses, e.uses,
        e.has_code, e.made_by, e.created_at FROM expected_visitors e""",
    (Key("ends_at", "e.ends_at", "timestamptz"), Key("id", "e.id", "uuid")),
    filters={
        "condominium_id": "e.condominium_id = {}",
        "unit_id": "e.unit_id = {}",
        "over": "(e.ends_at <= now()) = {}",
        "name": "position(lower({}) in lower(e.name)) > 0",
    },
)
RESOURCE: Final = Resource(
    table=TABLE,
    one="visitor",
    many="visitors",
    new=NewVisitor,
    shown=Visitor,
    query=VisitorQuery,
    role="operator",
    fixed=frozenset({"unit_id"}),
    own=frozenset({"uses"}),
    prepare=_storable,
)
_ADMISSIONS: Final = Table(
    "admissions",
    "a",
    """SELECT a.id, a.call_id, a.condominium_id, a.at, a.ground, a.entry_id, a.lets_in
        FROM admissions a""",
    (Key("at", "a.at", "timestamptz"), Key("id", "a.id", "uuid")),
    descending=True,
    filters={
        "condominium_id": "a.condominium_id = {}",
        "call_id": "a.call_id = {}",
        "entry_id": "a.entry_id = {}",
    },
)


async def _new_code(ask: Ask) -> Answer:
    await row_of(ask, TABLE, "visitor", lock=True)
    code = await issue_code(ask.connection, ask.backend.identity.visitors(), ask.id())
    ask.changes.append(Change(TABLE.name, ask.id(), None, {"code": "made"}))
    return Answer(Code(code=code, keys=f"#{code}#"))


async def _no_code(ask: Ask) -> Answer:
    await row_of(ask, TABLE, "visitor", lock=True)
    await ask.connection.execute(
        "UPDATE expected_visitors SET code_hash = NULL WHERE id = $1", ask.id()
    )
    ask.changes.append(Change(TABLE.name, ask.id(), None, {"code": "removed"}))
    return Answer()


async def _resident(ask: Ask, *, lock: bool = True) -> None:
    await row_of(ask, RESIDENTS.table, "resident", lock=lock)


async def _pin_made(ask: Ask) -> Answer:
    await _resident(ask, lock=False)
    row = await ask.connection.fetchrow(
        "SELECT made_by, made_at FROM resident_pins WHERE resident_id = $1", ask.id()
    )
    if row is None:
        raise Problem(404, "This resident has no PIN.")
    return Answer(PinMade(**row))


async def _new_pin(ask: Ask) -> Answer:
    await _resident(ask)
    hashes = ask.backend.identity.visitors()
    pin = await issue_pin(ask.connection, hashes, ask.id(), ask.who.name)
    ask.changes.append(Change("resident_pins", ask.id(), None, {"pin": "made"}))
    return Answer(Pin(pin=pin))


async def _no_pin(ask: Ask) -> Answer:
    await _resident(ask)
    if await remove_pin(ask.connection, ask.id()):
        ask.changes.append(Change("resident_pins", ask.id(), {"pin": "made"}, None))
    return Answer()


ENDPOINTS: Final = (
    Endpoint(
        method="POST",
        path="/api/v1/visitors/{id}/code",
        name="make_visitor_code",
        summary="Make a code for an expected visitor, which is shown only now",
        tag="visitors",
        handle=_new_code,
        role="operator",
        answer=Code,
        status=201,
    ),
    Endpoint(
        method="DELETE",
        path="/api/v1/visitors/{id}/code",
        name="remove_visitor_code",
        summary="Make an expected visitor's code void",
        tag="visitors",
        handle=_no_code,
        role="operator",
        status=204,
    ),
    Endpoint(
        method="GET",
        path="/api/v1/residents/{id}/pin",
        name="get_resident_pin",
        summary="Whether a resident has a PIN, and since when",
        tag="residents",
        handle=_pin_made,
        role="operator",
        answer=PinMade,
    ),
    Endpoint(
        method="POST",
        path="/api/v1/residents/{id}/pin",
        name="make_resident_pin",
        summary="Make a resident's PIN, which is shown only now",
        tag="residents",
        handle=_new_pin,
        role="operator",
        answer=Pin,
        status=201,
    ),
    Endpoint(
        method="DELETE",
        path="/api/v1/residents/{id}/pin",
        name="remove_resident_pin",
        summary="Make a resident's PIN void",
        tag="residents",
        handle=_no_pin,
        role="operator",
        status=204,
    ),
    listing(
        "admissions",
        _ADMISSIONS,
        Admitted,
        AdmittedQuery,
        summary="List what codes, PINs and visitor lists let in, the newest first",
    ),
)
