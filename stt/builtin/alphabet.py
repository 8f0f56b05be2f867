"""The characters that the network writes. Class 0 is CTC's blank; class ``i`` is
``CHARS[i - 1]``."""

from __future__ import annotations

from typing import Final

CHARS: Final = " abcdefghijklmnopqrstuvwxyzáàâãéêíóôõúüçñ"
BLANK: Final = 0
CLASSES: Final = len(CHARS) + 1
CLASS_OF: Final[dict[str, int]] = {char: i + 1 for i, char in enumerate(CHARS)}


def spell(text: str) -> str:
    """``text`` as the network would write it: lower case, known characters, single spaces.

    Apostrophes vanish (``caixa d'água`` is ``caixa dágua``); anything else unknown parts words.
    """
    kept = "".join(
        char if char in CLASS_OF else "" if char in "'’" else " " for char in text.lower()
    )
    return " ".join(kept.split())
