"""Which entry of a unit's list a visitor is, by the name that they say."""

from collections.abc import Sequence

from conversation.directory.lookup import SURE
from conversation.directory.names import NameMatcher, SpokenName


def likeness(said: str, written: str) -> float:
    """How well what was said fits a name, as the directory compares them: 0 to 100."""
    return NameMatcher([SpokenName.of(written)]).scores(SpokenName.of(said))[0]


def is_named(said: Sequence[str], written: str) -> bool:
    """Whether one of the names or firms is this one: "Bia", "dona Beatriz" and "Beatriz Souza" are
    Beatriz Souza. Enough to tell a resident that somebody expected is there."""
    return any(likeness(name, written) >= SURE for name in said)


def is_named_in_full(said: Sequence[str], written: str) -> bool:
    """... and by two of its words, if it has so many: enough to open a door where the resident
    wants a name to do that. Every "Carlos" may say so, but not every one is Carlos Prado."""
    enough = min(2, len(SpokenName.of(written).words))
    return any(
        likeness(name, written) >= SURE and len(SpokenName.of(name).words) >= enough
        for name in said
    )
