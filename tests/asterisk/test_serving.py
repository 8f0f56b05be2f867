"""``ramal serve`` and ``ramal doctor`` beside a real Asterisk: a death, and an operator's look."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from stt.engines import RecogniserChoice, open_recogniser
from stt.recogniser import Recogniser
from supervisor.cli.doctor import WARNED
from tests.asterisk.asterisk import AsteriskServer
from tests.asterisk.configuration import Site
from tests.asterisk.installation import Installation
from tests.asterisk.listening import contains_one_of, finished_speaking, understood
from tests.asterisk.phone import Call, End, switched_on
from tests.asterisk.ramal import Line, Ramal
from tests.asterisk.sound import likeness, sweep
from tests.asterisk.visits import picks_up
from tests.ports import free_port
from tests.speech import say

pytestmark = [pytest.mark.asterisk, pytest.mark.slow, pytest.mark.timeout(240)]

GATE, RESIDENT = ("gate", "gate-password"), ("1101", "resident-password")
DIRECTORY = "block,unit,resident,phone,notes\n,101,Helena Siqueira,1101,\n"
ATTEMPTS = 15
"""Each two seconds long: a new worker starts in two or three, on a busy machine in ten."""


@pytest.fixture
async def ramal(
    installation: Installation, database_url: str, tmp_path: Path
) -> AsyncIterator[Ramal]:
    """With an extension that says back what it hears."""
    async with set_up(installation, database_url, tmp_path, flow="echo") as ramal:
        yield ramal


@pytest.fixture
async def doorman(
    installation: Installation, database_url: str, tmp_path: Path
) -> AsyncIterator[Ramal]:
    """With a doorman's extension."""
    async with set_up(installation, database_url, tmp_path, flow="doorman") as ramal:
        yield ramal


@pytest.fixture
async def recogniser() -> AsyncIterator[Recogniser]:
    recogniser = await open_recogniser(RecogniserChoice())
    yield recogniser
    await recogniser.close()


@asynccontextmanager
async def set_up(
    installation: Installation, database_url: str, folder: Path, flow: str
) -> AsyncIterator[Ramal]:
    line = Line("1001", free_port(), free_port(), flow=flow)
    site = Site(numbers={line.number: line.port}, phones=dict([GATE, RESIDENT]))
    async with AsteriskServer(installation, site) as asterisk:
        ramal = Ramal(database_url, folder, asterisk)
        await ramal.set_up("Edifício Aurora", DIRECTORY, [line])
        yield ramal


async def test_a_visitor_is_still_on_the_line_after_the_worker_was_killed(ramal: Ramal) -> None:
    async with (
        ramal.serving() as server_pid,
        switched_on(*GATE, ramal.asterisk.sip) as gate,
    ):
        call = await gate.dial("1001")
        await hears_itself(call)
        worker = worker_with_the_call(server_pid, ramal)
        os.kill(worker.pid, signal.SIGKILL)
        await hears_itself(call)
        assert worker_with_the_call(server_pid, ramal).pid != worker.pid


async def test_a_worker_that_dies_while_the_resident_is_asked_costs_no_word_of_the_visitor(
    doorman: Ramal, recogniser: Recogniser
) -> None:
    """The visitor speaks once; the resident is called again, and what they say counts."""
    sip = doorman.asterisk.sip
    async with (
        doorman.serving() as server_pid,
        switched_on(*GATE, sip) as gate,
        switched_on(*RESIDENT, sip) as resident,
    ):
        visit = await gate.dial("1001")
        await finished_speaking(visit, since_s=0)
        await visit.say(say("Entrega da Loggi para o apartamento cento e um.", voice="pt-br+m3"))
        asked = await resident.next_call(timeout_s=30)
        await picks_up(asked)
        os.kill(worker_with_the_call(server_pid, doorman).pid, signal.SIGKILL)
        asked_again = await resident.next_call(timeout_s=60)
        await picks_up(asked_again)
        await asked_again.say(say("pode subir", voice="pt-br+f2"))
        await visit.ended(timeout_s=60)
        heard = await understood(recogniser, visit)
    assert contains_one_of(heard, "liberad", "portao", "pode entrar", "pode subir")


async def test_a_phone_that_rings_for_a_worker_that_died_stops_and_rings_for_the_next(
    doorman: Ramal,
) -> None:
    sip = doorman.asterisk.sip
    async with (
        doorman.serving() as server_pid,
        switched_on(*GATE, sip) as gate,
        switched_on(*RESIDENT, sip) as resident,
    ):
        visit = await gate.dial("1001")
        await finished_speaking(visit, since_s=0)
        await visit.say(say("Entrega da Loggi para o apartamento cento e um.", voice="pt-br+m3"))
        orphan = await resident.next_call(timeout_s=30)
        orphan.ring()
        os.kill(worker_with_the_call(server_pid, doorman).pid, signal.SIGKILL)
        call = await resident.next_call(timeout_s=60)
        call.ring()
        assert await orphan.ended(timeout_s=5) is End.CANCELLED
        assert call.end is None


async def test_the_doctor_finds_a_real_asterisk_in_order(ramal: Ramal) -> None:
    findings = json.loads(await ramal.run("doctor", "--json", good=(0, WARNED)))
    assert [f["text"] for f in findings if not f["good"]] == []
    assert {"echo call", "number 1001"} & {f["part"] for f in findings} == {"echo call"}


async def hears_itself(call: Call) -> None:
    """Speak until what was said comes back."""
    spoken = sweep(seconds=1.0)
    for _ in range(ATTEMPTS):
        assert call.end is None
        before = len(call.heard.packets)
        await call.say(spoken)
        await asyncio.sleep(1.0)  # what is still on its way back, through a backlog perhaps
        since_s = call.heard.packets[before].at_s if len(call.heard.packets) > before else 0.0
        if likeness(spoken, call.heard.samples(since_s)) > 0.9:
            return
    raise AssertionError("the visitor's own voice did not come back")


def worker_with_the_call(server_pid: int, ramal: Ramal) -> psutil.Process:
    """The worker process that holds the visitor's AudioSocket connection."""
    (port,) = ramal.asterisk.site.numbers.values()
    for process in psutil.Process(server_pid).children(recursive=True):
        for connection in process.net_connections("tcp"):
            if connection.status == psutil.CONN_ESTABLISHED and connection.laddr.port == port:
                return process
    raise AssertionError("no worker has the call")
