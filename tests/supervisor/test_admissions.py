"""Codes, PINs and visitor lists in the real database: who is let in, when, and how often."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from conversation.admission import Admission, Ground, Inquiry, Refusal
from supervisor.admission import retention
from supervisor.admission.admissions import ListedAdmissions, Place
from supervisor.admission.lockout import Limits
from supervisor.admission.retention import Retention
from supervisor.admission.secrets import SecretHash
from supervisor.alarms import Alarms
from supervisor.database.condominiums import find_or_create_condominium
from supervisor.database.directory import ResidentRow, UnitRow, load_units, store_units
from supervisor.database.pool import Pool
from supervisor.metrics import Metrics

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
FRIDAY_NOON = datetime(2026, 11, 20, 12, tzinfo=SAO_PAULO)
HASHES = SecretHash(b"k" * 32)
CODE, PIN = "479213", "582914"
UNITS = [
    UnitRow("A", "501", (ResidentRow("Daniel Reis", ("1501",)),)),
    UnitRow("B", "501", (ResidentRow("Juliana Prado", ("2501",)),)),
]


@dataclass
class Building:
    """A condominium with a gate, and a clock that stands where a test puts it."""

    pool: Pool
    condominium_id: UUID
    now: datetime = FRIDAY_NOON
    alarms: Alarms = field(default_factory=lambda: Alarms(Metrics()))

    def gate(self, **choices: Any) -> ListedAdmissions:
        place = Place(uuid4(), "1001", self.condominium_id, SAO_PAULO)
        return ListedAdmissions(
            self.pool, self.alarms, lambda: HASHES, place, now=lambda: self.now, **choices
        )

    async def expects(
        self, name: str = "Beatriz Souza", code: str | None = CODE, **more: Any
    ) -> UUID:
        columns: dict[str, Any] = {
            "condominium_id": self.condominium_id,
            "unit_id": await self.unit("B"),
            "name": name,
            "starts_at": FRIDAY_NOON - timedelta(hours=1),
            "ends_at": FRIDAY_NOON + timedelta(days=30),
            "made_by": "front desk",
            "code_hash": HASHES.code(self.condominium_id, code) if code else None,
            **more,
        }
        places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
        made: UUID = await self.pool.fetchval(
            f"INSERT INTO expected_visitors ({', '.join(columns)}) VALUES ({places}) RETURNING id",
            *columns.values(),
        )
        return made

    async def unit(self, block: str) -> UUID:
        found: UUID = await self.pool.fetchval(
            "SELECT id FROM units WHERE block = $1 AND condominium_id = $2",
            block,
            self.condominium_id,
        )
        return found

    async def resident(self, name: str = "Juliana Prado") -> UUID:
        found: UUID = await self.pool.fetchval(
            "SELECT r.id FROM residents r JOIN units u ON u.id = unit_id"
            " WHERE r.name = $1 AND condominium_id = $2",
            name,
            self.condominium_id,
        )
        return found

    async def has_pin(self, name: str = "Juliana Prado", pin: str = PIN) -> UUID:
        resident = await self.resident(name)
        await self.pool.execute(
            "INSERT INTO resident_pins (resident_id, pin_hash, made_by) VALUES ($1, $2, 'x')",
            resident,
            HASHES.pin(resident, pin),
        )
        return resident


@pytest.fixture
async def building(database: Pool) -> AsyncIterator[Building]:
    async with database.acquire() as connection:
        condominium_id = await find_or_create_condominium(connection, "Residencial Aurora")
        await store_units(connection, condominium_id, UNITS)
    yield Building(database, condominium_id)


def code(digits: str = CODE, unit: str | None = None, *, keyed: bool = True) -> Inquiry:
    return Inquiry(digits, unit, keyed=keyed)


def called(*names: str, unit: str | None = "B/501") -> Inquiry:
    return Inquiry(None, unit, names)


async def test_a_code_lets_in_once_and_says_on_whose_word(building: Building) -> None:
    entry = await building.expects()
    gate, call = building.gate(), uuid4()
    answer = await gate.ask(call, code())
    assert isinstance(answer, Admission)
    assert (answer.ground, answer.unit, answer.entry) == (Ground.CODE, "B/501", entry)
    assert (answer.visitor, answer.made_by, answer.lets_in) == ("Beatriz Souza", "front desk", True)
    assert await gate.ask(uuid4(), code()) is Refusal.USED_UP
    assert await gate.ask(call, code()) == answer, "the same call may ask again: it was cut off"


async def test_of_two_calls_at_once_with_one_code_exactly_one_gets_in(building: Building) -> None:
    await building.expects()
    gates = [building.gate(), building.gate()]
    answers = await asyncio.gather(*(gate.ask(uuid4(), code()) for gate in gates * 4))
    assert sum(isinstance(answer, Admission) for answer in answers) == 1
    assert {answer for answer in answers if isinstance(answer, Refusal)} == {Refusal.USED_UP}


async def test_a_code_may_be_good_for_more_than_one_use(building: Building) -> None:
    await building.expects(most_uses=2)
    gate = building.gate()
    answers = [await gate.ask(uuid4(), code()) for _ in range(3)]
    assert [isinstance(answer, Admission) for answer in answers] == [True, True, False]
    await building.expects("Faxina", "713822", most_uses=None)
    assert all([isinstance(await gate.ask(uuid4(), code("713822")), Admission) for _ in range(4)])


@pytest.mark.parametrize(
    ("inquiry", "reason"),
    [
        (code("111111"), Refusal.UNKNOWN),
        (code("47921"), Refusal.UNKNOWN),
        (code("４７９２１３"), Refusal.UNKNOWN),
        (code("' OR 1=1"), Refusal.UNKNOWN),
        (code(unit="A/501"), Refusal.UNKNOWN),
        (Inquiry(None), Refusal.UNKNOWN),
    ],
)
async def test_whatever_is_no_code_of_here_lets_nobody_in(
    building: Building, inquiry: Inquiry, reason: Refusal
) -> None:
    await building.expects()
    assert await building.gate().ask(uuid4(), inquiry) is reason
    assert isinstance(await building.gate().ask(uuid4(), code(unit="B/501")), Admission)


async def test_a_code_is_of_one_condominium(building: Building) -> None:
    await building.expects()
    async with building.pool.acquire() as connection:
        other = await find_or_create_condominium(connection, "Residencial Cedro")
        await store_units(connection, other, UNITS)
    assert await Building(building.pool, other).gate().ask(uuid4(), code()) is Refusal.UNKNOWN


async def test_before_and_after_its_time_a_code_is_no_good(building: Building) -> None:
    await building.expects()
    gate = building.gate()
    for moment in (FRIDAY_NOON - timedelta(hours=2), FRIDAY_NOON + timedelta(days=31)):
        building.now = moment
        assert await gate.ask(uuid4(), code()) is Refusal.NOT_NOW
    building.now = FRIDAY_NOON.astimezone(UTC)
    assert isinstance(await gate.ask(uuid4(), code()), Admission)


async def test_a_weekly_visitor_comes_on_the_days_and_hours_of_the_place(
    building: Building,
) -> None:
    await building.expects(
        most_uses=None,
        weekdays=[2, 5],
        from_time=time(8),
        until_time=time(17),
        starts_at=FRIDAY_NOON - timedelta(days=9),
    )
    gate = building.gate()
    good = {
        FRIDAY_NOON.replace(hour=8): True,
        FRIDAY_NOON.replace(hour=7, minute=59): False,
        FRIDAY_NOON.replace(hour=17): False,
        FRIDAY_NOON - timedelta(days=1): False,
        FRIDAY_NOON - timedelta(days=3): True,
        # 21:30 on Thursday there is Friday 00:30 in London, and 16:59 is 19:59
        datetime(2026, 11, 20, 0, 30, tzinfo=UTC): False,
        datetime(2026, 11, 20, 19, 59, tzinfo=UTC): True,
    }
    for moment, expected in good.items():
        building.now = moment
        assert isinstance(await gate.ask(uuid4(), code()), Admission) is expected, moment


async def test_wrong_codes_lock_the_extension_for_an_hour_and_raise_an_alarm(
    building: Building,
) -> None:
    await building.expects()
    told: list[str] = []
    gate = building.gate(limits=Limits(of_extension=3))
    with building.alarms.heard_by(lambda alarm: told.append(alarm.kind)):
        for wrong in ("111112", "111113", "111114"):
            assert await gate.ask(uuid4(), code(wrong)) is Refusal.UNKNOWN
        assert await gate.ask(uuid4(), code()) is Refusal.LOCKED
    assert told == ["access.locked"]
    assert isinstance(await building.gate(limits=Limits(3)).ask(uuid4(), code()), Admission)
    building.now += timedelta(minutes=61)
    assert await gate.ask(uuid4(), code("111115")) is Refusal.UNKNOWN


async def test_calls_at_once_guess_no_more_than_one_after_the_other(building: Building) -> None:
    gate = building.gate(limits=Limits(of_extension=3))
    answers = await asyncio.gather(
        *(gate.ask(uuid4(), code(str(222222 + number))) for number in range(8))
    )
    assert sorted(answers) == [Refusal.LOCKED] * 5 + [Refusal.UNKNOWN] * 3


async def test_who_comes_early_or_twice_is_not_guessing(building: Building) -> None:
    await building.expects()
    gate = building.gate(limits=Limits(of_extension=1))
    assert isinstance(await gate.ask(uuid4(), code()), Admission)
    for _ in range(3):
        assert await gate.ask(uuid4(), code()) is Refusal.USED_UP


async def test_a_pin_opens_for_its_own_unit_and_by_keys_alone(building: Building) -> None:
    resident = await building.has_pin()
    gate = building.gate(pins=True)
    answer = await gate.ask(uuid4(), code(PIN, "B/501"))
    assert isinstance(answer, Admission)
    assert (answer.ground, answer.entry, answer.unit) == (Ground.PIN, resident, "B/501")
    for wrong in (code(PIN, "A/501"), code(PIN), code(PIN, "B/501", keyed=False)):
        assert await gate.ask(uuid4(), wrong) is Refusal.UNKNOWN
    assert await building.gate().ask(uuid4(), code(PIN, "B/501")) is Refusal.UNKNOWN


async def test_wrong_pins_lock_the_unit_at_every_gate_and_no_other_unit(building: Building) -> None:
    await building.has_pin()
    await building.has_pin("Daniel Reis")
    for wrong in ("333331", "333332"):
        gate = building.gate(pins=True, limits=Limits(of_unit=2))
        assert await gate.ask(uuid4(), code(wrong, "B/501")) is Refusal.UNKNOWN
    gate = building.gate(pins=True, limits=Limits(of_unit=2))
    assert await gate.ask(uuid4(), code(PIN, "B/501")) is Refusal.LOCKED
    assert isinstance(await gate.ask(uuid4(), code(PIN, "A/501")), Admission)


async def test_a_name_on_the_list_announces_and_opens_only_where_the_entry_says_so(
    building: Building,
) -> None:
    await building.expects(code=None)
    gate = building.gate()
    for said in ("Bia", "dona beatriz", "Beatriz Sousa"):
        answer = await gate.ask(uuid4(), called(said))
        assert isinstance(answer, Admission), said
        assert (answer.ground, answer.lets_in) == (Ground.NAME, False)
    assert await gate.ask(uuid4(), called("Bruna")) is Refusal.UNKNOWN
    assert await gate.ask(uuid4(), called("Beatriz Souza", unit="A/501")) is Refusal.UNKNOWN
    await building.expects("Wellington Dias", None, lets_in="by_name", most_uses=None)
    opening = {"Uelinton Dias": True, "Wellington": False, "Wellington Prado": False}
    for said, lets_in in opening.items():
        answer = await gate.ask(uuid4(), called(said))
        assert (isinstance(answer, Admission) and answer.lets_in) is lets_in, said


async def test_a_firm_on_the_list_is_known_by_its_name(building: Building) -> None:
    await building.expects("Ultragaz", None, lets_in="by_name", most_uses=None, weekdays=[5])
    answer = await building.gate().ask(uuid4(), called("ultragaz"))
    assert isinstance(answer, Admission)
    assert answer.lets_in
    building.now += timedelta(days=1)
    assert await building.gate().ask(uuid4(), called("ultragaz")) is Refusal.UNKNOWN


async def test_the_extension_has_the_last_word(building: Building) -> None:
    await building.expects(lets_in="by_name", most_uses=None)
    announced = building.gate(policy="announce")
    for inquiry in (code(), called("Beatriz Souza")):
        answer = await announced.ask(uuid4(), inquiry)
        assert isinstance(answer, Admission)
        assert not answer.lets_in
        assert await building.gate(policy="off").ask(uuid4(), inquiry) is Refusal.UNKNOWN


async def test_an_entry_may_never_open(building: Building) -> None:
    await building.expects(lets_in="never")
    answer = await building.gate().ask(uuid4(), code())
    assert isinstance(answer, Admission)
    assert not answer.lets_in


async def test_nothing_that_was_keyed_is_in_the_database(building: Building) -> None:
    await building.expects()
    await building.has_pin()
    await building.gate().ask(uuid4(), code("111111", "B/501"))
    for table in ("expected_visitors", "resident_pins", "admissions", "wrong_codes"):
        rows = await building.pool.fetch(f"SELECT t::text AS row FROM {table} t")
        assert rows or table == "admissions"
        assert not any(secret in row["row"] for row in rows for secret in (CODE, PIN, "111111"))


async def test_what_was_taken_down_stays(building: Building) -> None:
    entry = await building.expects()
    await building.gate().ask(uuid4(), code())
    await building.pool.execute("DELETE FROM expected_visitors WHERE id = $1", entry)
    assert await building.pool.fetchval("SELECT entry_id FROM admissions") == entry
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        await building.pool.execute("DELETE FROM admissions")


async def test_entries_that_are_over_for_long_are_forgotten_and_whom_they_let_in_is_not(
    building: Building,
) -> None:
    used = await building.expects()
    call_id = uuid4()
    assert isinstance(await building.gate().ask(call_id, code()), Admission)
    await building.gate().ask(uuid4(), code("999999"))
    now = datetime.now(UTC)
    begun = now - timedelta(days=99)
    await building.pool.execute(
        "UPDATE expected_visitors SET starts_at = $1, ends_at = $2",
        begun,
        now - timedelta(days=30, minutes=1),
    )
    lately = now - timedelta(days=29)
    kept = await building.expects("Ana Reis", None, starts_at=begun, ends_at=lately)
    await building.pool.execute("UPDATE wrong_codes SET at = at - interval '2 days'")
    await Retention(building.pool, keep_days=30).forget()
    rows = await building.pool.fetch("SELECT id FROM expected_visitors")
    assert [row["id"] for row in rows] == [kept]
    (admitted,) = await building.pool.fetch("SELECT call_id, entry_id FROM admissions")
    assert (admitted["call_id"], admitted["entry_id"]) == (call_id, used)
    assert await building.pool.fetchval("SELECT count(*) FROM wrong_codes") == 0


async def test_however_many_are_over_all_are_forgotten(
    building: Building, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    began, ended = [datetime.now(UTC) - timedelta(days=days) for days in (9, 8)]
    for _ in range(5):
        await building.expects(code=None, starts_at=began, ends_at=ended)
    await Retention(building.pool, keep_days=0).forget()
    assert await building.pool.fetchval("SELECT count(*) FROM expected_visitors") == 0


async def test_an_import_of_the_directory_leaves_lists_and_pins_where_they_are(
    building: Building,
) -> None:
    await building.expects()
    await building.has_pin()
    again = [
        UnitRow(
            "B",
            "501",
            (ResidentRow("Caio Prado", ("2591",)), ResidentRow("Juliana Prado", ("2500",))),
        )
    ]
    async with building.pool.acquire() as connection:
        await store_units(connection, building.condominium_id, again, replace=True)
        assert await load_units(connection, building.condominium_id) == again
    gate = building.gate(pins=True)
    assert isinstance(await gate.ask(uuid4(), code()), Admission)
    assert isinstance(await gate.ask(uuid4(), code(PIN, "B/501")), Admission)


async def test_without_its_database_a_gate_knows_nobody(building: Building) -> None:
    await building.expects()
    gate = building.gate()
    await building.pool.execute("ALTER TABLE expected_visitors RENAME TO away")
    assert await gate.ask(uuid4(), code()) is Refusal.AWAY
