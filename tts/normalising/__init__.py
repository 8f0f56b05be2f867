"""Text as people write it, made into words as people say them, per language."""

from tts.normalising.languages import PlainNormaliser, normaliser_for
from tts.normalising.normaliser import (
    LONGEST_TEXT,
    EmptyTextError,
    Normaliser,
    TextTooLongError,
)

__all__ = [
    "LONGEST_TEXT",
    "EmptyTextError",
    "Normaliser",
    "PlainNormaliser",
    "TextTooLongError",
    "normaliser_for",
]
