"""Our telephones, AMI and ARI, against a real Asterisk and real SIP phones: every way to end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr

from conversation.flow import CallOutcome
from conversation.telephone import TelephoneError
from supervisor.ami.client import AmiClient
from supervisor.ami.telephone import AmiTelephone
from supervisor.ari.client import AriClient
from supervisor.ari.telephone import AriTelephone
from supervisor.settings import AmiSettings, AriSettings
from tests.asterisk.asterisk import AsteriskServer
from tests.asterisk.audiosocket_echo import Echo, echoing
from tests.asterisk.configuration import Site
from tests.asterisk.installation import Installation
from tests.asterisk.phone import Call, End, Phone, switched_on
from tests.asterisk.waiting import eventually

pytestmark = pytest.mark.asterisk

PASSWORDS = {"gate": "gate-password", "201": "resident-password", "guard": "guard-password"}
RING_S = 15.0
SHORT_RING_S = 1.5


@dataclass(slots=True)
class Condominium:
    """A telephone under test, with the resident's phone and the agent's ports."""

    telephone: AmiTelephone | AriTelephone
    asterisk: AsteriskServer
    resident: Phone
    agent: Echo
    rang: list[str] = field(default_factory=list)

    def call(
        self, leg: UUID, phone: str = "201", ring_s: float = RING_S
    ) -> "asyncio.Task[CallOutcome]":
        """Begin to call a phone."""
        calling = self.telephone.call(
            phone,
            leg,
            ring_s=ring_s,
            return_port=self.agent.port,
            on_ringing=lambda: self.rang.append(phone),
        )
        return asyncio.create_task(calling)

    async def rings(self) -> Call:
        """The call at the resident's phone, which rings."""
        call = await self.resident.next_call(timeout_s=5)
        call.ring()
        return call


@pytest.fixture(params=["ami", "ari"])
async def condominium(
    request: pytest.FixtureRequest, installation: Installation
) -> AsyncIterator[Condominium]:
    async with AsyncExitStack() as stack:
        agent = await stack.enter_async_context(echoing())
        site = Site(
            numbers={"1001": agent.port},
            phones={**PASSWORDS, "202": "never-registers"},
            dead_phones=("209",),
            transfers={"guard": ["Dial(PJSIP/guard,20)", "Hangup()"]},
        )
        asterisk = await stack.enter_async_context(AsteriskServer(installation, site))
        resident = await stack.enter_async_context(
            switched_on("201", PASSWORDS["201"], asterisk.sip)
        )
        telephone = await stack.enter_async_context(telephone_of(asterisk, request.param))
        yield Condominium(telephone, asterisk, resident, agent)


def telephone_of(
    asterisk: AsteriskServer, driver: str
) -> AbstractAsyncContextManager[AmiTelephone | AriTelephone]:
    return ami_telephone(asterisk) if driver == "ami" else ari_telephone(asterisk)


@asynccontextmanager
async def ami_telephone(asterisk: AsteriskServer) -> AsyncIterator[AmiTelephone]:
    host, port = asterisk.ami
    user, secret = asterisk.ami_user, asterisk.ami_secret
    settings = AmiSettings(host=host, port=port, user=user, secret=SecretStr(secret))
    client = AmiClient(host, port, user, secret)
    async with AmiTelephone(client, settings).running() as telephone:
        async with asyncio.timeout(5):
            await client.connected()
        yield telephone


@asynccontextmanager
async def ari_telephone(asterisk: AsteriskServer) -> AsyncIterator[AriTelephone]:
    host, port = asterisk.ari
    user, secret = asterisk.ari_user, asterisk.ari_secret
    settings = AriSettings(host=host, port=port, user=user, secret=SecretStr(secret), audio="slin")
    client = AriClient(host, port, user, secret)
    async with AriTelephone(client, settings).running() as telephone:
        async with asyncio.timeout(5):
            await client.connected()
        yield telephone


async def test_an_answered_phone_talks_to_the_return_port(condominium: Condominium) -> None:
    leg = uuid4()
    calling = condominium.call(leg)
    call = await condominium.rings()
    call.answer()
    assert await calling is CallOutcome.ANSWERED
    await asyncio.wait_for(condominium.agent.connected.wait(), 5)
    assert condominium.agent.ids == [leg]
    assert condominium.rang == ["201"]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (486, CallOutcome.BUSY),
        (603, CallOutcome.REJECTED),
        (480, CallOutcome.NO_ANSWER),
        (404, CallOutcome.INVALID),
    ],
)
async def test_a_phone_that_refuses_says_why(
    condominium: Condominium, status: int, outcome: CallOutcome
) -> None:
    calling = condominium.call(uuid4())
    call = await condominium.rings()
    await call.reject(status)
    assert await calling is outcome


async def test_a_busy_phone_never_rang(condominium: Condominium) -> None:
    calling = condominium.call(uuid4())
    call = await condominium.resident.next_call(timeout_s=5)
    await call.reject(486)
    assert await calling is CallOutcome.BUSY
    assert condominium.rang == []


