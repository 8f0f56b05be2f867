"""What the formats of neural voices have in common."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from tts.engine import SynthesisError
from tts.neural.network import Feeds, Network


@dataclass(frozen=True, slots=True)
class Speaker:
    """A voice that can be asked for. ``language`` is BCP 47; ``pronounced_by`` is espeak-ng's
    name of the voice whose phonemes it was trained on, or empty where it reads letters."""

    name: str
    language: str
    pronounced_by: str


class Talker(Protocol):
    """One speaker, with its network loaded."""

    network: Network
    speaker: Speaker
    rate_hz: int
    """Of what the network makes."""
    tie: str
    """What joins the letters of one sound in the phonemes that it takes."""
    longest: int
    """Ids that the network takes at a time."""

    def ids(self, phonemes: str) -> tuple[list[int], set[str]]:
        """The network's numbers for ``phonemes``, and the signs that it does not know."""

    def feeds(self, ids: list[int], speed: float) -> Feeds:
        """The network's inputs; ``speed`` is a factor on the natural one."""


class VoiceFolder(Protocol):
    """A folder of voices in one of the formats that people download."""

    speakers: Mapping[str, Speaker]

    def load(self, speaker: Speaker) -> Talker:
        """Read the speaker's files, blocking. Raises :class:`tts.engine.SynthesisError`."""


def find_speaker(speakers: Mapping[str, Speaker], name: str, language: str) -> Speaker:
    """The speaker ``name``, or else the first one of ``language``, best of the same country.

    Raises :class:`tts.engine.SynthesisError` with those that there are.
    """
    if name in speakers:
        return speakers[name]
    same = [each for each in speakers.values() if _base(each.language) == _base(language)]
    if not same:
        there_are = ", ".join(f"{each.name} ({each.language})" for each in speakers.values())
        raise SynthesisError(
            f"no voice {name!r} here, and none that speaks {language}: {there_are}"
        )
    return next((each for each in same if each.language.lower() == language.lower()), same[0])


def bcp47(code: str) -> str:
    """``pt_BR`` or ``pt-br`` as ``pt-BR``."""
    base, _, country = code.replace("_", "-").partition("-")
    return f"{base.lower()}-{country.upper()}" if country else base.lower()


def existing_folder(folder: Path | None, engine: str) -> Path:
    """``folder``, if it is one. Raises :class:`tts.engine.SynthesisError` with what to do."""
    if folder is None:
        raise SynthesisError(
            f"the engine {engine} needs the folder of its voices: set tts.folder "
            "(docs/neural-voices.md)"
        )
    if not folder.is_dir():
        raise SynthesisError(
            f"tts.folder is {folder}, and there is no such folder: name the one with the voices"
        )
    return folder


@lru_cache(maxsize=8)
def edition_of(folder: Path | None) -> str:
    """Changes when the models in ``folder`` do, so that what they said before is made anew.

    Looked at once for each folder: a process that runs goes on with what it has loaded.
    """
    if folder is None or not folder.is_dir():
        return "none"
    files = sorted(path for path in folder.rglob("*") if path.suffix in (".onnx", ".json", ".bin"))
    sizes = [f"{path.relative_to(folder)} {path.stat().st_size}" for path in files]
    return hashlib.blake2b("\n".join(sizes).encode(), digest_size=6).hexdigest()


def _base(language: str) -> str:
    return language.replace("_", "-").partition("-")[0].lower()
