"""What is heard of a text, and what of it is not: for whoever writes texts and wants to know."""

from dataclasses import dataclass

from tts.normalising.languages import normaliser_for
from tts.normalising.speakable import Unsaid, unsaid


@dataclass(frozen=True, slots=True)
class Saying:
    """``spoken`` are the words; ``unsaid`` is false where all that was written is heard."""

    spoken: str
    unsaid: Unsaid

    def complaint(self) -> str | None:
        """One sentence about what is not heard as it is written; none where all is."""
        parts = []
        if self.unsaid.dropped:
            parts.append(f"nothing is said for {_listed(self.unsaid.dropped)}")
        if self.unsaid.replaced:
            pairs = tuple(f"{written} ({said})" for written, said in self.unsaid.replaced)
            parts.append(f"said as something near: {_listed(pairs)}")
        if self.unsaid.markup:
            parts.append(f"markup is left out: {_listed(self.unsaid.markup)}")
        return "; ".join(parts) or None


def saying(text: str, language: str) -> Saying:
    """How ``text`` is said in ``language`` (BCP 47).

    Raises :class:`~tts.normalising.EmptyTextError` and :class:`~tts.normalising.TextTooLongError`.
    """
    spoken = normaliser_for(language).normalise(text)
    return Saying(spoken, unsaid(text, language))


def _listed(things: tuple[str, ...]) -> str:
    shown = ", ".join(things[:10])
    return f"{shown} and {len(things) - 10} more" if len(things) > 10 else shown
