"""The interface of a normaliser, and the choice of one by language."""

from typing import Protocol

from tts.engine import SynthesisError

LONGEST_TEXT = 5000
"""Characters before normalising: more than five minutes of speech is a mistake of the caller."""


class EmptyTextError(SynthesisError):
    """There is nothing in the text that can be spoken."""


class TextTooLongError(SynthesisError):
    """The text exceeds :data:`LONGEST_TEXT`."""


class Normaliser(Protocol):
    """Turns written text into words; idempotent on its own output."""

    def normalise(self, text: str) -> str:
        """Words and punctuation only. Raises :class:`EmptyTextError`, :class:`TextTooLongError`."""


class PlainNormaliser:
    """Joins white space."""

    def normalise(self, text: str) -> str:
        """See :class:`Normaliser`."""
        return check(" ".join(text.split()), text)


def check(spoken: str, written: str) -> str:
    """``spoken``, if both are of a length that can be spoken."""
    if len(written) > LONGEST_TEXT:
        raise TextTooLongError(
            f"a text of {len(written)} characters; at most {LONGEST_TEXT} are spoken at once"
        )
    if not any(character.isalnum() for character in spoken):
        raise EmptyTextError(f"there is nothing to speak in {written[:40]!r}")
    return spoken


def normaliser_for(language: str) -> Normaliser:
    """The normaliser for a BCP 47 tag such as ``pt-BR``."""
    return PlainNormaliser()
