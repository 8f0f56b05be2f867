"""Which words a doorman hears, how often, and after which: a bigram table with a spelling trie."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from stt.builtin.alphabet import CLASS_OF

WORDS: Final = Path(__file__).with_name("words.txt")
BEGIN_PORTUGUESE: Final = "<pt>"
BEGIN_ENGLISH: Final = "<en>"
BEGIN_SPANISH: Final = "<es>"
END: Final = "</s>"
UNSEEN: Final = -30.0


@dataclass(slots=True)
class Spelling:
    """A node of a spelling trie: what may follow, which word ends here, the best word below."""

    after: dict[int, Spelling] = field(default_factory=dict)
    word: str = ""
    best: float = UNSEEN


def add_spelling(root: Spelling, word: str, score: float, written: str = "") -> None:
    """Put ``word`` with its log probability under ``root``, to be written as given, or as is."""
    node = root
    node.best = max(node.best, score)
    for char in word:
        node = node.after.setdefault(CLASS_OF[char], Spelling())
        node.best = max(node.best, score)
    node.word = written or word


class Language:
    """The table of ``words.txt``; see ``stt.training.language`` for how it is made."""

    def __init__(self, path: Path = WORDS) -> None:
        rows = [line.split(" ") for line in path.read_text("utf-8").splitlines()]
        names = [row[0] for row in rows]
        self._alone = {row[0]: float(row[1]) for row in rows}
        self._back_off = {row[0]: float(row[2]) for row in rows}
        self._after: dict[str, dict[str, float]] = {}
        for row in rows:
            pairs = (entry.split(":") for entry in row[3:])
            self._after[row[0]] = {names[int(i)]: float(score) for i, score in pairs}
        self.root = Spelling()
        for word, score in self._alone.items():
            if not word.startswith("<"):
                add_spelling(self.root, word, score)

    def __contains__(self, word: str) -> bool:
        return word in self._alone

    def score(self, word: str, before: str) -> float:
        """Log probability of a known ``word`` after ``before`` (any word, or a beginning)."""
        seen = self._after.get(before)
        if seen is None:
            return self._alone[word]
        found = seen.get(word)
        return self._back_off[before] + self._alone[word] if found is None else found


@cache
def doorman_language() -> Language:
    """The table that comes with the program, read once (about 40 ms)."""
    return Language()
