"""``ramal texts``: what an operator changes of what is said."""

import asyncio

import pytest

from supervisor.database.condominiums import find_or_create_condominium
from supervisor.database.pool import connected
from tests.supervisor.conftest import Ramal

PLACE = ("--condominium", "Edifício Aurora")


@pytest.fixture(autouse=True)
def condominium(database_url: str) -> None:
    async def make() -> None:
        async with connected(database_url) as connection:
            await find_or_create_condominium(connection, "Edifício Aurora")

    asyncio.run(make())


def test_a_text_is_set_listed_and_reset(ramal: Ramal) -> None:
    assert ramal("texts", "set", "closing.goodbye", "Volte sempre.", "Tchau.", *PLACE)[0] == 0
    _, listed, _ = ramal("texts", "list", *PLACE)
    assert "Volte sempre." in listed and "Tchau." in listed
    assert ramal("texts", "reset", "closing.goodbye", *PLACE)[0] == 0
    assert "Volte sempre." not in ramal("texts", "list", *PLACE)[1]


def test_a_receptionists_texts_are_behind_its_name(ramal: Ramal) -> None:
    own = ("receptionist.closing.goodbye", "Volte sempre.")
    assert ramal("texts", "set", *own, *PLACE)[0] == 0
    _, listed, _ = ramal("texts", "list", *PLACE, "--agent", "receptionist")
    assert "Volte sempre." in listed and "receptionist.menu.person" in listed
    assert "resident.ask" not in listed


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("set", "receptionist.menu.person", "{key}.", *PLACE), "{key} is not known here"),
        (("set", "receptionist.answer", "Sim.", *PLACE), "{answer} is missing"),
        (("list", *PLACE, "--agent", "butler"), "use doorman or receptionist"),
        (("set", "closing.goodby", "Tchau.", *PLACE), 'no text "closing.goodby"'),
        (("set", "greeting.morning", "Bom dia.", *PLACE), "{condominium} is missing"),
        (("set", "closing.goodbye", "Tchau 😀", *PLACE), "grinning face"),
        (("set", "closing.goodbye", "Bye.", *PLACE, "--language", "xx"), 'no texts in "xx"'),
        (("reset", "closing.goodbye", *PLACE), "no words of its own"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    ramal: Ramal, arguments: tuple[str, ...], complaint: str
) -> None:
    status, _, err = ramal("texts", *arguments)
    assert status == 1 and complaint in " ".join(err.split())
    assert "Traceback" not in err
