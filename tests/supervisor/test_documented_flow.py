"""docs/flows.md, taken at its word: its example is installed as a package, served and called."""

import asyncio
import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest

from audiosocket.caller import Caller
from audiosocket.clock import MediaClock
from supervisor.agents.installed import GROUP, installed_agents
from supervisor.agents.loading import load
from supervisor.database.extensions import NewExtension, add_extension
from supervisor.database.pool import Pool
from supervisor.replay.bundle import Bundle, Told, save
from supervisor.rules import ExtensionProblem
from supervisor.server import running_server
from supervisor.settings import Settings
from tests.ports import free_ports
from tests.replay.test_replay import BEGAN, CALL, EXTENSION, told
from tests.session.call import speak
from tests.speech import say, silence
from tests.supervisor.serving import add_echo, eventually, until_marked

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "flows.md").read_text(encoding="utf-8")


def block(kind: str) -> str:
    [found] = re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of site-packages with the example, its entry point as the page writes it."""
    folder = tmp_path / "site"
    info = folder / "my_poll-1.0.dist-info"
    info.mkdir(parents=True)
    name, _, place = block("toml").splitlines()[1].partition(" = ")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-poll\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\n{name} = {place.strip(chr(34))}\n")
    (folder / "my_poll.py").write_text(block("python"), encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("PYTHONPATH", f"{folder}:{ROOT}")
    installed_agents.cache_clear()
    return folder


@pytest.fixture(autouse=True)
def forgotten_afterwards() -> Any:
    yield
    installed_agents.cache_clear()


def test_the_example_is_short() -> None:
    assert len(block("python").splitlines()) < 100


async def add_poll(database: Pool) -> int:
    port, return_port = free_ports(2)
    async with database.acquire() as connection:
        new = NewExtension("1001", port, return_port, flow="poll")
        await add_extension(connection, "Padaria Sol", new)
    return port


async def test_the_example_is_called_over_tcp_and_answers(
    settings: Settings, installed: Path, database: Pool
) -> None:
    port, call_id = await add_poll(database), uuid4()

    async def told(kind: str, least: int = 1) -> list[Any]:
        async def read() -> list[Any]:
            rows = await database.fetch(
                """SELECT data FROM events WHERE call_id = $1 AND kind = $2
                   AND data->>'speaker' IS DISTINCT FROM 'visitor' ORDER BY sequence""",
                call_id,
                kind,
            )
            return [row["data"] for row in rows]

        return await eventually(read, lambda got: len(got) >= least)

    async with running_server(settings):
        await until_marked(database, "1001", "listening")
        caller = await Caller.connect("127.0.0.1", port, call_id, clock=MediaClock())
        assert "pesquisa da Padaria Sol" in (await told("speaking"))[0]["text"]
        caller.press("1")
        await told("poll.answered")
        await told("turn", 3)  # the greeting, and two questions to their ends
        await speak(caller, say("não"))
        await told("poll.answered", 2)
        caller.press("1")
        [visit] = await told("visit")
        await caller.hang_up()
    answers = {"clean": True, "safe": False, "again": True}
    assert visit == {"outcome": "polled", "answers": answers}


async def test_a_call_of_the_example_is_played_again(
    settings: Settings, installed: Path, tmp_path: Path
) -> None:
    caller = np.concatenate((silence(9000), say("sim"), silence(20_000)))
    poll = replace(EXTENSION, flow="poll", condominium="Padaria Sol")
    began = Told(0.0, "call.started", {})
    known: dict[str, Any] = {"units": [], "doors": [], "texts": {}}
    save(Bundle(CALL, BEGAN, poll, known, [began], told(caller), []), tmp_path / "call")
    program = [sys.executable, "-c", "from supervisor.cli import main; main()"]
    process = await asyncio.create_subprocess_exec(
        *(*program, "replay", str(tmp_path / "call"), "--json"), stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(120):
        out, _ = await process.communicate()
    played = json.loads(out)
    turns = [each["now"]["text"] for each in played["turns"]]
    assert turns[0].startswith("Olá, é uma pesquisa da Padaria Sol")
    assert 'visit outcome=left answers={"clean": true}' in played["decisions"]["now"]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import nothing_like_it", 'the agent "poll" of the package my-poll cannot be loaded'),
        ("POLL = 1", '"my_poll:POLL" of the package my-poll is no AgentKind'),
    ],
)
def test_a_package_that_gives_no_agent_is_said_so(
    installed: Path, monkeypatch: pytest.MonkeyPatch, source: str, reason: str
) -> None:
    monkeypatch.delitem(sys.modules, "my_poll", raising=False)
    (installed / "my_poll.py").write_text(source)
    with pytest.raises(ExtensionProblem) as raised:
        load(installed_agents()["poll"])
    assert reason in str(raised.value)


DEFECTIVE = """
from supervisor.agents.agent import AgentKind
async def make(shared, extension): return {}["nothing"]
POLL = AgentKind(make, ("pt-BR",))
"""


async def test_a_defect_of_a_package_is_its_extensions_problem_and_no_other_ones(
    settings: Settings, installed: Path, database: Pool
) -> None:
    (installed / "my_poll.py").write_text(DEFECTIVE)
    await add_poll(database)
    await add_echo(database, "1002")
    async with running_server(settings):
        row = await until_marked(database, "1001", "failed")
        await until_marked(database, "1002", "listening")
    assert row.status_reason == "its agent cannot be made: KeyError: 'nothing'"


def test_a_name_that_no_package_has_is_refused_before_anything_starts() -> None:
    assert "poll" not in installed_agents()
