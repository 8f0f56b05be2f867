"""Names of voices and languages, as XTTS has them; nothing here needs a model."""

import re
from typing import Final

from tts.engine import Voice

ENGINE: Final = "xtts"
OWN: Final = ""
"""The name of the voice that the settings name, or the first one of the model."""
LANGUAGES: Final = (
    *("ar", "cs", "de", "en", "es", "fr", "hi", "hu", "it", "ja", "ko", "nl", "pl", "pt", "ru"),
    *("tr", "zh"),
)
"""What XTTS-v2 speaks (its tokenizer's ``char_limits``)."""
_LANGUAGE: Final = re.compile(r"([a-z]{2})(?:-([a-zA-Z0-9]{2,4}))?(?:\+\w+)?")


def xtts_voice(name: str | None, language: str, *, speed: float = 1.0) -> Voice:
    """The voice ``name`` speaking ``language``; what is espeak-ng's name of a language, such as
    ``pt-br+f2``, is our own voice in that one."""
    match = _LANGUAGE.fullmatch(name or "")
    if match is None:
        return Voice(ENGINE, name or OWN, language, speed=speed)
    base, region = match.groups()
    same = base == language.partition("-")[0].lower()
    spoken = language if same else f"{base}-{region.upper()}" if region else base
    return Voice(ENGINE, OWN, spoken, speed=speed)


def base_language(language: str) -> str:
    """``pt`` of ``pt-BR``."""
    return language.partition("-")[0].lower()
