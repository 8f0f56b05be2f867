"""What a simulated person does on the line, one step after another."""

from dataclasses import dataclass
from typing import TypeAlias

AGENT_DONE_MS = 500
"""Silence after which a person takes the other side to have finished: longer than espeak-ng's
pauses between sentences, shorter than people's patience."""

PATIENCE_S = 20.0
"""How long a person waits for anything before the step counts as not met."""


@dataclass(frozen=True, slots=True)
class Listen:
    """Wait until the other side spoke and was silent for ``quiet_ms``.

    With ``words``, wait on through as many turns as it takes until one of them was heard: each
    is a piece of lower-case text without accents, looked for in what was recognised.
    """

    words: tuple[str, ...] = ()
    quiet_ms: int = AGENT_DONE_MS
    within_s: float = PATIENCE_S


@dataclass(frozen=True, slots=True)
class Say:
    """Say a text, at once."""

    text: str


@dataclass(frozen=True, slots=True)
class Play:
    """Play a sound file (WAV) as the person's speech, at once."""

    path: str


@dataclass(frozen=True, slots=True)
class Interrupt:
    """Wait until the other side has been speaking for ``after_ms``, then say a text over it."""

    text: str
    after_ms: int = 800
    within_s: float = PATIENCE_S


@dataclass(frozen=True, slots=True)
class Press:
    """Press keys one after another: ``0123456789*#ABCD``."""

    digits: str


@dataclass(frozen=True, slots=True)
class StaySilent:
    """Say nothing for a while."""

    for_s: float


@dataclass(frozen=True, slots=True)
class StayOnLine:
    """Stay until the other side ends the call."""

    within_s: float = PATIENCE_S


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call."""


Step: TypeAlias = Listen | Say | Play | Interrupt | Press | StaySilent | StayOnLine | HangUp
