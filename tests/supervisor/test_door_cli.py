"""``ramal door``: what an operator sets up without SQL."""

import asyncio
import json

import pytest

from supervisor.database.condominiums import find_or_create_condominium
from supervisor.database.pool import connected
from supervisor.outgoing.signature import is_secret
from tests.supervisor.conftest import Ramal

PLACE = ("--condominium", "Edifício Aurora")


@pytest.fixture(autouse=True)
def condominium(database_url: str) -> None:
    async def make() -> None:
        async with connected(database_url) as connection:
            await find_or_create_condominium(connection, "Edifício Aurora")

    asyncio.run(make())


def test_a_door_is_added_listed_changed_and_removed(ramal: Ramal) -> None:
    added = ramal("door", "add", "gate", *PLACE, "--driver", "dtmf", "--settings", '{"digits":"9"}')
    assert added[:2] == (0, "The door gate is opened by dtmf.\n")
    assert ramal("door", "add", "garage", *PLACE, "--driver", "dialplan", "--default")[0] == 0
    assert ramal("door", "set", "gate", *PLACE, "--settings", '{"digits": "*0"}')[0] == 0
    listed = json.loads(ramal("door", "list", *PLACE, "--json")[1])
    assert [(door["name"], door["default"], door["settings"]) for door in listed] == [
        ("garage", True, {}),
        ("gate", False, {"digits": "*0"}),
    ]
    assert "dialplan" in ramal("door", "list", *PLACE)[1]
    assert ramal("door", "remove", "garage", *PLACE)[0] == 0
    assert len(json.loads(ramal("door", "list", *PLACE, "--json")[1])) == 1


def test_the_secret_of_a_webhook_is_printed_once(ramal: Ramal) -> None:
    url = '{"url": "https://doors.example.com/"}'
    _, out, _ = ramal("door", "add", "gate", *PLACE, "--driver", "webhook", "--settings", url)
    assert is_secret(out.split()[-1])
    _, listed, _ = ramal("door", "list", *PLACE, "--json")
    assert json.loads(listed)[0]["has_secret"] and "whsec_" not in listed
    _, changed, _ = ramal("door", "set", "gate", *PLACE, "--new-secret")
    assert is_secret(changed.split()[-1]) and changed.split()[-1] != out.split()[-1]


def test_a_door_that_becomes_a_webhook_gets_a_secret(ramal: Ramal) -> None:
    ramal("door", "add", "gate", *PLACE, "--driver", "dtmf")
    url = '{"url": "https://doors.example.com/"}'
    _, out, _ = ramal("door", "set", "gate", *PLACE, "--driver", "webhook", "--settings", url)
    assert is_secret(out.split()[-1])


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("add", "Gate!", *PLACE, "--driver", "dtmf"), "no name of a door"),
        (("add", "gate", *PLACE, "--driver", "crowbar"), 'no way "crowbar"'),
        (("add", "gate", *PLACE, "--driver", "webhook"), 'needs the setting "url"'),
        (
            (
                "add",
                "gate",
                *PLACE,
                "--driver",
                "webhook",
                "--settings",
                '{"url":"https://10.1.1.1"}',
            ),
            "its URL is refused",
        ),
        (("add", "gate", *PLACE, "--driver", "dtmf", "--settings", "{"), "not JSON"),
        (("set", "gate", *PLACE, "--default"), 'There is no door "gate"'),
        (("set", "gate", *PLACE), "Nothing to change"),
        (("remove", "gate", *PLACE), 'There is no door "gate"'),
        (("test", "gate", *PLACE), 'There is no door "gate"'),
        (("list", "--condominium", "Nowhere"), 'no condominium "Nowhere"'),
    ],
)
def test_what_is_wrong_is_one_sentence(
    ramal: Ramal, arguments: tuple[str, ...], complaint: str
) -> None:
    status, _, err = ramal("door", *arguments)
    assert status == 1 and complaint in " ".join(err.split())
    assert "Traceback" not in err


def test_a_door_by_keys_cannot_be_tried_without_a_visitor(ramal: Ramal) -> None:
    ramal("door", "add", "gate", *PLACE, "--driver", "dtmf")
    status, _, err = ramal("door", "test", "gate", *PLACE)
    assert status == 1 and "intercom" in err


def test_a_trial_is_a_call_with_an_authorisation_and_what_came_of_it(
    ramal: Ramal, database_url: str
) -> None:
    ramal("door", "add", "gate", *PLACE, "--driver", "dialplan")
    status, _, err = ramal("door", "test", "gate", *PLACE)
    assert status == 1 and "no telephone system is configured" in err

    async def kinds() -> list[str]:
        async with connected(database_url) as connection:
            rows = await connection.fetch("SELECT kind FROM events ORDER BY sequence")
        return [row["kind"] for row in rows]

    assert asyncio.run(kinds())[:1] == ["call.started"]
    assert asyncio.run(kinds())[-1:] == ["call.ended"]
