"""A whole visit at 16 kHz, called through ARI: `ramal serve`, a real Asterisk, SIP phones."""

from pathlib import Path

import pytest

from stt.engines import RecogniserChoice, open_recogniser
from supervisor.database.pool import connected
from tests.asterisk.asterisk import AsteriskServer
from tests.asterisk.configuration import Site
from tests.asterisk.installation import Installation
from tests.asterisk.listening import contains_one_of
from tests.asterisk.phone import End
from tests.asterisk.ramal import Line, Ramal, password
from tests.asterisk.visits import APARTMENTS, NUMBER, RING_S, Stage, lived, the_resident_agrees
from tests.ports import free_port

pytestmark = [pytest.mark.asterisk, pytest.mark.slow, pytest.mark.timeout(240)]


async def test_a_visit_at_16_khz_through_ari_is_authorised(
    installation: Installation, database_url: str, tmp_path: Path
) -> None:
    port, return_port = free_port(), free_port()
    resident = APARTMENTS["101"][1]
    site = Site(
        numbers={NUMBER: port},
        audio="slin16",
        phones={name: password() for name in ("gate101", resident)},
    )
    directory = f"block,unit,resident,phone,notes\n,101,Morador 101,{resident},\n"
    line = Line(NUMBER, port, return_port, settings={"ring_s": RING_S, "line_hz": 16000})
    recogniser = await open_recogniser(RecogniserChoice())
    async with AsteriskServer(installation, site) as asterisk:
        through_ari = {
            "RAMAL_TELEPHONE": "ari",
            "RAMAL_ARI__PORT": str(asterisk.ari[1]),
            "RAMAL_ARI__SECRET": asterisk.ari_secret,
        }
        ramal = Ramal(database_url, tmp_path, asterisk, variables=through_ari)
        await ramal.set_up("Edifício Aurora", directory, [line])
        async with ramal.serving():
            stage = Stage(asterisk, site.phones, recogniser, database_url, ramal.log_tail)
            visit = await lived(the_resident_agrees, stage)
            left = await asterisk.cli("core show channels count")
    await recogniser.close()
    assert contains_one_of(visit.visitor_heard, "liberad", "portao", "pode entrar", "pode subir")
    assert contains_one_of(visit.resident_heard, "portaria", "loggi", "entrega")
    assert visit.visitor_ended is End.THEY_HUNG_UP
    assert "0 active channels" in left
    async with connected(database_url) as connection:
        outcomes = await connection.fetch("SELECT outcome FROM visits")
        attempts = await connection.fetch(
            "SELECT data->>'outcome' AS outcome FROM events WHERE kind = 'call_out.ended'"
        )
    assert [row["outcome"] for row in outcomes] == ["authorised"]
    assert [row["outcome"] for row in attempts] == ["answered"]
