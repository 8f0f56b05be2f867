"""English: what a doorman reads out, as a doorman would say it."""

from tts.normalising.english_calendar import CALENDAR_RULES
from tts.normalising.english_numbers import WORDS
from tts.normalising.english_words import ADDRESS_RULES, KEY_RULES, SIGN_RULES, WORD_RULES
from tts.normalising.markup import tidy, without_markup
from tts.normalising.normaliser import in_words
from tts.normalising.rules import Rule, apply_rules, rule
from tts.normalising.shared_rules import amount_rules, code_rules, number_rules, roman_rules
from tts.normalising.speakable import fitted

_NUMBERED = "chapter|part|volume|phase|section|block|tower|type|war|act|century|stage"


def _named(name: str, value: int) -> str:
    return f"{name} the {WORDS.ordinal(value)}"


_RULES: tuple[Rule, ...] = (
    *ADDRESS_RULES,
    *WORD_RULES,
    *CALENDAR_RULES,
    *code_rules(WORDS),
    *amount_rules(WORDS),
    *roman_rules(_NUMBERED, _named, WORDS),
    rule(r"\b(\d+)(?:st|nd|rd|th)\b", lambda match: WORDS.ordinal(int(match[1]))),
    *number_rules(WORDS),
    *SIGN_RULES,
)
"""From the most particular to the most general: what one rule takes, later ones do not see."""


def _once(text: str) -> str:
    plain = without_markup(apply_rules(KEY_RULES, text))
    return tidy(fitted(tidy(apply_rules(_RULES, plain)), "en"))


class EnglishNormaliser:
    """Implements :class:`tts.normalising.Normaliser` for ``en``."""

    def normalise(self, text: str) -> str:
        """``Apt. 501 at 2:30 pm`` as "apartment five hundred and one at two thirty p m"."""
        return in_words(_once, text)
