"""Visitor and resident talk with each other, and operators steer: SIP phones, a real Asterisk."""

import asyncio
import logging
import os
import signal
import statistics
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import pytest
import pytest_asyncio

from stt.engines import RecogniserChoice, open_recogniser
from stt.recogniser import Recogniser
from supervisor.database.embedded import EmbeddedPostgres
from supervisor.database.pool import connected
from tests.api.serving import Client
from tests.asterisk.asterisk import AsteriskServer
from tests.asterisk.configuration import Site
from tests.asterisk.installation import Installation
from tests.asterisk.listening import contains_one_of, finished_speaking, understood
from tests.asterisk.phone import Call, End, Phone, switched_on
from tests.asterisk.ramal import Line, Ramal, password
from tests.asterisk.sound import likeness, sweep
from tests.asterisk.test_calls import a_database
from tests.asterisk.test_serving import worker_with_the_call
from tests.asterisk.visits import picks_up, says
from tests.asterisk.waiting import eventually
from tests.ports import free_port
from tests.speech import say

pytestmark = [
    pytest.mark.asterisk,
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(300),
]

log = logging.getLogger(__name__)

CONDOMINIUM = "Edifício Aurora"
DIRECTORY = "block,unit,resident,phone,notes\n,101,Helena Siqueira,1101,\n"
PHONES = {name: password() for name in ("gate", "1101", "guard")}
GUARD = "guard"
DOOR_DIGITS = "*09"
LATENCIES = 5
LATENCY_LIMIT_S = 0.25
"""From one phone's microphone to the other's ear: some 70 ms on a quiet machine."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A condominium with one apartment, a guard and an operator."""

    asterisk: AsteriskServer
    recogniser: Recogniser
    database_url: str
    operator: Client
    gate: Phone
    resident: Phone
    guard: Phone
    kill_worker: Callable[[], None]

    async def events(self, call_id: UUID) -> list[tuple[str, dict[str, Any]]]:
        async with connected(self.database_url) as connection:
            rows = await connection.fetch(
                "SELECT kind, data FROM events WHERE call_id = $1 ORDER BY sequence", call_id
            )
        return [(row["kind"], row["data"]) for row in rows]

    async def call_id(self) -> UUID:
        """Of the call that goes on, as the API's list has it."""
        found = (await self.operator.get("calls", running="true")).body["items"]
        assert len(found) == 1, found
        return UUID(found[0]["id"])

    async def heard(self, call: Call, since_s: float = 0.0) -> str:
        return await understood(self.recogniser, call, since_s=since_s)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(
    installation: Installation,
    postgres_server: EmbeddedPostgres,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Stage]:
    folder: Path = tmp_path_factory.mktemp("ramal")
    port, return_port, http_port = (free_port() for _ in range(3))
    line = Line("1001", port, return_port, settings={"ring_s": 20, "guard": GUARD})
    transfers = {GUARD: [f"Dial(PJSIP/{GUARD},20)", "Hangup()"]}
    site = Site(numbers={"1001": port}, phones=PHONES, transfers=transfers)
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(a_database(postgres_server, "asterisk_joining"))
        asterisk = await stack.enter_async_context(AsteriskServer(installation, site))
        ramal = Ramal(url, folder, asterisk, {"RAMAL_HTTP__PORT": str(http_port)})
        await ramal.set_up(CONDOMINIUM, DIRECTORY, [line])
        await ramal.run(
            *("door", "add", "gate", "--condominium", CONDOMINIUM, "--driver", "dtmf"),
            *("--settings", f'{{"digits": "{DOOR_DIGITS}"}}', "--default"),
        )
        key = (await ramal.run("key", "create", "--name", "Painel", "--role", "operator")).split()
        server_pid = await stack.enter_async_context(ramal.serving())
        session = await stack.enter_async_context(aiohttp.ClientSession())
        phones = [
            await stack.enter_async_context(switched_on(name, secret, asterisk.sip))
            for name, secret in PHONES.items()
        ]
        recogniser = await open_recogniser(RecogniserChoice())
        stack.push_async_callback(recogniser.close)
        operator = Client(session, f"http://127.0.0.1:{http_port}", key[-1])

        def kill_worker() -> None:
            os.kill(worker_with_the_call(server_pid, ramal).pid, signal.SIGKILL)

        yield Stage(asterisk, recogniser, url, operator, *phones, kill_worker)


