"""Slots by rules: what a turn says, without a model, in microseconds."""

from collections.abc import Callable, Iterable, Mapping

from conversation.rules.en.extraction import EnRules
from conversation.rules.es.extraction import EsRules
from conversation.rules.protocol import Rules
from conversation.rules.pt_br.extraction import PtBrRules

__all__ = ["LANGUAGES", "Rules", "rules_for"]


def rules_for(language: str, names: Iterable[str] = ()) -> Rules:
    """The rules for a BCP 47 ``language``; ``names`` are words of the directory, never mended.

    Raises ``ValueError`` for a language that has no rules yet.
    """
    made = _RULES.get(language.lower().replace("_", "-").partition("-")[0])
    if made is None:
        known = ", ".join(LANGUAGES)
        raise ValueError(f'no rules for the language "{language}"; there are rules for {known}')
    return made(names)


_RULES: Mapping[str, Callable[[Iterable[str]], Rules]] = {
    "pt": PtBrRules,
    "en": EnRules,
    "es": EsRules,
}
LANGUAGES = ("pt-BR", "en", "es")
"""Those that there are rules for."""
