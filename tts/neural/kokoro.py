"""Voices of Kokoro-82M as ONNX: a network, a vocabulary, and a table of styles for each voice.

The folder is what the ONNX editions of the model hold: ``model.onnx`` (or one other ``.onnx``, also
in ``onnx/``), ``config.json`` or ``tokenizer.json`` with the vocabulary, and ``voices/NAME.bin``
(float32, 256 for each length of text) or one ``voices*.bin``/``.npz`` with all of them.
"""

import json
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from tts.engine import SynthesisError
from tts.neural.network import Feeds, Floats, Network
from tts.neural.voices import Speaker, existing_folder

ENGINE: Final = "kokoro"
RATE_HZ: Final = 24000
_STYLE_WIDTH = 256
_LONGEST = 510
_IDS, _STYLE, _SPEED = (
    frozenset({"input_ids", "tokens"}),
    frozenset({"style"}),
    frozenset({"speed"}),
)
_LANGUAGES = {
    "a": ("en-US", "en-us"),
    "b": ("en-GB", "en-gb"),
    "e": ("es", "es"),
    "f": ("fr-FR", "fr-fr"),
    "h": ("hi", "hi"),
    "i": ("it", "it"),
    "p": ("pt-BR", "pt-br"),
}
"""A voice's first letter: its language, and espeak-ng's voice for it. Japanese and Chinese are
pronounced by other programs than espeak-ng, and so are not offered."""

_TIE: Final = "^"
_SPELLING = {
    "a^ɪ": "I", "a^ʊ": "W", "d^z": "ʣ", "d^ʒ": "ʤ", "e^ɪ": "A", "o^ʊ": "O", "ə^ʊ": "Q",
    "s^s": "S", "t^s": "ʦ", "t^ʃ": "ʧ", "ɔ^ɪ": "Y",
}  # fmt: skip
_ENGLISH = {
    "e^ə": "ɛː", "ə^l": "ᵊl", "ɚ": "əɹ", "ʔ": "t", "r": "ɹ", "x": "k", "ɐ": "ə", "ɬ": "l", "ʲ": "",
    "\u0303": "", "\u0329": "", "o": "ɔ", "e": "A",
}  # fmt: skip
_AMERICAN = {"ɜː^ɹ": "ɜɹ", "ɜːɹ": "ɜɹ", "ɜː": "ɜɹ", "ɪə": "iə", "ː": ""}
"""How the training data of the model writes what espeak-ng says: as misaki, its own package."""


class KokoroFolder:
    """Implements :class:`tts.neural.voices.VoiceFolder`."""

    def __init__(self, folder: Path | None) -> None:
        """Raises :class:`tts.engine.SynthesisError` where it is not whole."""
        self._folder = existing_folder(folder, ENGINE)
        self._model = _model_file(self._folder)
        self._vocabulary = _vocabulary(self._folder)
        self._styles = _style_files(self._folder)
        self.speakers: Mapping[str, Speaker] = {
            name: Speaker(name, *_LANGUAGES[name[0]])
            for name in sorted(self._styles)
            if name[0] in _LANGUAGES
        }
        if not self.speakers:
            raise SynthesisError(f"no voice in {folder}: it has to hold voices/NAME.bin")
        self._network: Network | None = None

    def load(self, speaker: Speaker) -> "KokoroTalker":
        """See :meth:`tts.neural.voices.VoiceFolder.load`; all voices share the network."""
        if self._network is None:
            self._network = Network(self._model, (_IDS, _STYLE, _SPEED))
        style = _style(self._styles[speaker.name], speaker.name)
        return KokoroTalker(self._network, self._vocabulary, style, speaker)


