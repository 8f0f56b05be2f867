"""Latin American Spanish: what a doorman reads out, as a doorman would say it."""

from tts.normalising.markup import tidy, without_markup
from tts.normalising.normaliser import in_words
from tts.normalising.rules import Rule, apply_rules, rule
from tts.normalising.shared_rules import amount_rules, code_rules, number_rules, roman_rules
from tts.normalising.spanish_calendar import CALENDAR_RULES
from tts.normalising.spanish_nouns import NOUN_RULES, is_feminine
from tts.normalising.spanish_numbers import WORDS, ordinal
from tts.normalising.spanish_words import ADDRESS_RULES, KEY_RULES, SIGN_RULES, WORD_RULES
from tts.normalising.speakable import fitted

_NUMBERED = "siglo|capítulo|bloque|torre|tomo|parte|artículo|fase|etapa|sector|volumen"
_QUEENS = {"Isabel", "Beatriz", "Raquel", "Carmen"}


def _named(name: str, value: int) -> str:
    if value > 10:
        return f"{name} {WORDS.cardinal(value)}"
    is_queen = name in _QUEENS or (name.endswith("a") and is_feminine(name.lower()))
    return f"{name} {ordinal(value, is_feminine=is_queen)}"


_RULES: tuple[Rule, ...] = (
    *ADDRESS_RULES,
    *WORD_RULES,
    *CALENDAR_RULES,
    *code_rules(WORDS),
    *amount_rules(WORDS),
    *NOUN_RULES,
    *roman_rules(_NUMBERED, _named, WORDS),
    rule(
        r"(?<![\w.,])(\d{1,3})\s?\.?([ºª°])(?=(\s[a-zñ]))?",
        lambda match: ordinal(
            int(match[1]), is_feminine=match[2] == "ª", is_before_noun=bool(match[3])
        ),
    ),
    rule(
        r"(?<![\w.,])(\d{1,2})(er|ro|do|to|mo|vo|no|ra|da|ta|ma|va|na)\b(?=(\s[a-zñ]))?",
        lambda match: ordinal(
            int(match[1]),
            is_feminine=match[2].endswith("a"),
            is_before_noun=bool(match[3]) or match[2] == "er",
        ),
    ),
    *number_rules(WORDS),
    *SIGN_RULES,
)
"""From the most particular to the most general: what one rule takes, later ones do not see."""


def _once(text: str) -> str:
    plain = without_markup(apply_rules(KEY_RULES, text))
    return tidy(fitted(tidy(apply_rules(_RULES, plain)), "es"))


class SpanishNormaliser:
    """Implements :class:`tts.normalising.Normaliser` for ``es``."""

    def normalise(self, text: str) -> str:
        """``apto. 501 a las 14:30`` as "apartamento quinientos uno a las catorce y treinta"."""
        return in_words(_once, text)
