"""Calls of the doorman while one server takes the place of another: real processes."""

import asyncio
from collections.abc import Sequence
from uuid import UUID, uuid4

import psutil

from audiosocket.caller import Caller
from audiosocket.clock import MediaClock
from audiosocket.listener import IgnoringListener
from audiosocket.slin import Samples
from supervisor.ami.protocol import Message
from supervisor.database.directory import ResidentRow, UnitRow, store_units
from supervisor.database.extensions import Extension, NewExtension, add_extension
from supervisor.database.pool import Pool
from supervisor.simulation.exchange import Channel, Exchange, Habit, Leg, Phone
from tests.ports import free_ports
from tests.speech import say
from tests.supervisor.serving import eventually, until_marked
from tests.supervisor.terminals import Servers, family, replace

SAID = "entrega da amazon para o apartamento quinhentos e um"
LOUD = 500


class _SlowPhones(Exchange):
    """Phones that ring until the test has them answered."""

    def __init__(self) -> None:
        phones = {"201": Phone(Habit.ANSWERS)}
        super().__init__(phones, self._pick_up, user="ramal", secret="s")
        self.rings, self.answers = asyncio.Event(), asyncio.Event()
        self.resident: asyncio.Future[Caller] = asyncio.get_running_loop().create_future()
        self.hears_us = asyncio.Event()

    async def _wait_for(self, channel: Channel, phone: Phone, action: Message) -> None:
        self._change(channel, 5)
        self.rings.set()
        await self.answers.wait()
        self._change(channel, 6)

    async def _pick_up(self, leg: Leg) -> None:
        caller = await Caller.connect(
            leg.host, leg.port, UUID(leg.unique_id), clock=MediaClock(), listener=_Ears(self)
        )
        self.resident.set_result(caller)
        await caller.ended


class _Ears(IgnoringListener):
    def __init__(self, phones: _SlowPhones) -> None:
        self._phones = phones

    def audio_received(self, samples: Samples, rate_hz: int) -> None:
        if int(abs(samples.astype(int)).max()) > LOUD:
            self._phones.hears_us.set()


async def _doorman(pool: Pool, blocks: Sequence[str]) -> Extension:
    port, return_port = free_ports(2)
    async with pool.acquire() as connection:
        row = await add_extension(
            connection, "Residencial Ipê", NewExtension("1001", port, return_port)
        )
        units = [UnitRow(block, "501", (ResidentRow("Rita Prado", ("201",)),)) for block in blocks]
        await store_units(connection, row.condominium_id, units)
    await until_marked(pool, "1001", "listening")
    return row


async def _events(pool: Pool, call_id: UUID) -> list[tuple[str, str]]:
    rows = await pool.fetch(
        "SELECT kind, data->>'text' AS text FROM events WHERE call_id = $1 ORDER BY sequence",
        call_id,
    )
    return [(row["kind"], row["text"] or "") for row in rows]


async def _spoken(pool: Pool, call_id: UUID, times: int) -> list[str]:
    """What the doorman said, once that is so many things."""

    async def read() -> list[str]:
        return [text for kind, text in await _events(pool, call_id) if kind == "speaking"]

    return await eventually(read, lambda said: len(said) >= times)


async def test_a_resident_whose_phone_rings_at_the_switch_reaches_the_call_of_the_old_server(
    servers: Servers, database: Pool
) -> None:
    phones, call_id = _SlowPhones(), uuid4()
    ami = {"RAMAL_AMI__PORT": str(await phones.start()), "RAMAL_AMI__USER": "ramal"}
    ami["RAMAL_AMI__SECRET"] = "s"
    old = await servers.start(**ami)
    row = await _doorman(database, ["A"])
    visitor = await Caller.connect("127.0.0.1", row.port, call_id, clock=MediaClock())
    await _spoken(database, call_id, 1)
    await visitor.playback.enqueue(say(SAID).tobytes()).done
    await asyncio.wait_for(phones.rings.wait(), 30)
    new = await replace(servers, old, **ami)
    assert not visitor.is_over
    await eventually(lambda: _listening(row.return_port), lambda pids: not pids & {*family(old)})
    phones.answers.set()
    resident = await asyncio.wait_for(phones.resident, 20)
    await asyncio.wait_for(phones.hears_us.wait(), 20)
    assert not resident.is_over
    assert _holder(row.return_port) in family(old)
    assert _holder(row.port) in family(old)
    assert new.process.returncode is None
    await visitor.hang_up(drain_s=0)
    await phones.close()
    assert await old.ends() == 0


async def test_a_doormans_call_that_outlasts_the_old_server_goes_on_where_it_was(
    servers: Servers, database: Pool
) -> None:
    call_id, clock = uuid4(), MediaClock()
    old = await servers.start(RAMAL_DRAIN_S="1")
    row = await _doorman(database, ["A", "B"])
    visitor = await Caller.connect("127.0.0.1", row.port, call_id, clock=clock)
    await _spoken(database, call_id, 1)
    await visitor.playback.enqueue(say(SAID).tobytes()).done
    before = await _spoken(database, call_id, 2)  # which of the two blocks?
    assert "bloco" in before[1].lower()
    await replace(servers, old)
    await asyncio.wait_for(visitor.ended, 20)
    assert await old.ends() == 0
    before = await _spoken(database, call_id, 2)  # it may have asked again meanwhile
    again = await Caller.connect("127.0.0.1", row.port, call_id, clock=clock)
    said = (await _spoken(database, call_id, len(before) + 1))[len(before) :]
    assert "bloco" in " ".join(said).lower() or "desculp" in said[0].lower()
    kinds = [kind for kind, _ in await _events(database, call_id)]
    assert kinds.count("call.started") == 1
    assert "call.resumed" in kinds
    await again.hang_up(drain_s=0)


async def _listening(port: int) -> set[int | None]:
    """The processes that may accept connections to a port."""
    each_one = await asyncio.to_thread(psutil.net_connections, kind="tcp")
    listening = [each for each in each_one if each.status == "LISTEN"]
    return {each.pid for each in listening if each.laddr.port == port}


def _holder(port: int) -> int | None:
    """The process that has a call on one of our ports."""
    for each in psutil.net_connections(kind="tcp"):
        if each.status == "ESTABLISHED" and each.laddr and each.laddr.port == port:
            return each.pid
    return None
