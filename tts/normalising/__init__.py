"""Text as people write it, made into words as people say them, per language."""

from tts.normalising.normaliser import (
    LONGEST_TEXT,
    EmptyTextError,
    Normaliser,
    PlainNormaliser,
    TextTooLongError,
    normaliser_for,
)

__all__ = [
    "LONGEST_TEXT",
    "EmptyTextError",
    "Normaliser",
    "PlainNormaliser",
    "TextTooLongError",
    "normaliser_for",
]
