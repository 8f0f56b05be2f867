"""The interface of a normaliser, and what no normaliser accepts."""

from collections.abc import Callable
from typing import Final, Protocol

from tts.engine import SynthesisError

LONGEST_TEXT = 2000
"""Characters as written: more than two minutes of speech is a mistake of whoever asks for it, and
the rules, some of which are quadratic, stay below 0.1 s on the event loop whatever is written."""


_PASSES: Final = 6


class EmptyTextError(SynthesisError):
    """There is nothing in the text that can be spoken."""


class TextTooLongError(SynthesisError):
    """The text exceeds :data:`LONGEST_TEXT`."""


class Normaliser(Protocol):
    """Turns written text into words and punctuation; what it made, it leaves as it is."""

    def normalise(self, text: str) -> str:
        """The words. Raises :class:`EmptyTextError` and :class:`TextTooLongError`."""


def in_words(once: Callable[[str], str], written: str) -> str:
    """``written`` after ``once``, again and again until that changes nothing: what a rule leaves
    may look like something that an earlier one takes. Odd texts aside, the second time is the last.

    Raises :class:`EmptyTextError` and :class:`TextTooLongError`.
    """
    if len(written) > LONGEST_TEXT:
        raise TextTooLongError(
            f"a text of {len(written)} characters; at most {LONGEST_TEXT} are spoken at once"
        )
    text = written
    for _ in range(_PASSES):
        before, text = text, once(text)
        if text == before:
            break
    if not any(character.isalnum() for character in text):
        raise EmptyTextError(f"there is nothing to speak in {written[:40]!r}")
    return text
