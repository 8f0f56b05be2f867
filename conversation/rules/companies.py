"""Firms that somebody comes from: what rules of every language make of them."""

from dataclasses import dataclass

from conversation.understanding import Intent


@dataclass(frozen=True, slots=True)
class Company:
    """A firm: its ``name`` as written, the words for "of the" before it, and what it comes for."""

    name: str
    of: str
    purpose: Intent | None
