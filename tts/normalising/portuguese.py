"""Brazilian Portuguese: what a doorman reads out, as a doorman would say it."""

from tts.normalising.markup import tidy, without_markup
from tts.normalising.normaliser import in_words
from tts.normalising.portuguese_amounts import AMOUNT_RULES, NUMBER_RULES
from tts.normalising.portuguese_calendar import CALENDAR_RULES, DATE_RULES
from tts.normalising.portuguese_codes import ADDRESS_RULES, CODE_RULES
from tts.normalising.portuguese_places import PLACE_RULES
from tts.normalising.portuguese_words import KEY_RULES, SIGN_RULES, WORD_RULES
from tts.normalising.rules import apply_rules
from tts.normalising.speakable import fitted

_RULES = (
    *ADDRESS_RULES,
    *WORD_RULES,
    *DATE_RULES,
    *CODE_RULES,
    *CALENDAR_RULES,
    *AMOUNT_RULES,
    *PLACE_RULES,
    *NUMBER_RULES,
    *SIGN_RULES,
)
"""From the most particular to the most general: what one rule takes, later ones do not see."""


def _once(text: str) -> str:
    plain = without_markup(apply_rules(KEY_RULES, text))
    return tidy(fitted(tidy(apply_rules(_RULES, plain)), "pt"))


class PortugueseNormaliser:
    """Implements :class:`tts.normalising.Normaliser` for pt-BR."""

    def normalise(self, text: str) -> str:
        """``Apto. 501, bl. B`` as "Apartamento quinhentos e um, bloco bê"."""
        return in_words(_once, text)
