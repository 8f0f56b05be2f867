"""Turns that are thought about while the call goes on, with real audio on loopback."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from conversation.flow import Action, CallStarted, Event, HangUp, Heard, KeyPressed, Party, Say
from conversation.thinking import Thoughts
from conversation.understanding import Expecting, Understanding
from tests.session.call import Call, calling

ASK = Say(Party.VISITOR, "ask", {}, Expecting.PURPOSE)


class SlowThinker:
    """Finds something once the test says so; ``foreseen`` are the words it was asked about."""

    def __init__(self, *, foresees: bool = False, filler_after_s: float = 30.0) -> None:
        self.filler_after_s = filler_after_s
        self.asked: list[str] = []
        self.cancelled = 0
        self.sure: list[bool] = []
        self.began = asyncio.Event()
        self.go_on = asyncio.Event()
        self._foresees = foresees

    def open_slots(self, heard: Understanding, expecting: Expecting) -> tuple[str, ...]:
        return ("place",) if "odd" in heard.text else ()

    def foresees(self) -> bool:
        return self._foresees

    async def think(self, text: str, expecting: Expecting, slots: tuple[str, ...]) -> Thoughts:
        self.asked.append(text)
        self.began.set()
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return Thoughts("found", {"cost": 0.25})

    def merge(
        self, heard: Understanding, expecting: Expecting, thoughts: Thoughts
    ) -> Understanding:
        return replace(heard, apartment="501") if thoughts.found else heard

    def note(self, *, sure: bool) -> None:
        self.sure.append(sure)


def react(event: Event) -> Sequence[Action]:
    match event:
        case CallStarted():
            return [ASK]
        case Heard():
            return [Say(Party.VISITOR, "thanks"), HangUp(Party.VISITOR)]
        case _:
            return []


def heard(call: Call) -> list[Understanding]:
    return [event.understanding for event in call.flow.events if isinstance(event, Heard)]


async def say_something(call: Call) -> None:
    await call.journal.wait_for("turn", speaker="agent", text="ask")
    await call.visitor_says("boa tarde é pro apartamento quinhentos e um")


async def test_a_turn_is_thought_about_before_the_flow_hears_it_with_its_cost() -> None:
    thinker = SlowThinker()
    async with calling(react, ["something odd"], thinker=thinker) as call:
        await say_something(call)
        await thinker.began.wait()
        assert not heard(call)
        thinker.go_on.set()
        turn = await call.journal.wait_for("turn", speaker="visitor")
        await call.journal.wait_for("call.ended")
    assert [each.apartment for each in heard(call)] == ["501"]
    assert turn.data["thoughts"] == {"cost": 0.25}
    assert thinker.sure == [False]


async def test_a_turn_of_which_the_rules_are_sure_goes_to_the_flow_at_once() -> None:
    thinker = SlowThinker()
    async with calling(react, ["something plain"], thinker=thinker) as call:
        await say_something(call)
        turn = await call.journal.wait_for("turn", speaker="visitor")
    assert not thinker.asked
    assert "thoughts" not in turn.data
    assert thinker.sure == [True]


async def test_who_waits_for_an_answer_hears_a_word_meanwhile() -> None:
    thinker = SlowThinker(filler_after_s=0.2)
    async with calling(react, ["something odd"], thinker=thinker) as call:
        await say_something(call)
        await call.journal.wait_for("turn", speaker="agent", text="filler")
        assert not heard(call)
        thinker.go_on.set()
        await call.journal.wait_for("turn", speaker="agent", text="thanks")


async def test_an_answer_in_time_is_given_without_a_word_before() -> None:
    thinker = SlowThinker(filler_after_s=1.0)
    thinker.go_on.set()
    async with calling(react, ["something odd"], thinker=thinker) as call:
        await say_something(call)
        await call.journal.wait_for("turn", speaker="agent", text="thanks")
    assert "filler" not in call.journal.turns("agent")


async def test_thinking_begins_at_the_first_short_pause() -> None:
    thinker = SlowThinker(foresees=True)
    async with calling(react, ["something odd"], thinker=thinker) as call:
        await say_something(call)
        thinker.go_on.set()
        await call.journal.wait_for("turn", speaker="agent", text="thanks")
    assert thinker.asked == ["something odd"]
    assert thinker.cancelled == 0


async def test_a_key_comes_after_the_turn_before_it_which_is_thought_about_no_longer() -> None:
    thinker = SlowThinker()
    async with calling(react, ["something odd"], thinker=thinker) as call:
        await say_something(call)
        await thinker.began.wait()
        call.visitor.press("5")
        await call.flow.wait_for(KeyPressed(Party.VISITOR, "5"))
        kinds = [type(event) for event in call.flow.events]
    assert kinds.index(Heard) < kinds.index(KeyPressed)
    assert [each.apartment for each in heard(call)] == [None]
    assert thinker.cancelled == 1


async def test_who_hangs_up_leaves_no_thought_behind_but_their_turn() -> None:
    thinker = SlowThinker()
    async with calling(react, ["something odd"], thinker=thinker) as call:
        await say_something(call)
        await thinker.began.wait()
        await call.visitor.hang_up()
        turn = await call.journal.wait_for("turn", speaker="visitor")
        await call.journal.wait_for("call.ended")
    assert turn.data["thoughts"] == {"outcome": "overtaken"}
    assert thinker.cancelled == 1
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "think"]


async def test_a_defect_in_thinking_leaves_the_rules_word() -> None:
    class Broken(SlowThinker):
        async def think(self, text: str, expecting: Expecting, slots: tuple[str, ...]) -> Thoughts:
            raise RuntimeError("a defect")

    async with calling(react, ["something odd"], thinker=Broken()) as call:
        await say_something(call)
        await call.journal.wait_for("turn", speaker="agent", text="thanks")
    assert [each.apartment for each in heard(call)] == [None]
