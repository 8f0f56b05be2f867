"""The line between supervisor and worker, listeners, and the worker's small parts."""

import asyncio
import socket
from uuid import uuid4

import pytest

from audiosocket.clock import MediaClock
from audiosocket.connection import CallRefused, Connection
from audiosocket.limits import WireCounters
from audiosocket.listener import EndReason, IgnoringListener
from supervisor.listeners import PortError, bind_listener, bind_listeners
from supervisor.metrics import Metrics
from supervisor.reception import Reception
from supervisor.switchboard import LegSwitchboard
from supervisor.workers.channel import Channel, ChannelClosedError
from tests.ports import free_ports


def _channels() -> tuple[Channel, Channel]:
    ours, theirs = Channel.pair()
    return ours, Channel(theirs)


async def test_messages_arrive_whole_and_in_order() -> None:
    ours, theirs = _channels()
    for number in range(100):
        await ours.send("count", {"number": number})
    received = [(await theirs.receive()).fields["number"] for _ in range(100)]
    assert received == list(range(100))
    ours.close()
    theirs.close()


async def test_a_listening_socket_travels_with_its_message() -> None:
    ours, theirs = _channels()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        await ours.send("serve", {}, [listener])
        [received] = (await theirs.receive()).sockets()
        port = listener.getsockname()[1]
    assert not received.get_inheritable()
    with received, socket.create_connection(("127.0.0.1", port)):
        accepted, _ = received.accept()
        accepted.close()
    ours.close()
    theirs.close()


async def test_a_full_line_waits_for_its_reader() -> None:
    ours, theirs = _channels()
    sent = 0

    async def send() -> None:
        nonlocal sent
        for _ in range(3000):
            await ours.send("fill", {"text": "x" * 1000})
            sent += 1

    sending = asyncio.create_task(send())
    await asyncio.sleep(0)
    assert sent < 3000
    for _ in range(3000):
        await theirs.receive()
    await sending
    ours.close()
    theirs.close()


async def test_the_end_of_the_other_side_is_told_on_both_ways() -> None:
    ours, theirs = _channels()
    theirs.close()
    with pytest.raises(ChannelClosedError):
        await ours.receive()
    with pytest.raises(ChannelClosedError):
        await ours.send("hello", {})
    ours.close()


async def test_a_message_too_long_is_our_own_error() -> None:
    ours, theirs = _channels()
    with pytest.raises(ValueError, match="longer than"):
        await ours.send("long", {"text": "x" * 70_000})
    ours.close()
    theirs.close()


def test_of_two_ports_none_is_held_when_one_is_taken() -> None:
    [port] = free_ports(1)
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        with pytest.raises(PortError, match=f"port {taken} is in use"):
            bind_listeners("127.0.0.1", port, taken, {})
        bind_listener("127.0.0.1", port).close()


def test_a_port_that_is_listened_on_already_keeps_its_socket() -> None:
    first, second, third = free_ports(3)
    before = bind_listeners("127.0.0.1", first, second, {})
    free = before.by_port
    after = bind_listeners("127.0.0.1", third, second, free)
    assert after.returns is before.returns
    assert list(free) == [first]
    free[first].close()
    assert after.ports == (third, second)
    bind_listener("127.0.0.1", first).close()
    after.close()


def test_sockets_are_given_back_where_the_other_port_is_taken() -> None:
    first, second = free_ports(2)
    free = bind_listeners("127.0.0.1", first, second, {}).by_port
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(PortError):
        bind_listeners("127.0.0.1", first, other.getsockname()[1], free)
    assert list(free) == [second, first]
    for each in free.values():
        each.close()


def test_an_address_of_another_machine_is_named() -> None:
    with pytest.raises(PortError, match=r"no address 192\.0\.2\.1"):
        bind_listener("192.0.2.1", 9101)


def test_a_host_that_does_not_exist_is_named() -> None:
    with pytest.raises(PortError, match="is not known"):
        bind_listener("no.such.host.invalid", 9101)


def _connection() -> Connection:
    connection = Connection(lambda _: IgnoringListener(), clock=MediaClock())
    connection.call_id = uuid4()
    return connection


async def test_an_expected_leg_is_brought_to_whom_expects_it_and_only_once() -> None:
    switchboard, listener, leg = LegSwitchboard(), IgnoringListener(), _connection()
    switchboard.expect(leg.call_id, listener)
    assert switchboard.accept(leg) is listener
    with pytest.raises(CallRefused):
        switchboard.accept(leg)


async def test_a_leg_that_is_given_up_is_refused() -> None:
    switchboard, leg = LegSwitchboard(), _connection()
    switchboard.expect(leg.call_id, IgnoringListener())
    switchboard.forget(leg.call_id)
    switchboard.forget(leg.call_id)
    with pytest.raises(CallRefused):
        switchboard.accept(leg)


class _Session(IgnoringListener):
    """A session that does as it is told."""

    def __init__(self, *, fails: bool = False, polite: bool = True) -> None:
        self.visitor = self
        self.over = asyncio.Event()
        self.reasons: list[str] = []
        self._fails = fails
        self._polite = polite

    async def run(self) -> None:
        if self._fails:
            raise RuntimeError("a defect")
        await self.over.wait()

    def end(self, reason: str) -> None:
        self.reasons.append(reason)
        if self._polite:
            self.over.set()


async def test_a_call_that_fails_is_counted_and_ends_alone() -> None:
    metrics = Metrics()
    reception = Reception(metrics)
    good, bad = _Session(), _Session(fails=True)
    reception.accept("1001", lambda _: good, _connection())
    reception.accept("1001", lambda _: bad, _connection())
    assert reception.running == 2
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert reception.running == 1
    assert metrics.registry.get_sample_value("ramal_session_errors_total") == 1
    good.over.set()
    await reception.finish()
    assert reception.running == 0


async def test_a_call_id_is_good_for_one_call() -> None:
    reception, connection, session = Reception(Metrics()), _connection(), _Session()
    reception.accept("1001", lambda _: session, connection)
    with pytest.raises(CallRefused):
        reception.accept("1001", lambda _: _Session(), connection)
    session.over.set()
    await reception.finish()
    with pytest.raises(CallRefused):
        reception.accept("1001", lambda _: _Session(), connection)


async def test_a_late_call_is_asked_to_end_and_then_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("supervisor.workers.messages.FAREWELL_S", 0.02)
    reception = Reception(Metrics())
    polite, stubborn = _Session(), _Session(polite=False)
    for session in (polite, stubborn):
        reception.accept("1001", lambda _, session=session: session, _connection())  # type: ignore[misc]
    await reception.finish(limit_s=0.02)
    assert polite.reasons == stubborn.reasons == ["drain"]
    assert reception.running == 0


def test_what_the_wire_counts_is_among_the_metrics() -> None:
    metrics, counters = Metrics(), WireCounters()
    metrics.watch_wire(counters)
    counters.connections += 2
    counters.ended[EndReason.PROTOCOL_ERROR] += 1
    read = metrics.registry.get_sample_value
    assert read("ramal_connections_total") == 2
    assert read("ramal_connections_ended_total", {"reason": "protocol_error"}) == 1
