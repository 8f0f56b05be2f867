"""Two visitors at one extension at once, over real TCP, all by keys: while one waits for their
resident to decide, the other is served, and no answer goes to the wrong one."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from audiosocket.caller import Caller
from audiosocket.clock import MediaClock
from audiosocket.connection import Connection
from audiosocket.listener import Listener
from audiosocket.server import AudioSocketServer
from conversation.collaborators import Collaborators
from conversation.doorman import Doorman, DoormanSettings
from conversation.flow import CallOutcome
from conversation.session import CallSession
from stt.two_stage import TwoStageVoiceActivity
from tests.conversation.gate import DIRECTORY, RULES
from tests.session.call import (
    MODEL,
    VOICE,
    EspeakSpeaker,
    ListJournal,
    PlainTexts,
    Switchboard,
    ToldRecogniser,
)
from tests.session.test_door import Gate


class Phones:
    """Residents' phones: each that rings is answered by a leg of its own."""

    def __init__(self, answer: Callable[[str, UUID], "asyncio.Future[None]"]) -> None:
        self._answer = answer

    async def call(
        self,
        phone: str,
        leg_id: UUID,
        return_port: int,
        ring_s: float,
        on_ringing: Callable[[], None],
    ) -> CallOutcome:
        on_ringing()
        await self._answer(phone, leg_id)
        return CallOutcome.ANSWERED

    async def hang_up(self, leg_id: UUID) -> None:
        pass

    async def expect_end(self, call_id: UUID) -> None:
        pass

    async def transfer(self, call_id: UUID, destination: str) -> None:
        raise AssertionError("nobody is transferred here")


class OneExtension:
    """One port for visitors and one for residents, shared by all calls, as a worker has them."""

    def __init__(self) -> None:
        self.journal = ListJournal()
        self.door = Gate()
        self.door.free.set()
        self.residents: dict[str, Caller] = {}
        self._switchboard = Switchboard()
        self._clock = MediaClock()
        self._calls: list[asyncio.Task[None]] = []
        self._visitors: list[Caller] = []
        self._server = AudioSocketServer(self._accept, clock=self._clock)
        self._return = AudioSocketServer(
            lambda connection: self._switchboard.waiting[connection.call_id], clock=self._clock
        )

    def _accept(self, connection: Connection) -> Listener:
        shared = Collaborators(
            recogniser=ToldRecogniser([]),
            make_vad=lambda: TwoStageVoiceActivity(MODEL),
            speaker=EspeakSpeaker(),
            voice=VOICE,
            interpret=RULES.interpret,
            telephone=Phones(self._picked_up),
            switchboard=self._switchboard,
            journal=self.journal,
            return_port=self._return.port,
            doors=self.door(),
        )
        settings = DoormanSettings("Residencial Aurora")
        flow = Doorman(connection.call_id, settings, DIRECTORY, RULES)
        session = CallSession(connection.call_id, flow, PlainTexts(), shared)
        self._calls.append(asyncio.create_task(session.run()))
        return session.visitor

    async def _picked_up(self, phone: str, leg_id: UUID) -> None:
        port = self._return.port
        self.residents[phone] = await Caller.connect("127.0.0.1", port, leg_id, clock=self._clock)

    async def start(self) -> None:
        await self._server.start()
        await self._return.start()

    async def visitor(self, keys: str) -> UUID:
        """A new visitor, who keys this once spoken to; returns when their resident has heard the
        question."""
        caller = await Caller.connect("127.0.0.1", self._server.port, clock=self._clock)
        self._visitors.append(caller)
        call_id = caller.call_id
        await self.told(call_id, "speaking")
        for key in keys:
            caller.press(key)
        await self.told(call_id, "authorisation.asked")
        await self.told(call_id, "turn", party="resident", speaker="agent")
        return call_id

    async def told(self, call_id: UUID, kind: str, **data: object) -> None:
        """Wait until the call's journal has such an entry."""
        async with asyncio.timeout(30):
            while not any(data.items() <= each.items() for each in self.entries(call_id, kind)):
                await self.journal.news()

    def entries(self, call_id: UUID, kind: str) -> list[dict[str, object]]:
        entries = self.journal.entries
        return [dict(e.data) for e in entries if (e.call_id, e.kind) == (call_id, kind)]

    def outcome(self, call_id: UUID) -> list[object]:
        return [visit["outcome"] for visit in self.entries(call_id, "visit")]

    async def stop(self) -> None:
        for caller in (*self._visitors, *self.residents.values()):
            await caller.hang_up()
        async with asyncio.timeout(20):
            await asyncio.gather(*self._calls)
        await self._server.close()
        await self._return.close()


@asynccontextmanager
async def extension() -> AsyncIterator[OneExtension]:
    made = OneExtension()
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


@pytest.mark.parametrize("waits_for_yes", [True, False])
async def test_a_second_visitor_is_served_while_the_first_ones_authorisation_is_pending(
    waits_for_yes: bool,
) -> None:
    async with extension() as at:
        first, second = await asyncio.gather(at.visitor("5021"), at.visitor("1021"))
        assert at.residents.keys() == {"2502", "2102"}
        at.residents["2102"].press("2" if waits_for_yes else "1")
        await at.told(second, "call.ended")
        assert at.entries(first, "authorisation") == [], "the other's answer is not this one's"
        assert at.outcome(second) == (["denied"] if waits_for_yes else ["authorised"])
        at.residents["2502"].press("1" if waits_for_yes else "2")
        await at.told(first, "call.ended")
        assert at.outcome(first) == (["authorised"] if waits_for_yes else ["denied"])
    opened = first if waits_for_yes else second
    assert [order.call_id for order in at.door.orders] == [opened]
    words = at.entries(first, "authorisation") + at.entries(second, "authorisation")
    assert [(word["phone"], word["decision"], word["by"]) for word in words] == [
        ("2502", "yes" if waits_for_yes else "no", "key"),
        ("2102", "no" if waits_for_yes else "yes", "key"),
    ]
