"""``ramal serve`` and ``ramal doctor`` beside a real Asterisk: a death, and an operator's look."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from socket import SOCK_STREAM

import psutil
import pytest

from tests.asterisk.asterisk import AsteriskServer, free_port
from tests.asterisk.configuration import Site
from tests.asterisk.installation import Installation
from tests.asterisk.phone import Call, switched_on
from tests.asterisk.ramal import Line, Ramal
from tests.asterisk.sound import likeness, sweep

pytestmark = [pytest.mark.asterisk, pytest.mark.slow, pytest.mark.timeout(240)]

GATE = ("gate", "gate-password")
DIRECTORY = "block,unit,resident,phone,notes\nA,101,Helena Siqueira,1101,\n"
ATTEMPTS = 15
"""Each two seconds long: a new worker starts in two or three, on a busy machine in ten."""


@pytest.fixture
async def ramal(
    installation: Installation, database_url: str, tmp_path: Path
) -> AsyncIterator[Ramal]:
    line = Line("1001", free_port(SOCK_STREAM), free_port(SOCK_STREAM), flow="echo")
    site = Site(numbers={line.number: line.port}, phones=dict([GATE]))
    async with AsteriskServer(installation, site) as asterisk:
        ramal = Ramal(database_url, tmp_path, asterisk)
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


async def test_the_doctor_finds_a_real_asterisk_in_order(ramal: Ramal) -> None:
    findings = json.loads(await ramal.run("doctor", "--json"))
    assert [f["text"] for f in findings if not f["good"]] == []
    assert any("asterisk" in json.dumps(f).lower() for f in findings)


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
