"""The interface of a normaliser, and what no normaliser accepts."""

from typing import Protocol

from tts.engine import SynthesisError

LONGEST_TEXT = 2000
"""Characters as written: more than two minutes of speech is a mistake of whoever asks for it, and
the rules, some of which are quadratic, stay below 0.1 s on the event loop whatever is written."""


class EmptyTextError(SynthesisError):
    """There is nothing in the text that can be spoken."""


class TextTooLongError(SynthesisError):
    """The text exceeds :data:`LONGEST_TEXT`."""


class Normaliser(Protocol):
    """Turns written text into words and punctuation; what it made, it leaves as it is."""

    def normalise(self, text: str) -> str:
        """The words. Raises :class:`EmptyTextError` and :class:`TextTooLongError`."""


def check(spoken: str, written: str) -> str:
    """``spoken``, if there is anything in it, and ``written`` was of a length to be spoken."""
    if len(written) > LONGEST_TEXT:
        raise TextTooLongError(
            f"a text of {len(written)} characters; at most {LONGEST_TEXT} are spoken at once"
        )
    if not any(character.isalnum() for character in spoken):
        raise EmptyTextError(f"there is nothing to speak in {written[:40]!r}")
    return spoken
