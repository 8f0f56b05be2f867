"""Who listens to a call, how many may, and what becomes of those who do not keep up."""

import asyncio
import socket
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from audiosocket.caller import Caller
from audiosocket.clock import MediaClock
from audiosocket.connection import Connection
from audiosocket.listener import IgnoringListener
from audiosocket.server import AudioSocketServer
from conversation.monitor import Monitor
from supervisor.alarms import Alarm, Alarms
from supervisor.metrics import Metrics
from supervisor.recordings.live import BLOCK_SAMPLES, SOCKET_BYTES
from supervisor.recordings.monitoring import (
    ALARM,
    MOST_LISTENERS,
    Monitoring,
    TooManyListenersError,
    monitored,
)
from supervisor.settings import RecordingSettings, Settings
from tests.supervisor.serving import eventually

BLOCK_BYTES = BLOCK_SAMPLES * 4


class Monitored(IgnoringListener):
    def __init__(self, monitor: Monitor) -> None:
        self.monitor = monitor

    def call_started(self, connection: Connection) -> None:
        self.monitor(connection.call_id, "visitor", connection)


@asynccontextmanager
async def call_in(monitor: Monitor) -> AsyncIterator[Caller]:
    server = AudioSocketServer(lambda _: Monitored(monitor))
    await server.start()
    clock = MediaClock()
    caller = await Caller.connect("127.0.0.1", server.port, uuid.uuid4(), clock=clock)

    async def heard() -> int:
        return len(caller.heard.frames)

    await eventually(heard, lambda count: count > 0)
    try:
        yield caller
    finally:
        await caller.hang_up()
        await server.close()


def line() -> tuple[socket.socket, socket.socket]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BYTES)
    ours.setblocking(False)
    return ours, theirs


async def block_from(sock: socket.socket) -> bytes:
    async with asyncio.timeout(5):
        return await asyncio.get_running_loop().sock_recv(sock, 65536)


async def test_several_listen_at_once_until_the_call_ends() -> None:
    monitoring = Monitoring(None)
    lines = [line() for _ in range(MOST_LISTENERS)]
    async with call_in(monitoring.of_extension(frozenset())) as caller:
        for _, theirs in lines:
            assert monitoring.listen(caller.call_id, "visitor", theirs)
        for ours, _ in lines:
            assert len(await block_from(ours)) == BLOCK_BYTES
        _, one_more = line()
        with pytest.raises(TooManyListenersError):
            monitoring.listen(caller.call_id, "visitor", one_more)
        assert one_more.fileno() == -1
    for ours, _ in lines:
        while await block_from(ours):
            pass  # what was sent before the end; then the end
        ours.close()


async def test_a_call_that_is_not_here_closes_the_line() -> None:
    ours, theirs = line()
    assert not Monitoring(None).listen(uuid.uuid4(), "visitor", theirs)
    assert await block_from(ours) == b""
    ours.close()


async def test_who_does_not_keep_up_loses_blocks_and_the_call_none_of_its_frames() -> None:
    monitoring = Monitoring(None)
    ours, theirs = line()
    async with call_in(monitoring.of_extension(frozenset())) as caller:
        assert monitoring.listen(caller.call_id, "visitor", theirs)
        before = len(caller.heard.frames)

        async def heard() -> int:
            return len(caller.heard.frames) - before

        await eventually(heard, lambda count: count >= 150)  # three seconds, nobody reads
        waiting = 0
        with pytest.raises(BlockingIOError):
            while True:
                waiting += len(ours.recv(65536))
        assert waiting < 2 * 8000 * 4
        assert len(await block_from(ours)) == BLOCK_BYTES  # and then it goes on
    ours.close()


async def test_a_listener_who_leaves_makes_room_for_another() -> None:
    monitoring = Monitoring(None)
    async with call_in(monitoring.of_extension(frozenset())) as caller:
        for _ in range(2 * MOST_LISTENERS):
            ours, theirs = line()
            assert monitoring.listen(caller.call_id, "visitor", theirs)
            assert await block_from(ours)
            ours.close()

            async def gone(sock: socket.socket = theirs) -> int:
                return sock.fileno()

            await eventually(gone, lambda fileno: fileno == -1)


async def test_a_disk_without_room_is_an_alarm_and_the_call_goes_on(tmp_path: Path) -> None:
    metrics = Metrics()
    alarms, told = Alarms(metrics), list[Alarm]()
    settings = Settings(data_dir=tmp_path, recording=RecordingSettings(keep_free_mb=10**9))
    with alarms.heard_by(told.append):
        async with monitored(settings, metrics, alarms) as monitoring:
            everyone = monitoring.of_extension(frozenset({"visitor"}))
            async with call_in(everyone) as caller:

                async def alarmed() -> int:
                    return len(told)

                await eventually(alarmed, lambda count: count > 0)
                before = len(caller.heard.frames)

                async def heard() -> int:
                    return len(caller.heard.frames) - before

                await eventually(heard, lambda count: count >= 25)
    assert (told[0].kind, "make room on the disk" in told[0].text) == (ALARM, True)
    lost_s = metrics.registry.get_sample_value("ramal_recording_lost_seconds_total")
    assert lost_s is not None and lost_s > 0.5
