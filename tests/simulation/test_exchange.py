"""The built-in exchange, over the wire, as an AMI client meets it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from supervisor.simulation.exchange import Exchange, Habit, Leg, Phone

LEG = "6b06e0db-0000-4000-8000-000000000001"
ORIGINATE = {
    "Action": "Originate",
    "ActionID": "o1",
    "Channel": "PJSIP/201",
    "ChannelId": LEG,
    "Context": "ramal-resident",
    "Exten": "s",
    "Priority": "1",
    "Timeout": "2000",
    "Async": "true",
}
Told = dict[str, str]


@dataclass
class Client:
    """A bare AMI client: one message at a time, as it comes."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    seen: list[Told] = field(default_factory=list)

    async def send(self, *lines: tuple[str, str], **values: str) -> None:
        pairs = [*values.items(), *lines]
        self.writer.write("".join(f"{k}: {v}\r\n" for k, v in pairs).encode() + b"\r\n")
        await self.writer.drain()

    async def read(self) -> Told:
        async with asyncio.timeout(5):
            block = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        told = dict(line.split(": ", 1) for line in block.strip().split("\r\n"))
        self.seen.append(told)
        return told

    async def until(self, wanted: Callable[[Told], bool]) -> Told:
        while not wanted(told := await self.read()):
            pass
        return told

    async def event(self, name: str) -> Told:
        return await self.until(lambda told: told.get("Event") == name)

    def events(self) -> list[str]:
        about_call = [told for told in self.seen if "Event" in told]
        return [told["Event"] for told in about_call if told["Event"] != "FullyBooted"]

    def told(self, name: str) -> Told:
        return next(told for told in self.seen if told.get("Event") == name)


async def for_ever() -> None:
    await asyncio.Event().wait()


class Residents:
    """Answered legs, and a way to let each go on or end."""

    def __init__(self) -> None:
        self.legs: list[Leg] = []
        self.hang_up = asyncio.Event()
        self.cancelled = False

    async def answer(self, leg: Leg) -> None:
        self.legs.append(leg)
        try:
            await self.hang_up.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise


@asynccontextmanager
async def exchange_and_client(
    residents: Residents, *, secret: str = "right", **phones: Phone
) -> AsyncIterator[tuple[Exchange, Client]]:
    numbers = {name.removeprefix("n"): phone for name, phone in phones.items()}
    exchange = Exchange(numbers, residents.answer, user="ramal", secret="right")
    port = await exchange.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    client = Client(reader, writer)
    try:
        assert (await reader.readline()).startswith(b"Asterisk Call Manager/")
        await client.send(Action="Login", ActionID="l1", Username="ramal", Secret=secret)
        yield exchange, client
    finally:
        writer.close()
        await exchange.close()


async def test_an_answered_call_is_told_in_the_order_of_asterisk_and_connects_as_its_leg() -> None:
    residents = Residents()
    async with exchange_and_client(residents, n201=Phone(Habit.ANSWERS, 0.01)) as (_, client):
        await client.send(("Variable", "RAMAL_RETURN_PORT=19702"), **ORIGINATE)
        response = await client.event("OriginateResponse")
        residents.hang_up.set()
        hangup = await client.event("Hangup")
    assert residents.legs == [Leg("201", LEG, "127.0.0.1", 19702)]
    assert (response["Response"], response["Reason"]) == ("Success", "4")
    assert (response["Uniqueid"], response["ActionID"]) == (LEG, "o1")
    assert (hangup["Uniqueid"], hangup["Cause"]) == (LEG, "16")
    assert client.told("DialState")["DialStatus"] == "RINGING"
    assert client.told("DialEnd")["DialStatus"] == "ANSWER"
    assert client.events() == [
        *["Newchannel", "DialBegin", "Newstate", "DialState", "Newstate", "DialEnd"],
        *["OriginateResponse", "Hangup"],
    ]


@pytest.mark.parametrize(
    ("habit", "cause", "status", "reason", "rings"),
    [
        (Habit.BUSY, "17", "BUSY", "0", False),
        (Habit.REJECTS, "21", "NOANSWER", "0", False),
        (Habit.NEVER_ANSWERS, "19", "NOANSWER", "3", True),
        (Habit.UNREACHABLE, "19", "NOANSWER", "3", False),
    ],
)
async def test_each_failure_is_told_by_its_cause(
    habit: Habit, cause: str, status: str, reason: str, rings: bool
) -> None:
    residents = Residents()
    async with exchange_and_client(residents, n201=Phone(habit, 0.0)) as (exchange, client):
        await client.send(**ORIGINATE | {"Timeout": "50"})
        response = await client.event("OriginateResponse")
        assert exchange.channel(LEG) is None
    assert (response["Response"], response["Reason"]) == ("Failure", reason)
    assert client.told("Hangup")["Cause"] == cause
    assert client.told("DialEnd")["DialStatus"] == status
    assert ("DialState" in client.events()) is rings
    assert residents.legs == []


async def test_a_number_that_does_not_exist_fails_at_once_without_a_channel() -> None:
    async with exchange_and_client(Residents()) as (_, client):
        await client.send(**ORIGINATE)
        response = await client.event("OriginateResponse")
    assert (response["Response"], response["Uniqueid"]) == ("Failure", "<null>")
    assert client.events() == ["OriginateResponse"]


async def test_a_hang_up_while_it_rings_stops_the_ringing() -> None:
    residents = Residents()
    async with exchange_and_client(residents, n201=Phone(Habit.ANSWERS, 60)) as (_, client):
        await client.send(**ORIGINATE)
        await client.event("DialState")
        await client.send(Action="Hangup", ActionID="h1", Channel=LEG)
        response = await client.event("OriginateResponse")
    assert response["Response"] == "Failure"
    assert client.told("DialEnd")["DialStatus"] == "CANCEL"
    assert residents.legs == []