class KokoroTalker:
    """Implements :class:`tts.neural.voices.Talker`."""

    rate_hz = RATE_HZ
    tie = _TIE
    longest = _LONGEST

    def __init__(
        self, network: Network, vocabulary: Mapping[str, int], style: Floats, speaker: Speaker
    ) -> None:
        self.network = network
        self.speaker = speaker
        self._vocabulary = vocabulary
        self._style = style

    def ids(self, phonemes: str) -> tuple[list[int], set[str]]:
        """See :class:`tts.neural.voices.Talker`."""
        spelled = list(self._signs(spelling(phonemes, self.speaker.language)))
        known = [sign for sign in spelled if sign in self._vocabulary]
        return [self._vocabulary[sign] for sign in known], set(spelled) - set(known)

    def _signs(self, spelled: str) -> Iterator[str]:
        """One by one; a letter with its tilde in parts, unless the vocabulary has it as one."""
        for sign in spelled:
            yield from sign if sign in self._vocabulary else unicodedata.normalize("NFD", sign)

    def feeds(self, ids: list[int], speed: float) -> Feeds:
        """See :class:`tts.neural.voices.Talker`. A file whose ``speed`` is a whole number (there
        are such) only knows the natural one and its multiples."""
        style = self._style[min(max(len(ids), 1), len(self._style)) - 1]
        tokens = next(iter(_IDS & self.network.inputs.keys()))
        if np.issubdtype(self.network.inputs["speed"] or np.float32, np.integer):
            speed = max(1, round(speed))
        return {
            tokens: self.network.typed(tokens, [[0, *ids, 0]]),
            "style": self.network.typed("style", style.reshape(1, _STYLE_WIDTH)),
            "speed": self.network.typed("speed", [speed]),
        }


def spelling(phonemes: str, language: str) -> str:
    """espeak-ng's phonemes, tied by ``^``, as the model's training wrote them."""
    tables = [_SPELLING]
    if language.startswith("en"):
        tables.append(_ENGLISH)
    if language == "en-US":
        tables.append(_AMERICAN)
    for table in tables:
        for heard, written in table.items():
            phonemes = phonemes.replace(heard, written)
    return phonemes.replace(_TIE, "").replace("-", "")


def language_of(name: str) -> str | None:
    """The language that a voice's name stands for (``pf_dora``), if it is such a name."""
    known = name[1:3] in ("f_", "m_") and name[0] in _LANGUAGES
    return _LANGUAGES[name[0]][0] if known else None


def _model_file(folder: Path) -> Path:
    for path in (folder / "model.onnx", folder / "onnx" / "model.onnx"):
        if path.is_file():
            return path
    found = sorted([*folder.glob("*.onnx"), *folder.glob("onnx/*.onnx")])
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or "none"
        raise SynthesisError(
            f"which model of {folder} is to be used? It holds {names}; keep one, as model.onnx"
        )
    return found[0]


def _vocabulary(folder: Path) -> dict[str, int]:
    for name in ("config.json", "tokenizer.json"):
        path = folder / name
        if not path.is_file():
            continue
        try:
            document = json.loads(path.read_bytes())
            found = document.get("vocab") or document.get("model", {}).get("vocab")
            if found:
                return {str(sign): int(number) for sign, number in found.items()}
        except (ValueError, TypeError, AttributeError) as broken:
            raise SynthesisError(f"{path} is not Kokoro's: {broken}") from broken
    raise SynthesisError(
        f"no vocabulary in {folder}: it has to hold Kokoro's config.json or tokenizer.json"
    )


def _style_files(folder: Path) -> dict[str, Path]:
    found = {path.stem: path for path in folder.glob("voices/??_*.bin")}
    for path in [*folder.glob("voices*.bin"), *folder.glob("voices*.npz")]:
        found |= dict.fromkeys(_archive(path), path)
    return found


def _archive(path: Path) -> Mapping[str, Any]:
    try:
        archive = np.load(path, allow_pickle=False)
    except (ValueError, OSError) as broken:
        raise SynthesisError(f"{path} is no archive of voices: {broken}") from broken
    if not isinstance(archive, Mapping):
        raise SynthesisError(f"{path} is no archive of voices")
    return archive


def _style(path: Path, name: str) -> Floats:
    try:
        raw = np.fromfile(path, "<f4") if path.stem == name else _archive(path)[name]
        return np.asarray(raw, np.float32).reshape(-1, _STYLE_WIDTH)
    except (ValueError, OSError) as broken:
        raise SynthesisError(f"{path} is no voice of Kokoro's: {broken}") from broken
