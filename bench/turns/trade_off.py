"""Cut-offs against delay at several settings: the table of :mod:`bench.conversation`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.turns.endings import Heard, Outcome, ends_of, lost_percent, summary
from bench.turns.stage import LISTENING, RULES
from stt.endpointing import AdaptiveEndOfTurn, EndOfTurn, FixedEndOfTurn, TurnTiming

DEFAULT = "adaptive"
UNSEEN = ("kept_back", "fresh")
"""Sets whose single turns are not shown: who read them could tune on them."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One row. ``cadence``: whether the pitch has a say beside the words."""

    timing: TurnTiming
    strategy: EndOfTurn
    cadence: bool = True


def settings() -> dict[str, Setting]:
    """Fixed silences, and ours at several paces and without the pitch."""
    now = TurnTiming()
    found = {
        f"fixed {wait_ms} ms": Setting(now, FixedEndOfTurn(wait_ms))
        for wait_ms in (300, 500, 700, 900)
    }
    for label, pace in (("x 0.7", 0.7), ("x 0.85", 0.85), ("", 1.0), ("x 1.2", 1.2)):
        timing = TurnTiming(
            complete_ms=round(now.complete_ms * pace),
            likely_ms=round(now.likely_ms * pace),
            unknown_ms=round(now.unknown_ms * pace),
            open_ms=round(now.open_ms * pace),
        )
        found[f"{DEFAULT} {label}".strip()] = Setting(timing, AdaptiveEndOfTurn(timing))
    found["words alone"] = Setting(now, AdaptiveEndOfTurn(now), cadence=False)
    return found


def table(heard: Mapping[str, Sequence[Heard]]) -> list[dict[str, Any]]:
    """A row for each setting: over everything, and by set."""
    return [_row(name, each, heard) for name, each in settings().items()]


def _row(name: str, setting: Setting, heard: Mapping[str, Sequence[Heard]]) -> dict[str, Any]:
    by_set = {label: _ends(ones, setting) for label, ones in heard.items()}
    whole = [one for ones in by_set.values() for one in ones]
    row = {"setting": name, **summary(whole), "lost_percent": lost_percent(whole, RULES)}
    return row | {label: summary(ones) for label, ones in by_set.items()}


def _ends(heard: Sequence[Heard], setting: Setting) -> list[Outcome]:
    return ends_of(heard, LISTENING, setting.timing, setting.strategy, cadence=setting.cadence)


def cut_offs(heard: Mapping[str, Sequence[Heard]]) -> Iterator[dict[str, Any]]:
    """Who is cut off at the default, after which words; sets that must stay unseen left out."""
    for label, ones in heard.items():
        if label in UNSEEN:
            continue
        for end in _ends(ones, settings()[DEFAULT]):
            if end.delay_ms is None and not end.missed:
                yield {
                    "set": label,
                    "asked": end.heard.asked.value,
                    "cut_after": end.cut_after,
                    "text": end.heard.text,
                    "pauses_ms": end.heard.spoken.pauses_ms,
                }


def show(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print it."""
    sets = ("tuned_on", "kept_back", "fresh", "scenarios")
    titles = "".join(f"{label.replace('_', ' '):>18}" for label in sets)
    print(f"\nend of turn       cut off %  lost   p50   p95{titles}   (cut off %, p50)")
    for row in rows:
        by_set = "".join(
            f"{row[label]['cut_off_percent']:>12.1f}{row[label]['median_ms']:>6}" for label in sets
        )
        print(
            f"{row['setting']:<18}{row['cut_off_percent']:>9.1f}{row['lost_percent']:>6.1f}"
            f"{row['median_ms']:>6}{row['p95_ms']:>6}{by_set}"
        )
    print("target: 3 % at a median of 350 ms")
    ended = next(row for row in rows if row["setting"] == DEFAULT)["ended_within_percent"]
    shares = ", ".join(f"{percent} % within {limit} ms" for limit, percent in ended.items())
    print(f"{DEFAULT}: of all turns, ended uncut {shares}")
