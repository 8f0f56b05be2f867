"""What is heard of a text, and what of it is not: for whoever writes texts and wants to know."""

from dataclasses import dataclass

from tts.normalising.languages import normaliser_for
from tts.normalising.speakable import Unsaid, unsaid


@dataclass(frozen=True, slots=True)
class Saying:
    """``spoken`` are the words; ``unsaid`` is false where all that was written is heard."""

    spoken: str
    unsaid: Unsaid


def saying(text: str, language: str) -> Saying:
    """How ``text`` is said in ``language`` (BCP 47).

    Raises :class:`~tts.normalising.EmptyTextError` and :class:`~tts.normalising.TextTooLongError`.
    """
    spoken = normaliser_for(language).normalise(text)
    return Saying(spoken, unsaid(text, language))
