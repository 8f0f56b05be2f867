"""Units and their residents, and the canonical form of a unit's number and block."""

from dataclasses import dataclass

from conversation.rules.words import fold


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody who can authorise; ``phones`` in the order in which they are to be called."""

    name: str
    phones: tuple[str, ...] = ()
    language: str | None = None
    """What they want to be called in (BCP 47); the extension's own without it."""


@dataclass(frozen=True, slots=True)
class Unit:
    """An apartment or house; ``block`` is None where the condominium has none."""

    number: str
    block: str | None = None
    residents: tuple[Resident, ...] = ()

    @property
    def key(self) -> str:
        """What identifies the unit in a snapshot: "B/501", or "/501" without a block."""
        return f"{canonical_block(self.block) or ''}/{canonical_number(self.number)}"

    def phones(self) -> tuple[str, ...]:
        """The hunt list: the first resident's numbers in order, then the next one's, none twice."""
        return tuple(dict.fromkeys(phone for each in self.residents for phone in each.phones))

    def language_of(self, phone: str) -> str | None:
        """What is spoken to whoever answers a phone: the language of the first whose it is."""
        owner = next((each for each in self.residents if phone in each.phones), None)
        return owner.language if owner is not None else None


def canonical_number(number: str) -> str:
    """ "0501", " 501" and "501" are one apartment; "51-A" is "51A"."""
    letters = "".join(char for char in fold(number) if char.isalnum()).upper()
    return letters.lstrip("0") or letters


def canonical_block(block: str | None) -> str | None:
    """ "b", "B" and "Bloco B" are one block; "Torre Ipê" is "IPE"; empty is no block."""
    words = fold(block or "").split()
    kept = [word for word in words if word not in ("bloco", "torre", "predio", "edificio")]
    text = "".join(char for char in "".join(kept) if char.isalnum()).upper()
    return (text.lstrip("0") or text) or None
