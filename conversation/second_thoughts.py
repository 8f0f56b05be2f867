"""A visitor's turn that is thought about before the flow hears of it, while the call goes on.

The flow gets turns in the order in which they were spoken. Whatever happens on the leg meanwhile
(another turn, a key, its end) comes after the turn that is being thought about: that one is then
delivered at once, as the rules heard it.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from conversation.ear import Turn
from conversation.thinking import Thinker, Thoughts
from conversation.understanding import Expecting, Understanding

log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class HeardTurn:
    """A turn on its way to the flow; ``account`` says what thinking about it cost."""

    turn: Turn
    understanding: Understanding
    interrupted: bool
    account: Mapping[str, Any] | None = None


@dataclass(slots=True, eq=False)
class _Thought:
    text: str
    expecting: Expecting
    slots: tuple[str, ...]
    task: "asyncio.Task[Thoughts]"


class SecondThoughts:
    """Thinks about one visitor's turns, one at a time. ``deliver`` gets each turn once; ``fill`` is
    called when the visitor has waited long enough for a word."""

    def __init__(
        self,
        thinker: Thinker | None,
        deliver: Callable[[HeardTurn], None],
        fill: Callable[[], None],
    ) -> None:
        self._thinker = thinker
        self._deliver = deliver
        self._fill = fill
        self._ahead: _Thought | None = None
        self._waiting: tuple[HeardTurn, _Thought] | None = None
        self._filler: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[Thoughts]] = set()

    def foresee(self, heard: Understanding, expecting: Expecting) -> None:
        """The party made a short pause after these words; perhaps they are all."""
        thinker = self._thinker
        if thinker is None or self._waiting is not None or not thinker.foresees():
            return
        slots = thinker.open_slots(heard, expecting)
        if not self._is_ahead(heard.text, expecting, slots):
            self._forget_ahead()
            if slots:
                self._ahead = self._begin(thinker, heard.text, expecting, slots)

    def take(self, turn: HeardTurn, expecting: Expecting) -> None:
        """A turn is over: deliver it, now or once it has been thought about."""
        self.settle()
        heard, thinker = turn.understanding, self._thinker
        slots = thinker.open_slots(heard, expecting) if thinker is not None else ()
        if thinker is not None and expecting is not Expecting.NOTHING:
            thinker.note(sure=not slots)
        if thinker is None or not slots:
            self._forget_ahead()
            self._deliver(turn)
            return
        thought = self._ahead
        if thought is None or not self._is_ahead(heard.text, expecting, slots):
            self._forget_ahead()
            thought = self._begin(thinker, heard.text, expecting, slots)
        self._ahead = None
        self._waiting = (turn, thought)
        loop = asyncio.get_running_loop()
        self._filler = loop.call_later(thinker.filler_after_s, self._fill)
        thought.task.add_done_callback(lambda _: self._thought_over(thought))

    def settle(self) -> None:
        """Deliver what is being thought about as the rules heard it: something else follows."""
        if self._waiting is not None:
            turn, thought = self._waiting
            self._let_go()
            thought.task.cancel()
            turn.account = {"outcome": "overtaken"}
            self._deliver(turn)

    async def close(self) -> None:
        """Think no more; what waits is delivered first."""
        self.settle()
        self._forget_ahead()
        tasks = [*self._tasks]
        if tasks:
            await asyncio.wait(tasks)

    # ------------------------------------------------------------------ thoughts

    def _begin(
        self, thinker: Thinker, text: str, expecting: Expecting, slots: tuple[str, ...]
    ) -> _Thought:
        task = asyncio.create_task(thinker.think(text, expecting, slots), name="think")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return _Thought(text, expecting, slots, task)

    def _thought_over(self, thought: _Thought) -> None:
        if self._waiting is None or self._waiting[1] is not thought or self._thinker is None:
            return
        (turn, _), thinker = self._waiting, self._thinker
        self._let_go()
        if thought.task.cancelled():
            self._deliver(turn)
            return
        try:
            thoughts = thought.task.result()
            turn.understanding = thinker.merge(turn.understanding, thought.expecting, thoughts)
            turn.account = thoughts.account
        except Exception as defect:  # the rules' word stands, and the call goes on
            log.error("thinking_failed", exc_info=defect)
        self._deliver(turn)

    def _let_go(self) -> None:
        self._waiting = None
        if self._filler is not None:
            self._filler.cancel()
            self._filler = None

    def _is_ahead(self, text: str, expecting: Expecting, slots: tuple[str, ...]) -> bool:
        ahead = self._ahead
        return ahead is not None and (ahead.text, ahead.expecting, ahead.slots) == (
            text,
            expecting,
            slots,
        )

    def _forget_ahead(self) -> None:
        if self._ahead is not None:
            self._ahead.task.cancel()
            self._ahead = None
