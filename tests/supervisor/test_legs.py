"""Answered legs that connect to one process while another one waits for them."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from audiosocket.connection import Connection
from audiosocket.frames import Kind, encode_frame
from audiosocket.listener import IgnoringListener
from audiosocket.server import AudioSocketServer
from audiosocket.slin import Samples
from supervisor.legs import Legs
from supervisor.succession.predecessor import Predecessor
from supervisor.succession.seat import Seat
from supervisor.succession.successor import Successor
from supervisor.switchboard import LegSwitchboard
from supervisor.workers.channel import Channel
from supervisor.workers.steering import Action, Steered

SOUND = (1234).to_bytes(2, "little") * 160


class _Session(IgnoringListener):
    def __init__(self) -> None:
        self.met = asyncio.Event()
        self.heard = asyncio.Event()

    def call_started(self, connection: Connection) -> None:
        self.met.set()

    def audio_received(self, samples: Samples, rate_hz: int) -> None:
        if samples.tobytes() == SOUND:
            self.heard.set()


class _Worker:
    """The part of a worker that legs arrive at; what it does not know it offers to ``others``."""

    def __init__(self, others: "list[_Worker]") -> None:
        self.switchboard = LegSwitchboard()
        self._others = others
        self._server = AudioSocketServer(self.switchboard.accept)
        self.legs = Legs(self.switchboard, self._ask, self._server)
        self.offered = 0

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        listener = socket.create_server(("127.0.0.1", 0))
        port = self.legs.listen(listener, self._server)
        try:
            yield listener.getsockname()[1]
        finally:
            port.close()
            await self.legs.close()
            await self._server.close()

    async def _ask(self, leg_id: UUID, sock: socket.socket) -> bool:
        self.offered += 1
        return any([await each.legs.take(leg_id, sock.dup()) for each in self._others])


async def test_a_leg_that_another_one_waits_for_reaches_them_with_all_that_was_said() -> None:
    old, session, leg_id = _Worker([]), _Session(), uuid4()
    new = _Worker([old])
    old.switchboard.expect(leg_id, session)
    async with new.listening() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(encode_frame(Kind.UUID, leg_id.bytes) + encode_frame(Kind.SLIN, SOUND))
        await asyncio.wait_for(session.heard.wait(), 5)
        assert await reader.readexactly(323)  # a frame of ours
        writer.close()


async def test_a_leg_of_our_own_is_offered_to_nobody() -> None:
    worker, session, leg_id = _Worker([]), _Session(), uuid4()
    worker.switchboard.expect(leg_id, session)
    async with worker.listening() as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(encode_frame(Kind.UUID, leg_id.bytes))
        await asyncio.wait_for(session.met.wait(), 5)
        writer.close()
    assert worker.offered == 0


async def test_a_leg_that_nobody_waits_for_is_hung_up_on() -> None:
    worker = _Worker([_Worker([])])
    async with worker.listening() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(encode_frame(Kind.UUID, uuid4().bytes))
        assert encode_frame(Kind.HANGUP) in await asyncio.wait_for(reader.read(1000), 5)
        writer.close()
    assert worker.offered == 1


async def test_a_leg_that_is_slow_to_say_who_it_is_is_taken_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("supervisor.legs.INTRODUCTION_S", 0.02)
    worker, session, leg_id = _Worker([]), _Session(), uuid4()
    worker.switchboard.expect(leg_id, session)
    async with worker.listening() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await reader.readexactly(323)  # silence for now: it was taken
        writer.write(encode_frame(Kind.UUID, leg_id.bytes))
        await asyncio.wait_for(session.met.wait(), 5)
        writer.close()


class _Server:
    """A server that has one call, and waits for a leg of the same id."""

    calls = 1
    expositions = {"worker-1": "counted 1"}  # noqa: RUF012

    def __init__(self) -> None:
        self.mine = uuid4()

    async def steer_any(
        self,
        call_id: UUID,
        action: Action,
        argument: str = "",
        sockets: Sequence[socket.socket] = (),
    ) -> Steered | None:
        return Steered(f"{action} with {len(sockets)}") if call_id == self.mine else None

    async def pause(self) -> Sequence[socket.socket]:
        return []

    def resume(self) -> None:
        """Nothing was paused."""


async def test_two_servers_offer_each_other_legs_from_the_moment_that_both_accept(
    tmp_path: Path,
) -> None:
    old, new = _Server(), _Server()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(f"{tmp_path}/serve.socket")
    listener.listen()
    listener.setblocking(False)
    line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    line.connect(f"{tmp_path}/serve.socket")
    with (tmp_path / "lock").open("w") as lock, socket.socket() as leg:
        successor = Successor(Seat(lock, listener), old, old, None, 1.0)
        predecessor = Predecessor(Channel(line))
        coming = asyncio.create_task(successor.come())
        estate = await predecessor.take_over()
        too_early = asyncio.create_task(predecessor.take_leg(old.mine, [leg]))
        theirs = asyncio.create_task(successor.take_leg(new.mine, [leg]))
        await asyncio.sleep(0)
        assert not too_early.done() and not theirs.done()
        await predecessor.retire(7)
        await coming
        tasks = [
            asyncio.create_task(successor.follow()),
            asyncio.create_task(predecessor.follow(new.steer_any)),
        ]
        assert await asyncio.wait_for(too_early, 5) == Steered("take_leg with 1")
        assert await asyncio.wait_for(theirs, 5) == Steered("take_leg with 1")
        assert await predecessor.take_leg(uuid4(), [leg]) is None
        assert predecessor.expositions == {"worker-1 of 7": "counted 1"}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        estate.give_up()
        line.close()
