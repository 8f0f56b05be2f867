"""``ramal tenant``: how much each management company may ask for."""

import asyncio
import json

import pytest

from supervisor.database.condominiums import find_or_create_condominium
from supervisor.database.pool import connected
from tests.supervisor.conftest import Ramal


@pytest.fixture(autouse=True)
def condominium(database_url: str) -> None:
    async def make() -> None:
        async with connected(database_url) as connection:
            await find_or_create_condominium(connection, "Edifício Aurora")

    asyncio.run(make())


def test_limits_are_set_listed_and_taken_back(ramal: Ramal) -> None:
    assert "5 (usual)" in ramal("tenant", "list")[1]
    status, out, err = ramal("tenant", "set", "default", "--synthesis-jobs", "20")
    assert (status, out) == (
        0,
        "default: 20 synthesis jobs at once, 200000 (usual) characters a day.\n",
    ), err
    ramal("tenant", "set", "default", "--synthesis-characters", "0")
    (row,) = json.loads(ramal("tenant", "list", "--json")[1])
    assert row == {
        "name": "default",
        "condominiums": 1,
        "synthesis_jobs": 20,
        "synthesis_characters_per_day": 0,
    }
    ramal(
        "tenant", "set", "default", "--synthesis-jobs", "usual", "--synthesis-characters", "usual"
    )
    (row,) = json.loads(ramal("tenant", "list", "--json")[1])
    assert (row["synthesis_jobs"], row["synthesis_characters_per_day"]) == (None, None)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("default",), "Nothing was named"),
        (("default", "--synthesis-jobs", "many"), '"many" is no limit'),
        (("default", "--synthesis-jobs", "99999999999"), "is no limit"),
        (("Alfa", "--synthesis-jobs", "1"), 'no tenant "Alfa"; there are: default'),
    ],
)
def test_what_is_wrong_is_one_sentence(
    ramal: Ramal, arguments: tuple[str, ...], complaint: str
) -> None:
    status, _, err = ramal("tenant", "set", *arguments)
    assert status == 1 and complaint in " ".join(err.split())
    assert "Traceback" not in err
