"""Text as people write it, made into words as people say them, per language."""

from tts.normalising.languages import PlainNormaliser, normaliser_for
from tts.normalising.normaliser import (
    LONGEST_TEXT,
    EmptyTextError,
    Normaliser,
    TextTooLongError,
)
from tts.normalising.saying import Saying, saying
from tts.normalising.speakable import Unsaid, unsaid

__all__ = [
    "LONGEST_TEXT",
    "EmptyTextError",
    "Normaliser",
    "PlainNormaliser",
    "Saying",
    "TextTooLongError",
    "Unsaid",
    "normaliser_for",
    "saying",
    "unsaid",
]
