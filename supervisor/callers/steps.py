"""What a simulated person does on the line, one step after another.

``str`` of a step says what the person wanted, for the report of a step that did not come about.
"""

from dataclasses import dataclass
from typing import TypeAlias

AGENT_DONE_MS = 400
"""Silence after which a person takes the other side to have finished: longer than the pauses
between sentences (``tts.speaker.SENTENCE_PAUSE_MS`` is 220), and brisk for a person."""

PATIENCE_S = 20.0
"""How long a person waits for anything before the step counts as not met."""


@dataclass(frozen=True, slots=True)
class Listen:
    """Wait until the other side spoke and was silent for ``quiet_ms``.

    With ``words``, wait on through as many turns as it takes until one of them was heard: each
    is looked for in what was recognised, neither case nor accents counting. With ``go_on``, a
    wait that was in vain is no failure.
    """

    words: tuple[str, ...] = ()
    quiet_ms: int = AGENT_DONE_MS
    within_s: float = PATIENCE_S
    go_on: bool = False

    def __str__(self) -> str:
        if self.words:
            return f"waited to hear “{'” or “'.join(self.words)}”"
        return "waited for the other side to speak and finish"


@dataclass(frozen=True, slots=True)
class Say:
    """Say a text, at once; the network loses its first ``loses_ms``."""

    text: str
    loses_ms: int = 0

    def __str__(self) -> str:
        return f"wanted to say “{self.text}”"


@dataclass(frozen=True, slots=True)
class Play:
    """Play a sound file (WAV) as the person's speech, at once."""

    path: str

    def __str__(self) -> str:
        return f"wanted to play {self.path}"


@dataclass(frozen=True, slots=True)
class Interrupt:
    """Wait until the other side has been speaking for ``after_ms``, then say a text over it."""

    text: str
    after_ms: int = 800
    within_s: float = PATIENCE_S

    def __str__(self) -> str:
        return f"wanted to interrupt with “{self.text}”"


KEYS = "0123456789*#ABCD"
"""Of a telephone, as AudioSocket carries them."""


@dataclass(frozen=True, slots=True)
class Press:
    """Press keys one after another, of :data:`KEYS`. Raises ``ValueError`` for any other."""

    digits: str

    def __post_init__(self) -> None:
        if not set(self.digits) <= set(KEYS):
            raise ValueError(f"{self.digits!r} are not keys of a telephone; use {KEYS}")

    def __str__(self) -> str:
        return f"wanted to press {self.digits}"


@dataclass(frozen=True, slots=True)
class StaySilent:
    """Say nothing for a while."""

    for_s: float

    def __str__(self) -> str:
        return f"stayed silent for {self.for_s:g} s"


@dataclass(frozen=True, slots=True)
class StayOnLine:
    """Stay until the other side ends the call; with ``go_on``, no longer is no failure."""

    within_s: float = PATIENCE_S
    go_on: bool = False

    def __str__(self) -> str:
        return f"waited {self.within_s:g} s for the other side to hang up"


@dataclass(frozen=True, slots=True)
class Reply:
    """What to say once one of the words ``when`` was heard; None is to keep silent then."""

    when: tuple[str, ...]
    say: str | None = None


@dataclass(frozen=True, slots=True)
class Converse:
    """Stay until the other side ends the call, and answer what it says meanwhile.

    After each of its turns the first of ``replies`` whose words were heard in it is said, also
    when it was said before: people repeat themselves when asked again.
    """

    replies: tuple[Reply, ...]
    within_s: float = 60.0
    quiet_ms: int = AGENT_DONE_MS

    def __str__(self) -> str:
        return f"waited {self.within_s:g} s for the other side to hang up"


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call."""

    def __str__(self) -> str:
        return "wanted to hang up"


Step: TypeAlias = (
    Listen | Say | Play | Interrupt | Press | StaySilent | StayOnLine | Converse | HangUp
)