@asynccontextmanager
async def a_visitor(stage: Stage) -> AsyncIterator[Call]:
    """Somebody who has dialled the doorman and was greeted; whatever happens, they hang up."""
    call = await stage.gate.dial("1001")
    await finished_speaking(call, since_s=0)
    try:
        yield call
    finally:
        await call.hang_up()


@asynccontextmanager
async def two_who_talk(stage: Stage) -> AsyncIterator[tuple[Call, Call, UUID]]:
    """A visitor and a resident who asked to speak with them, and the call's id."""
    async with a_visitor(stage) as visit:
        sentence = say("Entrega da Loggi para o apartamento cento e um.", voice="pt-br+m3")
        asking = asyncio.create_task(says(stage, visit, sentence, "chamar", "momento"))
        call = await stage.resident.next_call(timeout_s=60)
        await picks_up(call)
        await asking
        wish = say("quero falar com ele", voice="pt-br+f2")
        await says(stage, call, wish, "tecle", "asterisco", "conversa", "passar")
        call_id = await stage.call_id()
        await until_event(stage, call_id, "joined")
        yield visit, call, call_id


async def until_event(stage: Stage, call_id: UUID, kind: str) -> dict[str, Any]:
    events: list[tuple[str, dict[str, Any]]] = []
    try:
        async with asyncio.timeout(20):
            while True:
                events = await stage.events(call_id)
                for found, data in events:
                    if found == kind:
                        return data
                await asyncio.sleep(0.1)  # another process writes it, and tells only who listens
    except TimeoutError as error:
        told = [f"{found} {data}" for found, data in events if found != "state"]
        error.add_note("\n".join([f"no {kind} among:", *told]))
        raise


async def latency_s(speaker: Call, listener: Call) -> float:
    """From the first frame of a sound to its arrival at the other phone."""
    began = time.monotonic()
    await speaker.say(sweep(0.3))
    await asyncio.sleep(0.4)
    return next(at_s for at_s in listener.heard.loud_at_s if at_s > began) - began


async def test_visitor_and_resident_hear_each_other_and_a_key_opens_meanwhile(
    stage: Stage,
) -> None:
    async with two_who_talk(stage) as (visit, resident, call_id):
        began_s = time.monotonic()
        courier = say("boa tarde, tenho uma encomenda da loja para entregar", voice="pt-br+m3")
        answer = say("boa tarde, pode deixar com o porteiro", voice="pt-br+f2")
        await asyncio.gather(visit.say(courier), resident.say(answer))
        await asyncio.sleep(0.5)
        assert likeness(courier, resident.heard.samples(began_s)) > 0.8
        assert likeness(answer, visit.heard.samples(began_s)) > 0.8
        assert contains_one_of(await stage.heard(resident, began_s), "tarde", "encomenda")

        there = [await latency_s(visit, resident) for _ in range(LATENCIES)]
        back = [await latency_s(resident, visit) for _ in range(LATENCIES)]
        log.info(
            "through the bridge, phone to phone: %s ms and %s ms (medians %d and %d)",
            *([round(1000 * one) for one in way] for way in (there, back)),
            *(1000 * statistics.median(way) for way in (there, back)),
        )
        assert min(there) < LATENCY_LIMIT_S and min(back) < LATENCY_LIMIT_S

        await resident.press("1")
        await eventually(lambda: "".join(visit.heard.digits) == DOOR_DIGITS, timeout_s=10)
        await until_event(stage, call_id, "door.opened")
        await asyncio.sleep(2.0)  # both are told
        again = sweep(0.5)
        since_s = time.monotonic()
        await visit.say(again)
        await asyncio.sleep(0.4)
        assert likeness(again, resident.heard.samples(since_s)) > 0.8, "they go on talking"

        await resident.hang_up()
        assert await visit.ended(timeout_s=20) is End.THEY_HUNG_UP
        heard = await stage.heard(visit, since_s)
        assert contains_one_of(heard, "aberto", "portao", "pode entrar", "pode subir")
    parted = await until_event(stage, call_id, "parted")
    assert parted["reason"] == "resident_left"
    visit_logged = await until_event(stage, call_id, "visit")
    assert (visit_logged["outcome"], visit_logged["talked"]) == ("authorised", True)


async def test_a_star_brings_the_agent_back_and_a_word_decides(stage: Stage) -> None:
    async with two_who_talk(stage) as (visit, resident, call_id):
        since_s = time.monotonic()
        await resident.press("*")
        await finished_speaking(resident, since_s=since_s)
        await says(stage, resident, say("não autorizo", voice="pt-br+f2"), "obrigad", "certo")
        assert await visit.ended(timeout_s=20) is End.THEY_HUNG_UP
        assert await resident.ended(timeout_s=20) is End.THEY_HUNG_UP
    assert (await until_event(stage, call_id, "visit"))["outcome"] == "denied"
    assert not visit.heard.digits, "no door was opened"


