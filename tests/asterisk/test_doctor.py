"""What ``ramal doctor`` says of a real Asterisk: in order, and broken on purpose."""

import json
from collections.abc import Sequence
from uuid import uuid4

import pytest
from pydantic import SecretStr

from supervisor.checks import Finding, Status
from supervisor.checks.asterisk import examine_asterisk
from supervisor.database.extensions import Extension
from supervisor.settings import AmiSettings, AriSettings, Settings
from tests.asterisk.asterisk import AsteriskServer
from tests.asterisk.configuration import Site
from tests.asterisk.installation import Installation

pytestmark = pytest.mark.asterisk

DRIVERS = ["ami", "ari"]
SITE = Site(
    numbers={"1001": 9101},
    managers={
        "weak": ("call", "originate"),
        "deaf": ("dtmf", "originate,call"),
        "strong": ("all", "all"),
    },
)


def settings_for(asterisk: AsteriskServer, driver: str, **more: object) -> Settings:
    if driver == "ami":
        host, port = asterisk.ami
        chosen = {"host": host, "port": port, "secret": asterisk.ami_secret, **more}
        return Settings(ami=AmiSettings(**chosen))
    host, port = asterisk.ari
    chosen = {"host": host, "port": port, "secret": asterisk.ari_secret, **more}
    return Settings(telephone="ari", ari=AriSettings(**chosen))


async def look(
    asterisk: AsteriskServer, driver: str, rows: Sequence[Extension] = (), **more: object
) -> dict[str, Finding]:
    """The findings by what they are about; every one that is not good says what to do."""
    settings = settings_for(asterisk, driver, **more)
    findings = [each async for each in examine_asterisk(settings, rows)]
    assert all(each.next_step for each in findings if each.status is not Status.OK)
    return {each.part: each for each in findings}


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("audio", ["slin", "slin16"])
async def test_an_asterisk_as_we_ship_it_is_in_order(
    installation: Installation, driver: str, audio: str
) -> None:
    async with AsteriskServer(installation, SITE) as asterisk:
        found = await look(asterisk, driver, audio=audio)
        left = await asterisk.cli("core show channels count")
    bad = [each for each in found.values() if each.status is Status.FAIL]
    assert bad == []
    assert {"version", "modules", "dialplan", "address", "clock", "echo call"} <= set(found)
    unsettled = [n for n, each in found.items() if each.status is not Status.OK]
    assert set(unsettled) <= {"echo call"}  # which may be late on a busy machine
    assert ("16 kHz" if audio == "slin16" else "8 kHz") in found["echo call"].text
    assert installation.version in found["version"].text
    assert "0 active channels" in left


@pytest.mark.parametrize("driver", DRIVERS)
async def test_a_module_that_is_missing_is_named(installation: Installation, driver: str) -> None:
    async with AsteriskServer(installation, SITE) as asterisk:
        await asterisk.cli("module unload app_audiosocket.so")
        found = await look(asterisk, driver, audio="slin")
    assert found["modules"].status is Status.FAIL
    assert "app_audiosocket.so" in found["modules"].text
    assert "module load app_audiosocket.so" in found["modules"].next_step
    assert found["echo call"].status is Status.FAIL


@pytest.mark.parametrize("driver", DRIVERS)
async def test_a_context_that_is_missing_is_named(installation: Installation, driver: str) -> None:
    async with AsteriskServer(installation, SITE) as asterisk:
        await asterisk.cli("dialplan remove context ramal-resident")
        found = await look(asterisk, driver)
    assert found["dialplan"].status is Status.FAIL
    assert found["dialplan"].text == "There is no context ramal-resident."
    assert found["echo call"].status is Status.FAIL


@pytest.mark.parametrize("driver", DRIVERS)
async def test_a_wrong_secret_is_told_with_the_file_to_compare(
    installation: Installation, driver: str
) -> None:
    async with AsteriskServer(installation, SITE) as asterisk:
        found = await look(asterisk, driver, secret=SecretStr("guessed"))
    [finding] = found.values()
    assert finding.status is Status.FAIL
    assert f"{'manager' if driver == 'ami' else 'ari'}.conf" in finding.text
    assert "guessed" not in json.dumps([finding.text, finding.next_step])


@pytest.mark.parametrize("driver", DRIVERS)
async def test_an_asterisk_that_is_down_is_told(installation: Installation, driver: str) -> None:
    async with AsteriskServer(installation, SITE) as asterisk:
        await asterisk.crash()
        found = await look(asterisk, driver)
    [finding] = found.values()
    assert finding.status is Status.FAIL
    assert "nothing listens on" in finding.text


async def test_a_manager_who_may_too_little_is_told_what_to_give(
    installation: Installation,
) -> None:
    async with AsteriskServer(installation, SITE) as asterisk:
        weak = await look(asterisk, "ami", user="weak")
        deaf = await look(asterisk, "ami", user="deaf")
    assert weak["ami rights"].status is Status.FAIL
    assert "Hangup" in weak["ami rights"].text
    assert "write = originate,call" in weak["ami rights"].next_step
    assert deaf["ami rights"].status is Status.OK
    assert deaf["events"].status is Status.FAIL
    assert "read = call,user" in deaf["events"].text


async def test_a_user_of_ari_who_may_only_read_is_told_so(installation: Installation) -> None:
    async with AsteriskServer(installation, SITE) as asterisk:
        found = await look(asterisk, "ari", user="reader")
    assert found["ari"].status is Status.FAIL
    assert "only read" in found["ari"].text


async def test_a_manager_who_may_too_much_is_a_warning(installation: Installation) -> None:
    async with AsteriskServer(installation, SITE) as asterisk:
        found = await look(asterisk, "ami", user="strong")
    assert found["ami rights"].status is Status.WARN
    assert {"command", "config", "system"} <= set(
        found["ami rights"].text.rstrip(".").rpartition("= ")[2].split(",")
    )
    assert found["events"].status is Status.WARN
    assert "dialplan" in found["events"].text


async def test_a_number_that_no_phone_can_dial_gets_its_line(installation: Installation) -> None:
    async with AsteriskServer(installation, SITE) as asterisk:
        rows = [
            extension("1001", {}),
            extension("1002", {"line_hz": 16000}),
            extension("1001", {"guard": "guard"}),
        ]
        reachable = await look(asterisk, "ami", rows[:1])
        unreachable = await look(asterisk, "ami", rows[1:2])
        no_guard = await look(asterisk, "ami", rows[2:])
    assert "number 1001" not in reachable
    assert unreachable["number 1002"].status is Status.WARN
    line = "exten => 1002,1,Gosub(ramal-answer,s,1(9101,slin16))"
    assert line in unreachable["number 1002"].next_step
    assert no_guard["number 1001"].status is Status.FAIL


async def test_an_address_that_asterisk_cannot_reach_fails_the_call(
    installation: Installation,
) -> None:
    site = Site(numbers={"1001": 9101}, globals={"RAMAL_HOST": "127.0.0.9"})
    async with AsteriskServer(installation, site) as asterisk:
        found = await look(asterisk, "ami")
    assert found["echo call"].status is Status.FAIL
    assert "RAMAL_HOST" in found["echo call"].next_step


def extension(number: str, settings: dict[str, object]) -> Extension:
    """A row that is enabled."""
    return Extension(
        id=uuid4(),
        number=number,
        condominium_id=uuid4(),
        condominium="Aurora",
        timezone="America/Sao_Paulo",
        flow="doorman",
        language="pt-BR",
        voice=None,
        port=9101,
        return_port=9102,
        enabled=True,
        isolated=False,
        settings=settings,
        status="listening",
        status_reason=None,
    )
