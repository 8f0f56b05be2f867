"""Long lists written as running text, so that they can be read and edited."""

from __future__ import annotations


def words(text: str) -> tuple[str, ...]:
    """The words of ``text``."""
    return tuple(text.split())


def phrases(text: str) -> tuple[str, ...]:
    """The phrases of ``text``, which are parted by ``|`` and may run over line ends."""
    return tuple(entry.strip() for entry in " ".join(text.split()).split("|") if entry.strip())
