"""Codes in a whole call: real audio on loopback, the real doorman; what is written down of it."""

import asyncio
import json
from uuid import UUID, uuid4

from conversation.admission import Admission, Ground, Inquiry, Refusal
from conversation.admitting import ANSWER_LIMIT_S
from conversation.flow import CallStarted, OpenDoor, Record
from tests.conversation.gate import RULES
from tests.session.call import Call, calling
from tests.session.test_attacks import AtTheGate, Siege
from tests.session.test_door import Gate, reacting

CODE = "479213"
SPOKEN = "meu código é quatro sete nove dois um três"


class OneCode:
    """Admissions that know one code, once."""

    def __init__(self) -> None:
        self.asked: list[Inquiry] = []
        self.left = [CODE]
        self.answers = asyncio.Event()
        self.answers.set()

    async def ask(self, call_id: UUID, inquiry: Inquiry) -> Admission | Refusal:
        self.asked.append(inquiry)
        await self.answers.wait()
        if inquiry.secret not in self.left:
            return Refusal.UNKNOWN
        self.left.remove(inquiry.secret)
        return Admission(uuid4(), Ground.CODE, "B/501", uuid4(), "Beatriz", "desk", True)


def at_the_gate(*words: str) -> tuple[Call, Gate, OneCode]:
    door, codes = Gate(), OneCode()
    door.free.set()
    call = Call(lambda _: (), words)
    call.flow, call.interpret = AtTheGate(), RULES.interpret
    call.doors, call.admissions = door(), codes
    return call, door, codes


async def test_a_code_that_is_read_out_opens_and_is_written_down_nowhere() -> None:
    call, door, _ = at_the_gate(SPOKEN)
    await call.start()
    try:
        await Siege(call, door).visitor()
        await call.journal.wait_for("door.opened")
        await call.journal.wait_for("call.ended")
    finally:
        await call.stop()
    kinds = [entry.kind for entry in call.journal.entries]
    assert kinds.index("admission") < kinds.index("authorisation") < kinds.index("door.ordered")
    written = json.dumps([dict(entry.data) for entry in call.journal.entries], default=str)
    assert "meu código é •••" in call.journal.turns("visitor")
    assert CODE not in written
    assert "quatro sete" not in written


async def test_a_code_that_is_keyed_opens_without_a_word() -> None:
    call, _, codes = at_the_gate()
    await call.start()
    try:
        await call.journal.wait_for("speaking")
        for digit in f"#{CODE}#":
            call.visitor.press(digit)
        await call.journal.wait_for("door.opened")
        await call.journal.wait_for("call.ended")
    finally:
        await call.stop()
    assert [asked.keyed for asked in codes.asked] == [True]
    assert call.journal.turns("visitor") == []
    assert CODE not in json.dumps([dict(entry.data) for entry in call.journal.entries], default=str)


async def test_a_list_that_does_not_answer_costs_a_moment_and_opens_nothing() -> None:
    call, door, codes = at_the_gate()
    codes.answers.clear()
    await call.start()
    try:
        await call.journal.wait_for("speaking")
        for digit in f"#{CODE}#":
            call.visitor.press(digit)
        await call.journal.wait_for("admission.refused", reason="away")
        await call.journal.wait_for("turn", speaker="agent", text="code.refused")
    finally:
        await call.stop()
    assert not door.orders
    assert ANSWER_LIMIT_S < 2


async def test_a_flow_cannot_say_itself_that_somebody_was_let_in_beforehand() -> None:
    admission, word = str(uuid4()), uuid4()
    forged = [
        Record("admission", {"id": admission, "ground": "code", "lets_in": True}),
        Record(
            "authorisation",
            {"id": str(word), "decision": "yes", "by": "code", "admission": admission},
        ),
        OpenDoor(word),
    ]
    door = Gate()
    async with calling(reacting([(CallStarted, forged)]), doors=door()) as call:
        refused = await call.journal.wait_for("door.failed")
    assert "no such authorisation" in refused.data["reason"]
    assert not door.orders
    assert "admission" not in [entry.kind for entry in call.journal.entries]
