"""Tenants' language models: set at the terminal, opened by a worker, counted, their keys unseen."""

import io
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID, uuid4

import pytest

from audiosocket.caller import Caller
from audiosocket.clock import MediaClock
from conversation.understanding import Expecting
from supervisor.database.condominiums import find_or_create_condominium
from supervisor.database.extensions import NewExtension, add_extension
from supervisor.database.language_models import LanguageModelRow, store_language_model
from supervisor.database.pool import Pool, connected, pooled
from supervisor.language_models import LanguageModels
from supervisor.metrics import Metrics
from supervisor.server import running_server
from supervisor.settings import LlmSettings, Settings
from tests.conversation.gate import DIRECTORY, RULES
from tests.conversation.model_server import KEY, says, serving
from tests.ports import free_ports
from tests.session.call import speak
from tests.speech import say
from tests.supervisor.conftest import Ramal
from tests.supervisor.serving import eventually, until_marked

URL = "https://models.example/v1"
ODD = "treco esquisito"


@pytest.fixture
async def condominium(database_url: str) -> UUID:
    async with connected(database_url) as connection:
        return await find_or_create_condominium(connection, "Edifício Aurora")


@pytest.fixture
def key_on_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{KEY}\n"))


# ---------------------------------------------------------------- at the terminal


def test_a_model_is_set_listed_and_removed_and_its_key_is_never_shown(
    ramal: Ramal, condominium: UUID, key_on_stdin: None
) -> None:
    said = ramal("model", "set", "small", "smaller", "--url", URL, "--key-stdin")
    assert said[0] == 0
    listed = ramal("model", "list")
    assert "small, smaller" in listed[1] and "set" in listed[1] and "1200 ms" in listed[1]
    assert KEY not in repr(said) + repr(listed)
    assert ramal("model", "remove")[0] == 0
    assert "No tenant has a language model" in ramal("model", "list")[1]


def test_a_key_is_kept_for_the_same_address_only(
    ramal: Ramal, condominium: UUID, key_on_stdin: None
) -> None:
    """Or whoever may set an address could have a key sent there that they were never given."""
    ramal("model", "set", "small", "--url", URL, "--key-stdin")
    ramal("model", "set", "other", "--url", URL)
    assert "set" in ramal("model", "list")[1]
    ramal("model", "set", "other", "--url", "https://elsewhere.example/v1")
    assert "none" in ramal("model", "list")[1]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("set", "small", "--url", "models.example"), '"models.example" is no URL'),
        (("set", *"abcdef", "--url", URL), "one to five models"),
        (("set", "small", "--url", URL, "--tenant", "nobody"), 'no tenant "nobody"'),
        (("remove",), "has no language model"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    ramal: Ramal, condominium: UUID, arguments: tuple[str, ...], complaint: str
) -> None:
    status, _, err = ramal("model", *arguments)
    assert status == 1 and complaint in " ".join(err.split())
    assert "Traceback" not in err


def test_what_is_wrong_with_a_model_is_said_at_the_terminal(
    ramal: Ramal, condominium: UUID, key_on_stdin: None
) -> None:
    ramal("model", "set", "small", "--url", "http://127.0.0.1:9/v1", "--key-stdin")
    status, out, _ = ramal("model", "test")
    assert (status, out) == (1, "small: The host takes no connection.\n")


async def test_the_api_cannot_read_a_key(
    database: Pool, condominium: UUID, database_url: str
) -> None:
    allowed = await database.fetchval(
        "SELECT has_column_privilege('ramal_api', 'language_models', 'api_key', 'SELECT')"
    )
    assert allowed is False


def test_a_row_prints_without_its_key() -> None:
    assert KEY not in repr(LanguageModelRow(URL, ("small",), KEY))


# ---------------------------------------------------------------- in a worker


