"""A condominium's own sentences: what they must be like to be said in place of ours."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from conversation.texts.catalogue import Texts, TextsError, placeholders_of
from tts.engine import SynthesisError
from tts.normalising import normaliser_for
from tts.normalising.markup import tidy, without_markup

LONGEST: Final = 300
"""Characters of a sentence: some twenty seconds, in which somebody stands in the rain."""
MOST_VARIANTS: Final = 10
_SPOKEN: Final = frozenset("°%$€£&@+")
"""Signs that the rules turn into words."""
_WRITTEN: Final = frozenset(".,;:!?¡¿…-–—'\"“”‘’()/ªº")
"""Signs that a voice takes for pauses and tone, or passes over."""
_STAND_IN: Final = "um"
"""A placeholder's value, while its sentence is looked at."""


def check_override(
    texts: Texts, key: str, variants: Sequence[str], known: Iterable[str]
) -> tuple[str, ...]:
    """The variants as they will be said; ``known`` are the values that are there for this text.

    Each has to hold every value that all of our own variants hold, and none that is not known.
    Raises :class:`TextsError` with what is wrong in plain words.
    """
    if not 1 <= len(variants) <= MOST_VARIANTS:
        raise TextsError(f"{len(variants)} sentences were given; give 1 to {MOST_VARIANTS}")
    needed = frozenset.intersection(*(placeholders_of(own) for own in texts.variants(key)))
    return tuple(_checked(texts.language, each, needed, frozenset(known)) for each in variants)


def usable_overrides(
    texts: Texts, given: Mapping[str, Sequence[str]], known: Mapping[str, Iterable[str]]
) -> tuple[Texts, list[str]]:
    """``texts`` with every override that can be said, and what is wrong with each of the others:
    somebody wrote it with plain SQL, and one bad row shall not silence a doorman."""
    good: dict[str, tuple[str, ...]] = {}
    faults: list[str] = []
    for key, variants in given.items():
        if key not in known:
            faults.append(f'there is no text "{key}"')
            continue
        try:
            good[key] = check_override(texts, key, variants, known[key])
        except TextsError as error:
            faults.append(f'"{key}": {error}')
    return texts.with_overrides(good), faults


def _checked(language: str, written: str, needed: frozenset[str], known: frozenset[str]) -> str:
    said = unicodedata.normalize("NFC", written).strip()
    if len(said) > LONGEST:
        raise TextsError(f"a sentence has {len(said)} characters; at most {LONGEST} are said")
    found = placeholders_of(said)
    if missing := needed - found:
        raise TextsError(f"{{{min(missing)}}} is missing: our own sentences all say it")
    if unknown := found - known:
        there = ", ".join(f"{{{name}}}" for name in sorted(known)) or "nothing"
        raise TextsError(f"{{{min(unknown)}}} is not known here; there is {there}")
    check_speakable(language, re.sub(r"\{[a-z_]+\}", _STAND_IN, said))
    return said


def check_speakable(language: str, said: str) -> None:
    """Raises :class:`TextsError` for a sentence that a voice cannot say as it is written."""
    unspoken = [sign for sign in dict.fromkeys(said) if not _is_speakable(sign)]
    if unspoken:
        named = ", ".join(_name(sign) for sign in unspoken[:5])
        raise TextsError(f"the voice cannot say {named}; write it in words or leave it out")
    if tidy(without_markup(said)) != tidy(said):
        raise TextsError("it holds markup such as <b> or **, which no voice says; leave it out")
    try:
        normaliser_for(language).normalise(said)
    except SynthesisError as error:
        raise TextsError(f"it cannot be said: {error}") from error


def _is_speakable(sign: str) -> bool:
    """Letters of the Latin alphabet, digits, and the signs that mean something to a voice."""
    if sign.isalpha():
        return "LATIN" in unicodedata.name(sign, "") or sign in _WRITTEN
    combining = unicodedata.combining(sign) > 0
    return sign == " " or sign in "0123456789" or combining or sign in _SPOKEN | _WRITTEN


def _name(sign: str) -> str:
    name = unicodedata.name(sign, "").lower() or f"U+{ord(sign):04X}"
    return f"“{sign}” ({name})" if sign.isprintable() else name
