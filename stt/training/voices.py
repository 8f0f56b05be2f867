"""Who speaks in training: espeak-ng's own variants, invented ones, and those held out."""

from __future__ import annotations

import os
import random
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stt.training.grammar.wordlist import words

_LANGUAGES: Final = (
    ("roa", "pt-BR"),
    ("gmw", "en"),
    ("gmw", "en-US"),
    ("gmw", "en-GB-x-rp"),
    ("roa", "es"),
    ("roa", "es-419"),
)

STOCK: Final = ""  # the language's plain voice

# Never used in training, so that "a voice never heard" can be measured.
HELD: Final = words("Marco klatt4 michel marcelo shelby pablo iven3 steph3")

# espeak-ng 1.52 variants a person might sound like; whispers, robots and croaks are left out.
KNOWN: Final = words(
    """
    Alex Alicia Andrea Andy Annie Denis Diogo Gene Gene2 Henrique Hugo Jacky Lee Mario Michael Mike
    Nguyen Reed adam anika antonio aunty belinda benjamin boris caleb david ed edward edward2 f1 f2
    f3 f4 f5 grandma grandpa gustave ian iven iven2 iven4 john kaukovalta klatt klatt2 klatt3 linda
    m1 m2 m3 m4 m5 m6 m7 m8 max miguel mike2 norbert paul pedro quincy rob robert sandro steph
    steph2 travis victor zac
    """
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """How one utterance is spoken.

    ``rate`` in words a minute (espeak-ng's scale, 175 is its default), ``pitch`` and ``span`` 0 to
    99 (50 is the default), ``warp`` scales the vocal tract (formants, pitch and tempo together).
    """

    language: str
    variant: str
    rate: int = 175
    pitch: int = 50
    span: int = 50
    warp: float = 1.0

    @property
    def voice(self) -> str:
        """espeak-ng's voice name."""
        return f"{self.language}+{self.variant}" if self.variant else self.language


class InventedVariants:
    """Endless random variants in a copy (by links) of espeak-ng's data, ``folder``.

    The library lists 350 voices at most but reads a variant's file whenever it is chosen: a few
    names serve in turn, each rewritten before it is used.
    """

    _NAMES: Final = tuple(f"inv{i}" for i in range(8))

    def __init__(self, data_path: str, folder: Path, rng: random.Random) -> None:
        self._rng = rng
        self._used = 0
        self._variants = folder / "voices" / "!v"
        shutil.rmtree(folder, ignore_errors=True)
        self._variants.mkdir(parents=True)
        for entry in os.scandir(data_path):
            if entry.name not in ("voices", "lang"):
                (folder / entry.name).symlink_to(entry.path)
        for group, file in _LANGUAGES:
            (folder / "lang" / group).mkdir(parents=True, exist_ok=True)
            shutil.copy(Path(data_path) / "lang" / group / file, folder / "lang" / group / file)
        for name in KNOWN + HELD:
            shutil.copy(Path(data_path) / "voices" / "!v" / name, self._variants / name)
        for name in self._NAMES:
            (self._variants / name).write_text(_invent(rng, name))

    def draw(self) -> str:
        """A variant's name; it sounds as no other did until the name comes round again."""
        name = self._NAMES[self._used % len(self._NAMES)]
        self._used += 1
        (self._variants / name).write_text(_invent(self._rng, name))
        return name


def _invent(rng: random.Random, name: str) -> str:
    """A random variant: vocal tract, glottis and melody drawn around those of the known ones."""

    def near(mean: float, deviation: float, low: float, high: float) -> int:
        return round(min(high, max(low, rng.gauss(mean, deviation))))

    female = rng.random() < 0.5
    tract = rng.gauss(108 if female else 98, 5)
    spread = rng.choice((0.7, 1.0, 1.0, 2.2))  # some have formants where few people have them
    lines = ["language variant", f"name {name}", f"gender {'female' if female else 'male'}"]
    base = near(175 if female else 95, 30 if female else 18, 60, 280)
    lines.append(f"pitch {base} {round(base * rng.uniform(1.1, 1.8))}")
    for formant in range(9):
        frequency = near(tract, spread * (6 if formant in (1, 2, 3) else 9), 70, 145)
        strength = near(100, 25 * spread, 30, 190)
        width = near(105, 25 * spread, 40, 200)
        if formant >= 6 and rng.random() < 0.3:
            strength = near(30, 20, 0, 60)
        lines.append(f"formant {formant} {frequency} {strength} {width}")
    if rng.random() < 0.3:
        lines.append(f"klatt {rng.choice((1, 2, 3))}")
    if rng.random() < 0.7:
        lines.append(f"voicing {near(90, 35, 30, 200)}")
    if rng.random() < 0.7:
        lines.append(f"consonants {near(95, 22, 50, 150)} {near(95, 25, 40, 150)}")
    if rng.random() < 0.6:
        lines.append(f"roughness {rng.randrange(0, 5)}")
    if rng.random() < 0.6:
        lines.append(f"flutter {rng.randrange(0, 15)}")
    if rng.random() < 0.25:
        breath = [0, *(rng.randrange(1, 6) for _ in range(7))]
        lines.append("breath " + " ".join(map(str, breath)))
    if rng.random() < 0.25:
        lines.append(f"echo {rng.randrange(10, 120)} {rng.randrange(5, 40)}")
    if rng.random() < 0.5:
        low = [rng.randrange(60, 700), rng.randrange(120, 256)]
        middle = [rng.randrange(800, 1600), rng.randrange(60, 220)]
        high = [rng.randrange(2000, 3500), rng.randrange(50, 220)]
        lines.append("tone " + " ".join(map(str, low + middle + high)))
    if rng.random() < 0.35:
        amplitudes = [near(20, 3, 12, 30) for _ in range(8)]
        lines.append("stressAmp " + " ".join(map(str, amplitudes)))
    if rng.random() < 0.2:
        lines.append(f"intonation {rng.choice((1, 2, 3, 4))}")
    return "\n".join(lines) + "\n"
