"""The seam between a conversation and whatever turns speech into text."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from stt.languages import LanguageEvidence

TELEPHONE_HZ = 8000


class RecogniserUnavailableError(Exception):
    """An engine cannot be used; the message says in one sentence why and what to do about it."""


class RecogniserBusyError(Exception):
    """A result was refused at once, because it would have come too late."""


@dataclass(frozen=True, slots=True)
class Word:
    """A recognised word; ``start_ms`` and ``end_ms`` count from the start of the utterance."""

    text: str
    confidence: float
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was heard: lower-case words, no punctuation. ``confidence`` is 0..1, 0 for no text."""

    text: str
    confidence: float
    final: bool
    words: tuple[Word, ...] = ()
    settled: int = 0
    """How many first words of a partial text will stay, where the engine can tell."""
    heard_ms: int = 0
    """How much of the utterance a partial text covers; 0 before there was one."""
    language: str | None = None
    """What was spoken, of the languages that the stream was opened for; None if nobody asked."""
    language_probability: float | None = None
    engine: str | None = None
    """Whose text it is, where a ladder has several engines."""


@dataclass(frozen=True, slots=True)
class Hints:
    """Words and phrases that are likelier than usual, as they are said, in lower case.

    ``boost`` scales how strongly the decoder leans towards them; 0 turns the bias off.
    """

    phrases: tuple[str, ...] = ()
    boost: float = 1.0
    just_said: str = ""
    """Our own last words: text that is nothing else is their echo, or made up."""
    evidence: LanguageEvidence | None = None
    """What the caller spoke so far: read and added to where the stream's language is ``auto``."""


class RecognitionStream(Protocol):
    """One caller's speech on its way to becoming text."""

    def feed(self, samples: npt.NDArray[np.int16]) -> None:
        """Take int16 mono samples at the stream's rate, any number of them; never blocks, never
        computes."""

    @property
    def partial(self) -> Transcript:
        """The newest text of the utterance so far; it may still change."""

    async def early(self) -> Transcript | None:
        """The result of all that was fed, if it can be had without making anybody wait for theirs.

        Asked for at the first moment of silence, when the caller has perhaps finished: None where
        the engine has no time for it, or is so fast that it would gain nothing. Whoever does not
        want it any more cancels it. Raises what :meth:`result` does.
        """

    async def result(self) -> Transcript:
        """The text of all that was fed, as if speech ended here.

        Speculative by design: more audio may be fed afterwards, and a later result covers it too.
        Raises :class:`RecogniserBusyError` or ``TimeoutError`` where it cannot be had in time.
        """

    def reset(self) -> None:
        """Forget what was fed: the next sample begins a new utterance."""

    async def close(self) -> None:
        """Free what the stream holds; nothing may be fed afterwards."""


class Recogniser(Protocol):
    """A speech-to-text engine that serves many streams at once."""

    name: str

    @property
    def best_hz(self) -> int:
        """The highest rate that it makes use of: more would only be thrown away."""

    def stream(self, language: str, hints: Hints, rate_hz: int = TELEPHONE_HZ) -> RecognitionStream:
        """A new stream for ``language`` (a BCP 47 tag such as ``pt-BR``; see
        :mod:`stt.languages` for ``auto``), fed at the telephone's rate or at :attr:`best_hz`."""

    async def close(self) -> None:
        """Stop the engine's threads or connections."""
