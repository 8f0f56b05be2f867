"""English contractions as they are written: the network's alphabet has no apostrophe."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from stt.recogniser import Word

_WRITTEN: Final = (
    "i'm i've you're you've he's she's it's that's there's what's who's where's they're "
    "don't doesn't didn't isn't aren't wasn't can't couldn't won't wouldn't haven't let's"
)
_CONTRACTIONS: Final = {word.replace("'", ""): word for word in _WRITTEN.split()}


def as_written(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """The same words with their apostrophes: ``im`` is ``i'm``."""
    return tuple(replace(word, text=_CONTRACTIONS.get(word.text, word.text)) for word in words)
