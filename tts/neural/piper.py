"""Voices in Piper's format: ``NAME.onnx`` with ``NAME.onnx.json`` beside it.

The network is a VITS: it takes phonemes as numbers with a blank between any two, and three
scales. Names, shapes and order are those of the files that Piper's voice collection holds.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, Field, ValidationError

from tts.engine import SynthesisError
from tts.neural.network import Feeds, Network
from tts.neural.voices import Speaker, bcp47, existing_folder

ENGINE: Final = "piper"
_BLANK, _BEGIN, _END = "_", "^", "$"
_LONGEST = 2000
_NEEDED = (frozenset({"input"}), frozenset({"input_lengths"}), frozenset({"scales"}))


class _Audio(BaseModel):
    sample_rate: int = Field(ge=8000, le=48000)


class _Espeak(BaseModel):
    voice: str = ""


class _Inference(BaseModel):
    noise_scale: float = 0.667
    length_scale: float = Field(default=1.0, gt=0)
    noise_w: float = 0.8


class _Language(BaseModel):
    code: str


class _Config(BaseModel):
    """What we need of a voice's JSON file; anything else in it is ignored."""

    audio: _Audio
    espeak: _Espeak = _Espeak()
    inference: _Inference = _Inference()
    language: _Language | None = None
    phoneme_type: str = "espeak"
    phoneme_id_map: dict[str, list[int]]
    speaker_id_map: dict[str, int] = {}


class PiperFolder:
    """Implements :class:`tts.neural.voices.VoiceFolder`.

    A file with several speakers has them under ``NAME#SPEAKER``, and the first also as ``NAME``.
    """

    def __init__(self, folder: Path | None) -> None:
        """Raises :class:`tts.engine.SynthesisError` where nothing in it can be used."""
        self._folder = existing_folder(folder, ENGINE)
        found = sorted(self._folder.glob("*.onnx"))
        if not found:
            raise SynthesisError(
                f"no voice in {folder}: it has to hold NAME.onnx and NAME.onnx.json"
            )
        self._configs = {path.stem: _read(path) for path in found}
        self.speakers: Mapping[str, Speaker] = {
            each.name: each for name in self._configs for each in self._speakers_of(name)
        }

    def load(self, speaker: Speaker) -> "PiperTalker":
        """See :meth:`tts.neural.voices.VoiceFolder.load`."""
        name, _, person = speaker.name.partition("#")
        return PiperTalker(
            Network(self._folder / f"{name}.onnx", _NEEDED), self._configs[name], speaker, person
        )

    def _speakers_of(self, name: str) -> Iterator[Speaker]:
        config = self._configs[name]
        language = bcp47(config.language.code if config.language else config.espeak.voice)
        by = config.espeak.voice if config.phoneme_type == "espeak" else ""
        for each in (name, *(f"{name}#{person}" for person in config.speaker_id_map)):
            yield Speaker(each, language, by)


class PiperTalker:
    """Implements :class:`tts.neural.voices.Talker`."""

    tie = ""
    longest = _LONGEST

    def __init__(self, network: Network, config: _Config, speaker: Speaker, person: str) -> None:
        self.network = network
        self.speaker = speaker
        self.rate_hz = config.audio.sample_rate
        self._config = config
        self._person = config.speaker_id_map.get(person, 0)

    def ids(self, phonemes: str) -> tuple[list[int], set[str]]:
        """See :class:`tts.neural.voices.Talker`; marks that combine are signs of their own."""
        numbers = self._config.phoneme_id_map
        blank = numbers[_BLANK]
        ids, unknown = [*numbers[_BEGIN], *blank], set()
        for sign in unicodedata.normalize("NFD", phonemes):
            if sign in numbers:
                ids += [*numbers[sign], *blank]
            else:
                unknown.add(sign)
        return [*ids, *numbers[_END]], unknown

    def feeds(self, ids: list[int], speed: float) -> Feeds:
        """See :class:`tts.neural.voices.Talker`."""
        how = self._config.inference
        scales = [how.noise_scale, how.length_scale / speed, how.noise_w]
        feeds: dict[str, npt.NDArray[Any]] = {
            "input": np.array([ids], np.int64),
            "input_lengths": np.array([len(ids)], np.int64),
            "scales": np.array(scales, np.float32),
        }
        if "sid" in self.network.inputs:
            feeds["sid"] = np.array([self._person], np.int64)
        return feeds


def language_of(name: str) -> str | None:
    """The language that a voice's name begins with (``pt_BR-faber-medium``), if it does."""
    code, dash, _ = name.partition("-")
    base, _, country = code.partition("_")
    return bcp47(code) if dash and len(base) == len(country) == 2 else None


def _read(model: Path) -> _Config:
    path = model.with_name(f"{model.name}.json")
    try:
        config = _Config.model_validate_json(path.read_bytes())
    except OSError as missing:
        raise SynthesisError(
            f"{model} has no {path.name} beside it: download both files of a voice"
        ) from missing
    except ValidationError as wrong:
        first = wrong.errors()[0]
        where = ".".join(map(str, first["loc"])) or "it"
        raise SynthesisError(f"{path} is no voice of Piper's: {where}: {first['msg']}") from wrong
    if config.phoneme_type not in ("espeak", "text"):
        raise SynthesisError(f"{path}: phonemes of type {config.phoneme_type} cannot be made here")
    if missing_signs := {_BLANK, _BEGIN, _END} - config.phoneme_id_map.keys():
        raise SynthesisError(f"{path}: phoneme_id_map lacks {' '.join(sorted(missing_signs))}")
    return config