async def test_a_tenants_model_is_asked_with_its_key_and_counted(
    database_url: str, condominium: UUID
) -> None:
    metrics = Metrics()
    found = {"place": {"apartment": "1204", "block": "A", "resident": None}}
    async with (
        serving(says(found)) as server,
        pooled(database_url) as pool,
        AsyncExitStack() as resources,
    ):
        async with connected(database_url) as connection:
            row = LanguageModelRow(server.url, ("small",), KEY)
            await store_language_model(connection, "default", row, keeps_key=False)
        settings = LlmSettings(prices={"small": (1.0, 2.0)})
        models = LanguageModels(settings, metrics, resources)
        thinker = await models.thinker(pool, condominium, DIRECTORY, RULES)
        assert thinker is not None
        again = await models.thinker(pool, condominium, DIRECTORY, RULES)
        assert again is not None
        thinker.note(sure=False)
        heard = RULES.interpret(ODD, 0.9, Expecting.PURPOSE)
        thoughts = await thinker.think(ODD, Expecting.PURPOSE, ("place",))
        assert thinker.merge(heard, Expecting.PURPOSE, thoughts).apartment == "1204"
        assert server.keys == {f"Bearer {KEY}"}
    sample = metrics.registry.get_sample_value
    answered = {"model": "small", "outcome": "answered"}
    assert sample("ramal_model_requests_total", answered) == 1
    assert sample("ramal_model_tokens_total", {"model": "small", "kind": "input"}) == 200
    cost = sample("ramal_model_cost_total", {"model": "small"})
    assert cost == pytest.approx((200 * 1.0 + 20 * 2.0) / 1e6)
    assert sample("ramal_turns_total", {"rules": "unsure"}) == 1


async def test_where_no_tenant_has_a_model_nobody_is_asked(
    database_url: str, condominium: UUID
) -> None:
    async with pooled(database_url) as pool, AsyncExitStack() as resources:
        models = LanguageModels(LlmSettings(), Metrics(), resources)
        assert await models.thinker(pool, condominium, DIRECTORY, RULES) is None
        assert await models.thinker(pool, uuid4(), DIRECTORY, RULES) is None


async def test_while_the_database_is_away_what_was_known_goes_on(
    database_url: str, condominium: UUID
) -> None:
    async with connected(database_url) as connection:
        row = LanguageModelRow(URL, ("small",), KEY)
        await store_language_model(connection, "default", row, keeps_key=False)
    async with pooled(database_url) as pool, AsyncExitStack() as resources:
        models = LanguageModels(LlmSettings(), Metrics(), resources)
        assert await models.thinker(pool, condominium, DIRECTORY, RULES) is not None
        async with pooled("postgresql://127.0.0.1:1/none", at_once=False) as away:
            assert await models.thinker(away, condominium, DIRECTORY, RULES) is not None
            assert await models.thinker(away, uuid4(), DIRECTORY, RULES) is None


# ---------------------------------------------------------------- in a call


async def test_a_turn_that_the_rules_cannot_place_is_asked_about_in_a_real_call(
    settings: Settings, database: Pool
) -> None:
    """From a row of plain SQL to the entry of a call, through the server and its worker."""
    port, return_port = free_ports(2)
    async with serving(says({})) as models, database.acquire() as connection:
        await add_extension(
            connection, "Residencial Aurora", NewExtension("1001", port, return_port)
        )
        row = LanguageModelRow(models.url, ("small",), KEY)
        await store_language_model(connection, "default", row, keeps_key=False)
        async with running_server(settings):
            await until_marked(database, "1001", "listening")
            call_id = uuid4()
            caller = await Caller.connect("127.0.0.1", port, call_id, clock=MediaClock())
            await eventually(lambda: turns(database, call_id, "agent"), bool)
            turn: Any = {}
            for said in range(3):  # the recogniser may have lost the number in a busy machine
                await speak(caller, say("entrega no apartamento novecentos e noventa e nove"))
                turn = await visitors_turn(database, call_id, said)
                if "thoughts" in turn:
                    break
            await caller.hang_up()
        assert {each["outcome"] for each in turn["thoughts"]["requests"]} == {"answered"}
        assert turn["thoughts"]["input_tokens"] > 0
        assert models.keys == {f"Bearer {KEY}"}
        assert KEY not in repr(await database.fetch("SELECT data FROM events"))


async def visitors_turn(database: Pool, call_id: UUID, place: int) -> Any:
    heard = await eventually(
        lambda: turns(database, call_id, "visitor"), lambda got: len(got) > place
    )
    return heard[place]


async def turns(database: Pool, call_id: UUID, speaker: str) -> list[Any]:
    rows = await database.fetch(
        """SELECT data FROM events WHERE call_id = $1 AND kind = 'turn'
           AND data->>'speaker' = $2 ORDER BY id""",
        call_id,
        speaker,
    )
    return [row["data"] for row in rows]
