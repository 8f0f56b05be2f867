"""What a call became, against what it was: turn by turn, and in what was decided."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from typing import Any, Final

from supervisor.replay.bundle import Told

DECISIONS: Final = {
    "authorisation": ("decision", "answer", "text", "by"),
    "call_out.ended": ("phone", "outcome"),
    "door.opened": ("door",),
    "door.failed": ("door", "reason"),
    "transfer": ("destination",),
    "answered": ("facts",),
    "unanswered": (),
    "department.closed": ("department",),
    "call.ended": ("reason",),
}
"""Kinds of events that are compared, and the values of each that matter."""
TOLD_ELSEWHERE: Final = frozenset({"outcome", "calls", "authorisation", "admission", "message"})
"""Of a visit's entry: everything else in it is compared, whatever the agent wrote."""
VISIT: Final = "visit"
CLEARLY_MS: Final = 40
"""Two frames: a difference in latency of less is no difference."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Somebody's turn. ``waited_ms`` of the agent's is from the end of the speech that it answers
    to its first frame, of a party's the silence after which it was taken for over."""

    at_s: float
    party: str
    speaker: str
    text: str
    waited_ms: int | None
    ignored: str | None = None

    @property
    def key(self) -> tuple[str, str, str, str | None]:
        """What makes it the same turn."""
        return self.party, self.speaker, self.text, self.ignored


@dataclass(frozen=True, slots=True)
class Row:
    """A turn as it was and as it became; one of them may be missing."""

    then: Turn | None
    now: Turn | None

    @property
    def differs(self) -> bool:
        """Whether other words were said or heard, or it is only in one of the two."""
        return self.then is None or self.now is None or self.then.key != self.now.key

    @property
    def slower_ms(self) -> int | None:
        """By how much it waited longer, where both are known."""
        if self.then is None or self.now is None:
            return None
        then, now = self.then.waited_ms, self.now.waited_ms
        return None if then is None or now is None else now - then


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that is shown."""

    rows: tuple[Row, ...]
    decided_then: tuple[str, ...]
    decided_now: tuple[str, ...]

    @property
    def same_words(self) -> bool:
        """Whether every turn has the words that it had."""
        return not any(row.differs for row in self.rows)

    @property
    def same_decisions(self) -> bool:
        """Whether the same was decided."""
        return self.decided_then == self.decided_now

    def document(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "same_words": self.same_words,
            "same_decisions": self.same_decisions,
            "waited_ms": {"then": waited(self.rows, "then"), "now": waited(self.rows, "now")},
            "turns": [
                {
                    "then": asdict(row.then) if row.then else None,
                    "now": asdict(row.now) if row.now else None,
                    "slower_ms": row.slower_ms,
                }
                for row in self.rows
            ],
            "decisions": {"then": list(self.decided_then), "now": list(self.decided_now)},
        }


def compare(then: Sequence[Told], now: Sequence[Told]) -> Difference:
    """Lay two calls side by side."""
    before, after = turns_of(then), turns_of(now)
    matcher = SequenceMatcher(
        None, [turn.key for turn in before], [turn.key for turn in after], autojunk=False
    )
    rows: list[Row] = []
    for _, first, last, start, end in matcher.get_opcodes():
        ours, theirs = before[first:last], after[start:end]
        rows += _paired(ours, theirs)
    return Difference(tuple(rows), decisions_of(then), decisions_of(now))


def _paired(before: Sequence[Turn], after: Sequence[Turn]) -> list[Row]:
    """Turns of the same side stand beside each other, in order."""
    rest, rows = list(after), []
    for turn in before:
        same = next((one for one in rest if _side(one) == _side(turn)), None)
        while rest and same is not None and rest[0] is not same:
            rows.append(Row(None, rest.pop(0)))
        if same is not None:
            rest.remove(same)
        rows.append(Row(turn, same))
    return [*rows, *(Row(None, turn) for turn in rest)]


def _side(turn: Turn) -> tuple[str, str]:
    return turn.party, turn.speaker


def turns_of(events: Sequence[Told]) -> list[Turn]:
    """Every turn, in the order in which they were over."""
    return [_turn(event) for event in events if event.kind == "turn"]


def _turn(event: Told) -> Turn:
    data = event.data
    ours = data["speaker"] == "agent"
    return Turn(
        event.at_s,
        str(data["party"]),
        str(data["speaker"]),
        str(data["text"]),
        data.get("voice_to_voice_ms" if ours else "end_of_turn_ms"),
        data.get("ignored"),
    )


def decisions_of(events: Sequence[Told]) -> tuple[str, ...]:
    """What was decided and done, a line for each."""
    return tuple(
        _line(event.kind, event.data, _compared(event))
        for event in events
        if event.kind in DECISIONS or event.kind == VISIT
    )


def _compared(event: Told) -> Sequence[str]:
    if event.kind == VISIT:
        return ("outcome", *sorted(event.data.keys() - TOLD_ELSEWHERE))
    return DECISIONS[event.kind]


def _line(kind: str, data: Mapping[str, Any], keys: Sequence[str]) -> str:
    known = [f"{key}={_plain(data[key])}" for key in keys if data.get(key) not in (None, "", [])]
    return " ".join([kind, *known])


def _plain(value: Any) -> str:
    """Alike, whether it was written down just now or came back from JSON."""
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return json.dumps(value, sort_keys=True) if isinstance(value, dict) else str(value)


def waited(rows: Sequence[Row], which: str) -> int | None:
    """The median of what our answers took, in ms."""
    found = [getattr(row, which) for row in rows]
    times = sorted(
        turn.waited_ms
        for turn in found
        if turn is not None and turn.speaker == "agent" and turn.waited_ms is not None
    )
    return times[len(times) // 2] if times else None