async def test_a_hang_up_ends_an_answered_leg_with_the_cause_asked_for() -> None:
    residents = Residents()
    async with exchange_and_client(residents, n201=Phone(Habit.ANSWERS, 0)) as (_, client):
        await client.send(**ORIGINATE)
        await client.event("OriginateResponse")
        await client.send(Action="Hangup", Channel=LEG, Cause="21")
        assert (await client.event("Hangup"))["Cause"] == "21"
    assert residents.cancelled


async def test_a_leg_that_is_gone_is_an_error_and_not_an_event() -> None:
    async with exchange_and_client(Residents()) as (_, client):
        await client.send(Action="Hangup", ActionID="h1", Channel=LEG)
        answer = await client.until(lambda told: told.get("ActionID") == "h1")
    assert (answer["Response"], answer["Message"]) == ("Error", "No such channel")


async def test_a_placed_call_can_be_found_by_its_event_and_redirected() -> None:
    async with exchange_and_client(Residents()) as (exchange, client):
        await client.event("FullyBooted")
        call = asyncio.create_task(exchange.place("gate", LEG, for_ever()))
        user_event = await client.event("UserEvent")
        await client.send(Action="Redirect", Channel=user_event["chan"], Exten="2000")
        channel = await call
    assert (user_event["UserEvent"], user_event["uuid"]) == ("AudioSocketCall", LEG)
    assert channel.sent_to == "2000"


async def test_a_variable_set_on_a_leg_can_be_read_back() -> None:
    residents = Residents()
    async with exchange_and_client(residents, n201=Phone(Habit.ANSWERS, 0)) as (_, client):
        await client.send(**ORIGINATE)
        await client.event("OriginateResponse")
        await client.send(Action="Setvar", Channel=LEG, Variable="RAMAL_END", Value="1")
        await client.send(Action="Getvar", ActionID="g1", Channel=LEG, Variable="RAMAL_END")
        answer = await client.until(lambda told: told.get("ActionID") == "g1")
    assert answer["Value"] == "1"


async def test_a_wrong_secret_is_refused_and_the_line_closed() -> None:
    async with exchange_and_client(Residents(), secret="wrong") as (_, client):
        assert (await client.read())["Response"] == "Error"
        assert await client.reader.read() == b""


async def test_logging_off_and_pinging_are_answered_as_asterisk_does() -> None:
    async with exchange_and_client(Residents()) as (_, client):
        await client.event("FullyBooted")
        await client.send(Action="Ping", ActionID="p1")
        assert (await client.read())["Ping"] == "Pong"
        await client.send(Action="Logoff", ActionID="q1")
        assert (await client.read())["Response"] == "Goodbye"
        assert await client.reader.read() == b""


async def test_what_goes_wrong_on_a_leg_ends_the_leg_and_is_kept() -> None:
    async def stumble(leg: Leg) -> None:
        raise RuntimeError(f"cannot talk to {leg.number}")

    residents = Residents()
    residents.answer = stumble  # type: ignore[method-assign]
    async with exchange_and_client(residents, n201=Phone(Habit.ANSWERS, 0)) as (exchange, client):
        await client.send(**ORIGINATE)
        await client.event("Hangup")
    assert [str(error) for error in exchange.errors] == ["cannot talk to 201"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"Async": "false"}, "Async: true only"),
        ({"Channel": "PJSIP"}, "Channel not specified"),
        ({"Action": "Command"}, "Invalid/unknown command"),
    ],
)
async def test_what_it_cannot_do_it_refuses(changes: dict[str, str], words: str) -> None:
    async with exchange_and_client(Residents(), n201=Phone(Habit.ANSWERS, 0)) as (_, client):
        await client.send(**ORIGINATE | changes)
        answer = await client.until(lambda told: told.get("ActionID") == "o1")
    assert answer["Response"] == "Error"
    assert words in answer["Message"]


async def test_a_line_that_asterisk_would_not_read_ends_the_session_and_no_other() -> None:
    residents = Residents()
    async with exchange_and_client(residents, n201=Phone(Habit.ANSWERS, 0)) as (_, client):
        port = client.writer.get_extra_info("peername")[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"Action: " + b"x" * 5000 + b"\r\n\r\n")
        await reader.read()
        writer.close()
        await client.send(**ORIGINATE)
        assert (await client.event("OriginateResponse"))["Response"] == "Success"


async def test_events_go_only_to_those_who_logged_in() -> None:
    async with exchange_and_client(Residents(), n201=Phone(Habit.BUSY, 0)) as (_, client):
        port = client.writer.get_extra_info("peername")[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await reader.readline()
        await client.send(**ORIGINATE)
        await client.event("OriginateResponse")
        stranger = Client(reader, writer)
        await stranger.send(Action="Ping", ActionID="p1")
        assert (await stranger.read())["Message"] == "Permission denied"
        writer.close()


async def test_an_extension_has_phones_of_its_own_for_as_long_as_it_is_apart() -> None:
    common, own = Residents(), Residents()
    async with exchange_and_client(common, n201=Phone(Habit.BUSY, 0.01)) as (exchange, client):
        with exchange.apart(19702, {"201": Phone(Habit.ANSWERS, 0.01)}, own.answer):
            await client.send(("Variable", "RAMAL_RETURN_PORT=19702"), **ORIGINATE)
            assert (await client.event("OriginateResponse"))["Response"] == "Success"
            own.hang_up.set()
            await client.event("Hangup")
        await client.send(("Variable", "RAMAL_RETURN_PORT=19702"), **ORIGINATE)
        assert (await client.event("OriginateResponse"))["Response"] == "Failure"
    assert [leg.port for leg in own.legs] == [19702]
    assert common.legs == []
