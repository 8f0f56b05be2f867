"""Which words of a partial text will stay: those on which two successive hearings agree.

Local agreement of two, after Liu et al., "Low-Latency Sequence-to-Sequence Speech Recognition"
(Interspeech 2020), as streaming uses of Whisper have it.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from stt.recogniser import Transcript


class Agreement:
    """One utterance's hearings, each of all its audio so far."""

    def __init__(self) -> None:
        self._last: tuple[str, ...] = ()
        self._settled: tuple[str, ...] = ()

    @property
    def settled(self) -> int:
        """How many first words of :attr:`words` will not change any more."""
        return len(self._settled)

    @property
    def words(self) -> tuple[str, ...]:
        """The settled words, and after them what was heard last."""
        return self._settled + self._last[len(self._settled) :]

    def partial(self, heard: Transcript, heard_ms: int) -> Transcript:
        """Take the next hearing, of ``heard_ms`` of audio; returns the text so far."""
        self.add(heard.text.split())
        return replace(
            heard,
            text=" ".join(self.words),
            final=False,
            settled=self.settled,
            heard_ms=heard_ms,
        )

    def add(self, heard: Sequence[str]) -> None:
        """Take the next hearing. Settled words stay even if this one has others."""
        pairs = zip(self._last, heard, strict=False)
        agreed = tuple(word for word, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        if len(agreed) > len(self._settled) and agreed[: len(self._settled)] == self._settled:
            self._settled = agreed
        self._last = tuple(heard)
