"""Which language a caller speaks, where the extension leaves it open."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

AUTO = "auto"
_LEAST = 0.02
"""No detector is surer than this of what a language is not, by one utterance alone."""
_WHOLE_AFTER_S = 2.0
"""Shorter utterances count for less: "ok" is every language."""
_MOST_STUBBORN = math.log(20)
"""What was spoken before is at most 20 times likelier, so a caller can still change over."""


def choices(language: str, allowed: Sequence[str]) -> tuple[str, ...]:
    """The languages that ``language`` leaves open: itself, all of ``allowed`` for ``auto``, or
    those that are listed, as in ``auto:pt-BR,en``."""
    kind, _, listed = language.partition(":")
    if kind.lower() != AUTO:
        return (language,)
    return tuple(tag.strip() for tag in listed.split(",") if tag.strip()) or tuple(allowed)


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a detector made of one utterance: how likely each language is, and how much it counts
    (0..1, less for a short one)."""

    heard: Mapping[str, float]
    weight: float


class LanguageEvidence:
    """What one caller seemed to speak in each utterance so far; kept as long as the call."""

    def __init__(self, before: Iterable[Spoken] = ()) -> None:
        self._heard: dict[object, Spoken] = {object(): each for each in before}
        self.latest: Spoken | None = None
        """What was noted last here; None before that."""

    def note(self, utterance: object, heard: Mapping[str, float], speech_s: float) -> None:
        """Keep the detector's probabilities; a later look at the same utterance replaces them."""
        self.add(utterance, Spoken(dict(heard), min(1.0, speech_s / _WHOLE_AFTER_S)))

    def add(self, utterance: object, spoken: Spoken) -> None:
        """Keep what a detector elsewhere made of an utterance."""
        self._heard[utterance] = self.latest = spoken

    def spoken(self, but: object = None) -> tuple[Spoken, ...]:
        """All that is known, of other utterances than ``but``: for a detector elsewhere."""
        return tuple(each for utterance, each in self._heard.items() if utterance is not but)

    def weigh(self, heard: Mapping[str, float], utterance: object = None) -> dict[str, float]:
        """The detector's probabilities in the light of the caller's other utterances; sum 1."""
        before = {language: self._score(language, utterance) for language in heard}
        highest = max(before.values())
        likely = {
            language: probability * math.exp(max(before[language] - highest, -_MOST_STUBBORN))
            for language, probability in heard.items()
        }
        return restricted(likely, tuple(heard))

    def _score(self, language: str, but: object) -> float:
        return sum(
            each.weight * math.log(max(_LEAST, each.heard.get(language, 0.0)))
            for each in self.spoken(but)
        )


def restricted(heard: Mapping[str, float], allowed: Sequence[str]) -> dict[str, float]:
    """A detector's probabilities among ``allowed`` alone, made to sum to 1; even if all are 0."""
    total = sum(heard.get(language, 0.0) for language in allowed)
    if total <= 0.0:
        return {language: 1 / len(allowed) for language in allowed}
    return {language: heard.get(language, 0.0) / total for language in allowed}
