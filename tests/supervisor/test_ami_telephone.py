"""The AMI client and telephone against the built-in exchange, over a real socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr

from conversation.flow import CallOutcome
from conversation.telephone import TelephoneError
from supervisor.ami.client import AmiClient, AmiDisconnectedError, AmiLoginError
from supervisor.ami.protocol import Message
from supervisor.ami.telephone import AmiTelephone
from supervisor.settings import AmiSettings
from supervisor.simulation.exchange import Exchange, Habit, Leg, Phone

PHONES = {
    "201": Phone(Habit.ANSWERS, 0.05),
    "202": Phone(Habit.BUSY, 0.05),
    "203": Phone(Habit.REJECTS, 0.05),
    "204": Phone(Habit.NEVER_ANSWERS),
    "205": Phone(Habit.UNREACHABLE),
    "206": Phone(Habit.ANSWERS, 30),
}


class Rig:
    """An exchange, a telephone connected to it, and what the exchange said and heard."""

    def __init__(self) -> None:
        self.events: list[Message] = []
        self.legs: asyncio.Queue[Leg] = asyncio.Queue()
        self.news = asyncio.Event()
        self.exchange = Exchange(
            PHONES, self._answer, user="ramal", secret="s", on_event=self._event
        )
        self.port = 0
        self.rings = 0

    def _event(self, message: Message) -> None:
        self.events.append(message)
        self.news.set()

    async def _answer(self, leg: Leg) -> None:
        self.legs.put_nowait(leg)
        await asyncio.Event().wait()

    async def until(self, name: str) -> Message:
        async with asyncio.timeout(5):
            while not (found := [e for e in self.events if e.get("Event") == name]):
                self.news.clear()
                await self.news.wait()
        return found[0]

    def settings(self, secret: str = "s") -> AmiSettings:
        return AmiSettings(port=self.port, user="ramal", secret=SecretStr(secret))

    def client(self, secret: str = "s") -> AmiClient:
        return AmiClient("127.0.0.1", self.port, "ramal", secret)

    @asynccontextmanager
    async def telephone(self) -> AsyncIterator[AmiTelephone]:
        client = self.client()
        async with AmiTelephone(client, self.settings()).running() as telephone:
            await asyncio.wait_for(client.connected(), 5)
            yield telephone

    async def call(
        self, telephone: AmiTelephone, phone: str, leg_id: UUID | None = None, ring_s: float = 0.4
    ) -> CallOutcome:
        return await telephone.call(
            phone, leg_id or uuid4(), ring_s=ring_s, return_port=9102, on_ringing=self._rang
        )

    def _rang(self) -> None:
        self.rings += 1


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    rig = Rig()
    rig.port = await rig.exchange.start()
    yield rig
    await rig.exchange.close()


@pytest.mark.parametrize(
    ("phone", "outcome", "rings"),
    [
        ("201", CallOutcome.ANSWERED, 1),
        ("202", CallOutcome.BUSY, 0),
        ("203", CallOutcome.REJECTED, 0),
        ("204", CallOutcome.NO_ANSWER, 1),
        ("205", CallOutcome.UNREACHABLE, 0),
        ("999", CallOutcome.UNREACHABLE, 0),
        ("201,Dial(PJSIP/1)", CallOutcome.INVALID, 0),
        ("2\r\nAction: Command", CallOutcome.INVALID, 0),
    ],
)
async def test_each_way_a_call_can_end_is_told_apart(
    rig: Rig, phone: str, outcome: CallOutcome, rings: int
) -> None:
    async with rig.telephone() as telephone:
        assert await rig.call(telephone, phone) is outcome
    assert rig.rings == rings


async def test_an_answered_leg_knows_its_uuid_and_where_to_go(rig: Rig) -> None:
    leg_id = uuid4()
    async with rig.telephone() as telephone:
        await rig.call(telephone, "201", leg_id)
        leg = await rig.legs.get()
        assert (leg.unique_id, leg.port) == (str(leg_id), 9102)
        channel = rig.exchange.channel(str(leg_id))
        assert channel is not None
        assert channel.variables["RAMAL_LEG"] == str(leg_id)
        await telephone.hang_up(leg_id)
        await rig.until("Hangup")
        await telephone.hang_up(leg_id)


async def test_cancelling_stops_the_ringing(rig: Rig) -> None:
    async with rig.telephone() as telephone:
        call = asyncio.create_task(rig.call(telephone, "206", ring_s=20))
        await rig.until("DialState")
        call.cancel()
        assert (await rig.until("DialEnd")).get("DialStatus") == "CANCEL"
        with pytest.raises(asyncio.CancelledError):
            await call


async def test_cancelling_before_the_channel_exists_stops_it_all_the_same(rig: Rig) -> None:
    async with rig.telephone() as telephone:
        call = asyncio.create_task(rig.call(telephone, "206", ring_s=20))
        await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await rig.until("Hangup")


async def test_a_lost_connection_ends_the_call_and_comes_back(rig: Rig) -> None:
    client = rig.client()
    async with AmiTelephone(client, rig.settings()).running() as telephone:
        await asyncio.wait_for(client.connected(), 5)
        call = asyncio.create_task(rig.call(telephone, "206", ring_s=20))
        await rig.until("DialState")
        await rig.exchange.close()
        with pytest.raises(TelephoneError, match="lost"):
            await call
        with pytest.raises(TelephoneError, match="no connection"):
            await rig.call(telephone, "201")
        await rig.exchange.start(port=rig.port)
        await asyncio.wait_for(client.connected(), 5)
        assert await rig.call(telephone, "201") is CallOutcome.ANSWERED


async def test_a_transfer_marks_the_channel_that_the_visitor_is_on(rig: Rig) -> None:
    async with rig.telephone() as telephone:
        call_id, talking = uuid4(), asyncio.Event()

        async def talk() -> None:
            await talking.wait()

        place = asyncio.create_task(rig.exchange.place("1001", str(call_id), talk()))
        await rig.until("UserEvent")
        await _eventually_known(telephone, call_id)
        await telephone.transfer(call_id, "guard")
        await telephone.expect_end(call_id)
        channel = rig.exchange.channel(str(call_id))
        assert channel is not None
        assert channel.variables == {"RAMAL_NEXT": "guard", "RAMAL_END": "1"}
        talking.set()
        await place


async def _eventually_known(telephone: AmiTelephone, call_id: UUID) -> None:
    """The event and our action travel on the same connection: a round trip puts them in order."""
    await telephone.hang_up(uuid4())
    with pytest.raises(TelephoneError, match="did not tell"):
        await telephone.transfer(uuid4(), "guard")


async def test_a_destination_that_is_no_extension_is_refused(rig: Rig) -> None:
    async with rig.telephone() as telephone:
        with pytest.raises(TelephoneError, match="no extension"):
            await telephone.transfer(uuid4(), "guard,1&Local/x")


async def test_a_wrong_secret_is_told_with_the_cure(rig: Rig) -> None:
    with pytest.raises(AmiLoginError, match=r"manager\.conf"):
        await rig.client("wrong").try_once()
    await rig.client().try_once()


async def test_nothing_listening_is_told() -> None:
    server = await asyncio.start_server(lambda r, w: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    with pytest.raises(AmiDisconnectedError, match=f"nothing listens on 127.0.0.1:{port}"):
        await AmiClient("127.0.0.1", port, "ramal", "s").try_once()


async def test_another_service_on_the_port_is_told() -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example.org ESMTP\r\n")

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(AmiDisconnectedError, match="not Asterisk's manager interface"):
            await AmiClient("127.0.0.1", port, "ramal", "s").try_once()


async def test_a_manager_that_falls_silent_is_left_and_connected_to_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("supervisor.ami.client.PING_EVERY_S", 0.02)
    monkeypatch.setattr("supervisor.ami.client.ACTION_LIMIT_S", 0.2)
    connections: asyncio.Queue[None] = asyncio.Queue()

    async def answer_login_only(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.put_nowait(None)
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        login = await reader.readuntil(b"\r\n\r\n")
        [action_id] = [line for line in login.split(b"\r\n") if line.startswith(b"ActionID")]
        writer.write(b"Response: Success\r\n" + action_id + b"\r\n\r\n")
        await reader.read()
        writer.close()

    async with await asyncio.start_server(answer_login_only, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with AmiClient("127.0.0.1", port, "ramal", "s").running():
            for _ in range(2):
                await asyncio.wait_for(connections.get(), 10)
