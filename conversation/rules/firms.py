"""Firms of Brazil that are called the same in every language, and what they come for."""

from conversation.rules.companies import Company
from conversation.rules.pt_br.companies import KNOWN
from conversation.rules.words import fold

_EVERYDAY = ("net", "oi", "tim", "light", "sky", "claro", "vivo", "99", "natura", "otis", "enel")
_SPELT = {"mcdonald's": "mcdonalds", "habib's": "habibs"}


def brands(of: str) -> dict[str, Company]:
    """Every brand by its folded name, with ``of`` before it; shops without a name are each
    language's own."""
    named = [(name, purpose) for name, _, purpose, _ in KNOWN if not name[0].islower()]
    return {
        _SPELT.get(fold(name), fold(name)): Company(name, of, purpose) for name, purpose in named
    }


EVERYDAY_BRANDS = frozenset(_EVERYDAY)
"""Brands that are everyday words too: they count only after "from"."""
