"""Expected visitors, their codes and residents' PINs over HTTP."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.api.serving import Api, Client, cheap_identity

TOMORROW = (datetime.now(UTC) + timedelta(days=1)).isoformat()
HASHES = cheap_identity().visitors()


@dataclass(frozen=True, slots=True)
class Estate:
    operator: Client
    viewer: Client
    condominium: str
    unit: str
    resident: str

    async def expected(self, name: str = "Beatriz Souza", **more: Any) -> Any:
        return await self.operator.made(
            "visitors", unit_id=self.unit, name=name, **{"ends_at": TOMORROW, **more}
        )


@pytest.fixture
async def estate(api: Api) -> Estate:
    admin = await api.client()
    tenant = (await admin.made("tenants", name="Alfa"))["id"]
    condominium = (await admin.made("condominiums", name="Ipê", tenant_id=tenant))["id"]
    unit = (await admin.made("units", condominium_id=condominium, number="501"))["id"]
    resident = (await admin.made("residents", unit_id=unit, name="Juliana"))["id"]
    operator, viewer = [await api.client(role, tenant) for role in ("operator", "viewer")]
    return Estate(operator, viewer, condominium, unit, resident)


async def test_a_visitor_is_expected_changed_and_removed(estate: Estate) -> None:
    made = await estate.expected(
        "Ultragaz", weekdays=[5, 2, 5], from_time="08:00", until_time="17:30", most_uses=None
    )
    assert made["condominium_id"] == estate.condominium
    assert (made["block"], made["unit"]) == ("", "501")
    assert (made["weekdays"], made["from_time"], made["until_time"]) == ([2, 5], "08:00", "17:30")
    assert (made["lets_in"], made["most_uses"], made["has_code"]) == ("by_code", None, False)
    assert made["made_by"].startswith("operator of ")
    read = await estate.viewer.get(f"visitors/{made['id']}")
    assert read.body == made
    changed = await estate.operator.patch(
        f"visitors/{made['id']}", {"lets_in": "by_name"}, read.etag
    )
    assert changed.body == {**made, "lets_in": "by_name"}
    found = await estate.viewer.get("visitors", name="gaz", unit_id=estate.unit)
    assert [item["id"] for item in found.body["items"]] == [made["id"]]
    assert (await estate.operator.delete(f"visitors/{made['id']}")).status == 204
    assert (await estate.viewer.get("visitors")).body["items"] == []


async def test_those_whose_time_is_over_are_listed_apart(api: Api, estate: Estate) -> None:
    over, expected = await estate.expected("Ana"), await estate.expected("Bia")
    await api.database.execute(
        "UPDATE expected_visitors SET starts_at = now() - interval '2 h',"
        " ends_at = now() - interval '1 h' WHERE id = $1",
        UUID(over["id"]),
    )
    for is_over, visitor in (("true", over), ("false", expected)):
        found = (await estate.viewer.get("visitors", over=is_over)).body["items"]
        assert [item["id"] for item in found] == [visitor["id"]]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"ends_at": "2020-01-01T00:00:00Z"}, "body.ends_at"),
        ({"from_time": "08:00"}, "body.until_time"),
        ({"from_time": "08:00", "until_time": "08:00"}, "body.until_time"),
        ({"from_time": "24:00", "until_time": "08:00"}, "body.from_time"),
        ({"weekdays": [8]}, "body.weekdays.0"),
        ({"most_uses": 0}, "body.most_uses"),
        ({"lets_in": "always"}, "body.lets_in"),
        ({"resident_id": str(uuid4())}, "body.resident_id"),
    ],
)
async def test_what_is_no_visit_is_refused_with_the_field(
    estate: Estate, wrong: dict[str, Any], field: str
) -> None:
    body = {"unit_id": estate.unit, "name": "x", "ends_at": TOMORROW, **wrong}
    reply = await estate.operator.post("visitors", body)
    assert reply.status in (409, 422)
    assert field in str(reply.body)


async def test_a_code_is_shown_once_and_kept_as_a_hash_with_a_key(api: Api, estate: Estate) -> None:
    made = await estate.expected()
    first = (await estate.operator.post(f"visitors/{made['id']}/code", {})).body
    assert first["keys"] == f"#{first['code']}#"
    assert len(first["code"]) == 6
    assert not first["code"].startswith(("0", "501"))
    second = (await estate.operator.post(f"visitors/{made['id']}/code", {})).body
    stored = await api.database.fetchval("SELECT code_hash FROM expected_visitors")
    assert stored == HASHES.code(UUID(estate.condominium), second["code"])
    assert first["code"] != second["code"]
    everything = str([(await estate.viewer.get(f"visitors/{made['id']}")).body])
    audit = await api.database.fetch("SELECT before, after FROM audit_log")
    assert second["code"] not in everything + str(audit)
    assert (await estate.operator.delete(f"visitors/{made['id']}/code")).status == 204
    assert not (await estate.viewer.get(f"visitors/{made['id']}")).body["has_code"]


async def test_a_resident_gets_a_pin_and_loses_it(api: Api, estate: Estate) -> None:
    at = f"residents/{estate.resident}/pin"
    assert (await estate.operator.get(at)).status == 404
    pin = (await estate.operator.post(at, {})).body["pin"]
    stored = await api.database.fetchval("SELECT pin_hash FROM resident_pins")
    assert stored == HASHES.pin(UUID(estate.resident), pin)
    assert (await estate.operator.get(at)).body["made_by"].startswith("operator of ")
    assert (await estate.operator.delete(at)).status == 204
    assert (await estate.operator.get(at)).status == 404


async def test_what_was_let_in_is_listed_for_auditors(api: Api, estate: Estate) -> None:
    call, entry = uuid4(), uuid4()
    await api.database.execute(
        """INSERT INTO admissions (id, call_id, condominium_id, ground, entry_id, lets_in)
           VALUES (gen_random_uuid(), $1, $2, 'code', $3, true)""",
        call,
        UUID(estate.condominium),
        entry,
    )
    listed = (await estate.viewer.get("admissions", call_id=str(call))).body["items"]
    assert [(one["ground"], one["entry_id"]) for one in listed] == [("code", str(entry))]
