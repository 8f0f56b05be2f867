"""How a Brazilian name sounds, whatever its spelling: "Wellington" and "Uelinton" are one."""

import re

from conversation.rules.words import fold

_SOUNDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"([^s])\1+", r"\1"),
        (r"^h", ""),
        (r"^s(?=[ptkqm]|c[^h])", "es"),
        (r"(?<=u)a[nm]$", "a"),
        (r"ie$", "i"),
        (r"ph", "f"),
        (r"ch(?=[rl])", "k"),
        (r"sch|sh|ch", "x"),
        (r"th", "t"),
        (r"lh", "li"),
        (r"nh", "ni"),
        (r"gu(?=[ei])", "g0"),
        (r"qu(?=[ei])|ck|q", "k"),
        (r"c(?=[eiy])|ss|z|ç", "s"),
        (r"c", "k"),
        (r"g(?=[eiy])", "j"),
        (r"g0", "g"),
        (r"w(?=[aeiouy])|^w", "u"),
        (r"^u(?=[aeio])", "v"),
        (r"w", "u"),
        (r"y", "i"),
        (r"(?<=[aeiou])l(?=[^aeiou]|$)", "u"),
        (r"(?<=[aeiou])n(?=[^aeiou]|$)", "m"),
        (r"g(?=[^aeiou]|$)|h", ""),
        (r"x$", "s"),
        (r"(.)\1+", r"\1"),
        (r"(?<=.)[iey](?=$)", "i"),
        (r"(?<=.)[ou]$", "u"),
        (r"s$", ""),
    )
)
"""In order. Final l sounds like u, final n like m, w like u or v (Washington, Wagner: both "v");
nobody says an s before a consonant without an e ("Stephanie"), and Kauã is written Kauan too."""


def sound_of(word: str) -> str:
    """A key that is equal for words that sound alike in Brazilian Portuguese."""
    key = fold(word)
    for pattern, sound in _SOUNDS:
        key = pattern.sub(sound, key)
    return key
