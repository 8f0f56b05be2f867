"""A visit through a real Asterisk, recorded: what both phones said is in the files."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from stt.engines import RecogniserChoice, open_recogniser
from stt.recogniser import Hints, Recogniser
from tests.asterisk.asterisk import AsteriskServer
from tests.asterisk.configuration import Site
from tests.asterisk.installation import Installation
from tests.asterisk.listening import finished_speaking
from tests.asterisk.phone import switched_on
from tests.asterisk.ramal import Line, Ramal
from tests.asterisk.visits import picks_up
from tests.ports import free_port
from tests.speech import say
from tests.supervisor.serving import eventually

pytestmark = [pytest.mark.asterisk, pytest.mark.slow, pytest.mark.timeout(240)]

GATE, RESIDENT = ("gate", "gate-password"), ("1101", "resident-password")
DIRECTORY = "block,unit,resident,phone,notes\n,101,Helena Siqueira,1101,\n"


@pytest.fixture
async def ramal(
    installation: Installation, database_url: str, tmp_path: Path
) -> AsyncIterator[Ramal]:
    settings = {"recording": "everyone"}
    ports = free_port(), free_port()
    line = Line("1001", *ports, settings=settings)
    site = Site(numbers={line.number: line.port}, phones=dict([GATE, RESIDENT]))
    async with AsteriskServer(installation, site) as asterisk:
        ramal = Ramal(database_url, tmp_path, asterisk)
        await ramal.set_up("Edifício Aurora", DIRECTORY, [line])
        yield ramal


@pytest.fixture
async def recogniser() -> AsyncIterator[Recogniser]:
    recogniser = await open_recogniser(RecogniserChoice())
    yield recogniser
    await recogniser.close()


async def test_a_visit_and_the_residents_answer_are_each_in_a_file(
    ramal: Ramal, recogniser: Recogniser
) -> None:
    sip = ramal.asterisk.sip
    async with (
        ramal.serving(),
        switched_on(*GATE, sip) as gate,
        switched_on(*RESIDENT, sip) as resident,
    ):
        visit = await gate.dial("1001")
        await finished_speaking(visit, since_s=0)
        await visit.say(say("Entrega da Loggi para o apartamento cento e um.", voice="pt-br+m3"))
        asked = await resident.next_call(timeout_s=60)
        await picks_up(asked)
        await asked.say(say("pode subir", voice="pt-br+f2"))
        await visit.ended(timeout_s=60)

        async def kept() -> dict[str, Path]:
            files = await asyncio.to_thread(lambda: list(ramal.folder.rglob("*.flac")))
            return {file.name.split(".")[1]: file for file in files}

        files = await eventually(kept, lambda files: len(files) == 2)
        visitor, doorman = await _understood(recogniser, files["visitor"])
        _, asked_resident = await _understood(recogniser, files["resident"])
    assert "entrega" in visitor
    assert "gravada" in doorman or "chamada" in doorman
    assert "entrega" in asked_resident


async def _understood(recogniser: Recogniser, file: Path) -> list[str]:
    """What was said on the left, and on the right."""
    stereo, rate_hz = soundfile.read(file, dtype="int16")
    assert rate_hz == 8000
    told = []
    for channel in (0, 1):
        stream = recogniser.stream("pt-BR", Hints())
        stream.feed(np.ascontiguousarray(stereo[:, channel], np.int16))
        told.append((await stream.result()).text)
        await stream.close()
    return told
