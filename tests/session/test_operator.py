"""An operator speaks into a call that goes on, or sends it elsewhere."""

import asyncio
import uuid

import pytest

from conversation.telephone import TelephoneError
from tests.session.call import Action, Event, Expecting, Heard, Party, Say, calling

GREETING = "portaria boa noite em que posso ajudar"
VISITOR = Party.VISITOR


def greets(event: Event) -> list[Action]:
    if type(event).__name__ == "CallStarted":
        return [Say(VISITOR, GREETING, expecting=Expecting.PURPOSE)]
    if isinstance(event, Heard):
        return [Say(VISITOR, "pois não")]
    return []


async def test_an_operators_words_come_after_ours_and_the_question_stays_open() -> None:
    async with calling(greets, ["entrega para o quinhentos e um"]) as call:
        await call.journal.wait_for("speaking", text=GREETING)
        call.session.say("o portão está em manutenção")
        said = await call.journal.wait_for("turn", text="o portão está em manutenção")
        assert said.data["complete"]
        assert call.journal.turns("agent") == [GREETING, "o portão está em manutenção"]
        await call.visitor_says("entrega para o quinhentos e um")
        await call.journal.wait_for("turn", speaker="agent", text="pois não")
    assert "operator.said" in [entry.kind for entry in call.journal.entries]


async def test_an_operator_sends_the_visitor_elsewhere_and_we_leave() -> None:
    async with calling(greets) as call:
        await call.journal.wait_for("turn", speaker="agent")
        await call.session.transfer("9000")
        await asyncio.wait_for(call.ended, 10)
    assert call.phone.transfers == [(call.session.call_id, "9000")]
    last = call.journal.entries[-1]
    assert (last.kind, last.data["reason"]) == ("call.ended", "transferred")


async def test_a_call_that_cannot_be_sent_elsewhere_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with calling(greets) as call:

        async def refuse(call_id: uuid.UUID, destination: str) -> None:
            raise TelephoneError("there is no such extension")

        monkeypatch.setattr(call.phone, "transfer", refuse)
        await call.journal.wait_for("turn", speaker="agent")
        with pytest.raises(TelephoneError):
            await call.session.transfer("9000")
        call.session.say("não foi possível transferir")
        await call.journal.wait_for("turn", text="não foi possível transferir")