async def test_a_visitor_who_leaves_the_talk_releases_the_resident(stage: Stage) -> None:
    async with two_who_talk(stage) as (visit, resident, call_id):
        since_s = time.monotonic()
        await visit.hang_up()
        assert await resident.ended(timeout_s=20) is End.THEY_HUNG_UP
        assert contains_one_of(await stage.heard(resident, since_s), "foi embora", "embora")
    assert (await until_event(stage, call_id, "parted"))["reason"] == "visitor_left"


async def test_a_worker_that_dies_in_the_talk_is_apologised_for_and_the_resident_called_again(
    stage: Stage,
) -> None:
    async with two_who_talk(stage) as (visit, resident, call_id):
        since_s = time.monotonic()
        stage.kill_worker()
        again = await stage.resident.next_call(timeout_s=60)
        assert resident.end is End.THEY_HUNG_UP
        await picks_up(again)
        assert contains_one_of(await stage.heard(visit, since_s), "desculpe", "falhou", "instante")
        await again.press("1")
        assert await visit.ended(timeout_s=30) is End.THEY_HUNG_UP
    assert (await until_event(stage, call_id, "visit"))["outcome"] == "authorised"


async def test_an_operator_speaks_into_a_call_and_hangs_it_up(stage: Stage) -> None:
    async with a_visitor(stage) as visit:
        call_id = await stage.call_id()
        since_s = time.monotonic()
        text = "Atenção, o portão está em manutenção."
        assert (await stage.operator.post(f"calls/{call_id}/say", {"text": text})).status == 202
        await finished_speaking(visit, since_s=since_s)
        assert contains_one_of(await stage.heard(visit, since_s), "portao", "manutencao")
        assert (await stage.operator.post(f"calls/{call_id}/hangup", None)).status == 202
        assert await visit.ended(timeout_s=20) is End.THEY_HUNG_UP
    ended = await until_event(stage, call_id, "call.ended")
    assert ended["reason"] == "operator"


async def test_an_operator_transfers_a_visitor_who_then_speaks_with_the_guard(
    stage: Stage,
) -> None:
    async with a_visitor(stage) as visit:
        call_id = await stage.call_id()
        path = f"calls/{call_id}/transfer"
        assert (await stage.operator.post(path, {"destination": GUARD})).status == 202
        at_guard = await stage.guard.next_call(timeout_s=20)
        at_guard.answer()
        await asyncio.sleep(1.0)  # the two are being connected
        since_s, sound = time.monotonic(), sweep(0.5)
        await asyncio.gather(visit.say(sound), at_guard.say(sound))
        await asyncio.sleep(0.5)
        assert likeness(sound, at_guard.heard.samples(since_s)) > 0.8
        assert likeness(sound, visit.heard.samples(since_s)) > 0.8
        await at_guard.hang_up()
        assert await visit.ended(timeout_s=10) is End.THEY_HUNG_UP
    assert (await until_event(stage, call_id, "visit"))["outcome"] == "transferred"


async def test_a_visitor_whom_the_guard_does_not_answer_comes_back_and_is_served(
    stage: Stage,
) -> None:
    async with a_visitor(stage) as visit:
        call_id = await stage.call_id()
        asking = say("Quero falar com o porteiro, por favor.", voice="pt-br+m3")
        saying = asyncio.create_task(says(stage, visit, asking, "atendente"))
        at_guard = await stage.guard.next_call(timeout_s=60)
        saying.cancel()
        since_s = time.monotonic()
        await at_guard.reject(486)
        await finished_speaking(visit, since_s=since_s)
        heard = await stage.heard(visit, since_s)
        assert contains_one_of(heard, "ninguem", "atendeu", "atendente", "consegui")
        sentence = say("Entrega da Loggi para o apartamento cento e um.", voice="pt-br+m3")
        asking_again = asyncio.create_task(says(stage, visit, sentence, "chamar", "momento"))
        call = await stage.resident.next_call(timeout_s=60)
        await picks_up(call)
        await call.press("1")
        await asking_again
        assert await visit.ended(timeout_s=30) is End.THEY_HUNG_UP
    kinds = [kind for kind, _ in await stage.events(call_id)]
    assert "call.resumed" in kinds and "transfer.taken_back" in kinds
