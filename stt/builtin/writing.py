"""English contractions as they are written: the network's alphabet has no apostrophe."""

from __future__ import annotations

from typing import Final

_WRITTEN: Final = (
    "i'm i've you're you've he's she's it's that's there's what's who's where's they're "
    "don't doesn't didn't isn't aren't wasn't can't couldn't won't wouldn't haven't let's"
)
_CONTRACTIONS: Final = {word.replace("'", ""): word for word in _WRITTEN.split()}


def as_written(word: str) -> str:
    """The word with its apostrophe, if it has one: ``im`` is ``i'm``."""
    return _CONTRACTIONS.get(word, word)
