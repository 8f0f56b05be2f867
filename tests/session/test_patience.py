"""Silences become events, with short limits and the real clock of the loop."""

import asyncio

from conversation.flow import Event, Party, StillWaiting, TimeIsUp, WentQuiet
from conversation.patience import Patience
from conversation.settings import SessionSettings
from conversation.understanding import Expecting

QUICK = SessionSettings(
    reprompt_after_s=0.02,
    waiting_every_s=0.02,
    idle_limit_s=0.05,
    call_limit_s=0.2,
    drain_limit_s=0.02,
)
LONG = SessionSettings()


class Post:
    """A mailbox to look into; ``next`` waits for the next event."""

    def __init__(self, settings: SessionSettings) -> None:
        self.events: asyncio.Queue[Event] = asyncio.Queue()
        self.gave_up = asyncio.Event()
        self.patience = Patience(settings, self.events.put_nowait, self.gave_up.set)

    async def next(self) -> Event:
        return await asyncio.wait_for(self.events.get(), 2)


def timers_due() -> list[float]:
    """When the timers that are set will fire, by the loop's clock."""
    scheduled = asyncio.get_running_loop()._scheduled  # type: ignore[attr-defined]
    return [h.when() for h in scheduled if not h.cancelled() and "Timers" in repr(h)]


async def test_an_unanswered_question_is_told_with_its_count() -> None:
    post = Post(QUICK)
    post.patience.everybody_quiet(Party.VISITOR, Expecting.PURPOSE)
    assert await post.next() == WentQuiet(Party.VISITOR, 1)
    post.patience.everybody_quiet(Party.VISITOR, Expecting.PURPOSE)
    assert await post.next() == WentQuiet(Party.VISITOR, 2)
    post.patience.close()


async def test_an_answer_starts_the_count_anew() -> None:
    post = Post(QUICK)
    post.patience.everybody_quiet(Party.VISITOR, Expecting.PURPOSE)
    await post.next()
    post.patience.somebody_answered(Party.VISITOR)
    post.patience.everybody_quiet(Party.VISITOR, Expecting.UNIT)
    assert await post.next() == WentQuiet(Party.VISITOR, 1)
    post.patience.close()


async def test_speech_stops_the_waiting() -> None:
    post = Post(QUICK)
    post.patience.everybody_quiet(Party.VISITOR, Expecting.PURPOSE)
    post.patience.somebody_speaks(Party.VISITOR)
    post.patience.everybody_quiet(Party.RESIDENT, Expecting.AUTHORISATION)
    assert await post.next() == WentQuiet(Party.RESIDENT, 1)
    assert post.events.empty()
    post.patience.close()


async def test_who_waits_for_us_is_told_how_long() -> None:
    post = Post(QUICK)
    post.patience.everybody_quiet(Party.VISITOR, Expecting.NOTHING)
    first = await post.next()
    post.patience.everybody_quiet(Party.VISITOR, Expecting.NOTHING)
    second = await post.next()
    assert isinstance(first, StillWaiting) and isinstance(second, StillWaiting)
    assert second.waited_s > first.waited_s > 0
    post.patience.close()


async def test_a_call_without_interaction_ends_and_is_cut_off_if_the_flow_does_not() -> None:
    post = Post(QUICK)
    post.patience.call_started()
    assert await post.next() == TimeIsUp("idle")
    await asyncio.wait_for(post.gave_up.wait(), 2)
    post.patience.close()


async def test_a_silence_that_goes_on_is_not_begun_anew_by_what_happens_elsewhere() -> None:
    post = Post(LONG)
    post.patience.everybody_quiet(Party.RESIDENT, Expecting.AUTHORISATION)
    due = timers_due()
    await asyncio.sleep(0.01)
    post.patience.everybody_quiet(Party.RESIDENT, Expecting.AUTHORISATION)
    assert timers_due() == due
    post.patience.close()


async def test_closing_leaves_no_timer_behind() -> None:
    post = Post(LONG)
    post.patience.call_started()
    post.patience.everybody_quiet(Party.VISITOR, Expecting.PURPOSE)
    post.patience.close()
    assert not timers_due()
