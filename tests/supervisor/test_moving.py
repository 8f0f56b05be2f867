"""Moving an extension: what the two workers are told, whatever becomes of it."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from supervisor.workers import messages
from supervisor.workers.moving import Mover
from supervisor.workers.post import Assignment, Load, Post


class _Worker:
    """Hears what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def tell(self, kind: str, fields: object, sockets: object = ()) -> None:
        self.told.append(kind)


class _Rig:
    """A crowded worker with one idle extension, and one that has nothing to do."""

    def __init__(self) -> None:
        self.idle = uuid4()
        self.crowded, self.free = self._post(Load(9)), self._post()
        self.crowded.assignments[self.idle] = self.assignment(Load())
        self.mover = Mover(self._hand_over)

    def assignment(self, load: Load) -> Assignment:
        extension = SimpleNamespace(number="1001")
        return Assignment(cast(Any, extension), cast(Any, None), load)

    def _post(self, *loads: Load) -> Post:
        assignments = {uuid4(): self.assignment(load) for load in loads}
        return Post(isolated=False, assignments=assignments, worker=cast(Any, _Worker()))

    async def _hand_over(self, post: Post, assignment: Assignment) -> None:
        await post.worker.tell(messages.SERVE, {})  # type: ignore[union-attr]

    def told(self, post: Post) -> list[str]:
        return cast(Any, post.worker).told  # type: ignore[no-any-return]

    def begin(self) -> "asyncio.Task[None]":
        due = self.mover.due([self.free, self.crowded])
        assert due == (self.crowded, self.idle, self.free)
        return asyncio.create_task(self.mover.move(*due))

    def answer(self, *, accepts: bool, extension_id: UUID | None = None) -> bool:
        worker = cast(Any, self.free.worker)
        return self.mover.takes(extension_id or self.idle, worker, accepts=accepts)


async def test_the_giver_lets_go_once_the_taker_accepts() -> None:
    rig = _Rig()
    moving = rig.begin()
    await asyncio.sleep(0)
    assert (rig.told(rig.free), rig.told(rig.crowded)) == ([messages.SERVE], [])
    assert not rig.answer(accepts=True, extension_id=uuid4()), "that is about a row"
    assert rig.answer(accepts=True)
    await moving
    assert rig.told(rig.crowded) == [messages.STOP]
    assert rig.idle in rig.free.assignments and rig.idle not in rig.crowded.assignments
    assert not rig.answer(accepts=True)
    assert rig.mover.due([rig.free, rig.crowded]) is None, "not so soon"


async def test_one_that_cannot_be_taken_up_stays_where_it_was() -> None:
    rig = _Rig()
    moving = rig.begin()
    await asyncio.sleep(0)
    assert rig.answer(accepts=False)
    await moving
    assert rig.idle in rig.crowded.assignments and rig.idle not in rig.free.assignments
    assert rig.told(rig.crowded) == []
    assert rig.told(rig.free) == [messages.SERVE, messages.STOP]


async def test_one_that_is_stopped_on_its_way_is_stopped_in_both(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("supervisor.workers.moving.MOVE_LIMIT_S", 0.02)
    rig = _Rig()
    moving = rig.begin()
    await asyncio.sleep(0)
    del rig.free.assignments[rig.idle]
    await moving
    assert rig.told(rig.crowded) == [messages.STOP]
    assert rig.told(rig.free)[-1] == messages.STOP


async def test_settings_that_changed_on_its_way_reach_the_one_that_keeps_it() -> None:
    rig = _Rig()
    moving = rig.begin()
    await asyncio.sleep(0)
    rig.free.assignments[rig.idle] = changed = rig.assignment(Load())
    assert rig.answer(accepts=False)
    await moving
    assert rig.crowded.assignments[rig.idle] is changed
    assert rig.told(rig.crowded) == [messages.SERVE]
