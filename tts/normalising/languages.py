"""Which normaliser a language gets."""

from tts.normalising.english import EnglishNormaliser
from tts.normalising.markup import tidy, without_markup
from tts.normalising.normaliser import Normaliser, in_words
from tts.normalising.portuguese import PortugueseNormaliser
from tts.normalising.spanish import SpanishNormaliser


class PlainNormaliser:
    """For languages that have no rules of their own: only takes out what is never spoken."""

    def normalise(self, text: str) -> str:
        """See :class:`tts.normalising.Normaliser`; digits stay for the engine to read."""
        return in_words(lambda written: tidy(without_markup(written)), text)


def normaliser_for(language: str) -> Normaliser:
    """The normaliser for a BCP 47 tag such as ``pt-BR``; only its first part is looked at."""
    match language.lower().replace("_", "-").partition("-")[0]:
        case "pt":
            return PortugueseNormaliser()
        case "en":
            return EnglishNormaliser()
        case "es":
            return SpanishNormaliser()
    return PlainNormaliser()
