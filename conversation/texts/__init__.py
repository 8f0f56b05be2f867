"""What is said: sentences as data, one file per language, several variants of each."""

from conversation.texts.catalogue import Phrasebook, Texts, TextsError

__all__ = ["Phrasebook", "Texts", "TextsError"]