async def test_a_phone_that_nobody_picks_up_stops_ringing(condominium: Condominium) -> None:
    calling = condominium.call(uuid4(), ring_s=SHORT_RING_S)
    call = await condominium.rings()
    assert await calling is CallOutcome.NO_ANSWER
    assert await call.ended(timeout_s=2) is End.CANCELLED


async def test_a_phone_that_is_gone_is_unreachable(condominium: Condominium) -> None:
    assert await condominium.call(uuid4(), "209", SHORT_RING_S) is CallOutcome.UNREACHABLE
    assert condominium.rang == []


async def test_a_phone_that_never_registered_is_unreachable_at_once(
    condominium: Condominium,
) -> None:
    async with asyncio.timeout(RING_S / 3):
        assert await condominium.call(uuid4(), "202") is CallOutcome.UNREACHABLE


async def test_a_phone_that_does_not_exist_is_not_called_for_long(
    condominium: Condominium,
) -> None:
    async with asyncio.timeout(RING_S / 3):
        outcome = await condominium.call(uuid4(), "999")
    assert outcome in {CallOutcome.UNREACHABLE, CallOutcome.INVALID}


async def test_what_is_no_number_is_invalid(condominium: Condominium) -> None:
    assert await condominium.call(uuid4(), "201\r\nAction: Logoff") is CallOutcome.INVALID


async def test_giving_up_stops_the_ringing(condominium: Condominium) -> None:
    calling = condominium.call(uuid4())
    call = await condominium.rings()
    await eventually(lambda: condominium.rang == ["201"])
    calling.cancel()
    assert await call.ended(timeout_s=2) is End.CANCELLED


async def test_giving_up_before_it_rings_leaves_no_phone_ringing(condominium: Condominium) -> None:
    calling = condominium.call(uuid4())
    await asyncio.sleep(0)  # as far as the Originate, whose answer is still to come
    calling.cancel()
    try:
        call = await condominium.resident.next_call(timeout_s=1)
    except TimeoutError:
        return
    assert await call.ended(timeout_s=2) is End.CANCELLED


async def test_we_hang_up_on_a_resident(condominium: Condominium) -> None:
    leg = uuid4()
    calling = condominium.call(leg)
    call = await condominium.rings()
    call.answer()
    await calling
    await condominium.telephone.hang_up(leg)
    assert await call.ended(timeout_s=2) is End.THEY_HUNG_UP


async def test_a_leg_that_is_gone_already_is_no_error_to_hang_up(condominium: Condominium) -> None:
    await condominium.telephone.hang_up(uuid4())


async def test_an_asterisk_that_dies_while_a_phone_rings_is_a_telephone_error(
    condominium: Condominium,
) -> None:
    calling = condominium.call(uuid4())
    await condominium.rings()
    await condominium.asterisk.crash()
    with pytest.raises(TelephoneError):
        await calling


async def test_an_asterisk_that_comes_back_is_called_through_again(
    condominium: Condominium,
) -> None:
    asterisk = condominium.asterisk
    calling = condominium.call(uuid4())
    await condominium.rings()
    await asterisk.crash()
    with pytest.raises(TelephoneError):
        await calling
    await asterisk.start_again()
    async with switched_on("201", PASSWORDS["201"], asterisk.sip) as resident:
        calling = await _as_soon_as_connected(condominium)
        call = await resident.next_call(timeout_s=5)
        call.ring()
        call.answer()
        assert await calling is CallOutcome.ANSWERED


async def _as_soon_as_connected(condominium: Condominium) -> "asyncio.Task[CallOutcome]":
    """A call that did not fail at once for want of a connection."""
    async with asyncio.timeout(15):
        while True:
            calling = condominium.call(uuid4())
            done, _ = await asyncio.wait([calling], timeout=0.2)
            if not done:
                return calling
            assert isinstance(calling.exception(), TelephoneError)


async def test_the_visitors_number_is_known_and_the_visitor_is_handed_over(
    condominium: Condominium,
) -> None:
    asterisk = condominium.asterisk
    async with (
        switched_on("gate", PASSWORDS["gate"], asterisk.sip) as gate,
        switched_on("guard", PASSWORDS["guard"], asterisk.sip) as guard,
    ):
        await gate.dial("1001")
        await asyncio.wait_for(condominium.agent.connected.wait(), 5)
        visitor = condominium.agent.ids[0]
        await eventually(lambda: condominium.telephone.caller(visitor) is not None)
        assert condominium.telephone.caller(visitor) == "gate"
        await condominium.telephone.transfer(visitor, "guard")
        condominium.agent.say_goodbye()
        await guard.next_call(timeout_s=5)


async def test_an_end_that_we_announce_is_final(condominium: Condominium) -> None:
    async with switched_on("gate", PASSWORDS["gate"], condominium.asterisk.sip) as gate:
        call = await gate.dial("1001")
        await asyncio.wait_for(condominium.agent.connected.wait(), 5)
        visitor = condominium.agent.ids[0]
        await eventually(lambda: condominium.telephone.caller(visitor) is not None)
        await condominium.telephone.expect_end(visitor)
        condominium.agent.say_goodbye()
        assert await call.ended(timeout_s=5) is End.THEY_HUNG_UP
    assert condominium.agent.ids == [visitor]
