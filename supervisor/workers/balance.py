"""When a worker has far more to do than another one, and which extension had better move.

An extension only moves while it has no call, so what moves is what it is going to have. Sums are of
calls to reckon with (:attr:`supervisor.workers.post.Load.expected`).
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from supervisor.workers.post import Post, least_busy

FAR_OVER: Final = 2.0
"""So many times as much as the least busy worker has ..."""
NOT_MORE: Final = 0.75
"""Of the difference: an extension that brings more would only turn things round."""
WORTH_IT_CALLS: Final = 4.0
"""... and so many calls more: a worker has a core, and that carries a hundred."""


def better_spread(posts: Sequence[Post]) -> tuple[Post, UUID, Post] | None:
    """Who should give which extension to whom; ``None`` while it is well as it is."""
    lightest = least_busy(posts)
    heaviest = max(posts, key=lambda post: post.expected, default=None)
    if lightest is None or heaviest is None or heaviest.worker is None or lightest.worker is None:
        return None
    gap = heaviest.expected - lightest.expected
    if gap < WORTH_IT_CALLS or heaviest.expected < FAR_OVER * lightest.expected:
        return None
    idle = {
        extension_id: each.load.expected
        for extension_id, each in heaviest.assignments.items()
        if not each.load.calls and each.load.expected <= NOT_MORE * gap
    }
    if not idle:
        return None
    half = gap / 2
    return heaviest, min(idle, key=lambda each: abs(idle[each] - half)), lightest
