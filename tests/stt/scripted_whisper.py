"""A CTranslate2 Whisper model whose weights are written by hand, without torch.

It hears nothing: whatever the audio, it says the words that it was made with, because each
position of the decoder points at one token. That proves that loading, prompting, threads and the
reading of results work, and nothing at all about recognition. In a shape of a real model's size,
with random weights wherever they do not change what is said, it also costs what that model costs.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from ctranslate2.specs import WhisperSpec
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

Floats = npt.NDArray[np.float32]
SPACE = "\u0120"
"""How GPT-2's vocabulary, and so Whisper's, writes the space before a word."""
UNKNOWN = "[unknown]"
PROMPT = 4
"""Start of transcript, language, task, no timestamps: the last of them is where words begin."""
POSITIONS = 448
LANGUAGES = 99
CODES = ("en", "pt", "es", *(f"x{i}" for i in range(LANGUAGES - 3)))


@dataclass(frozen=True, slots=True)
class Shape:
    """``width`` is also the number of decoder positions that can point at a token; ``plain`` how
    many tokens are words: those of Whisper are 50,257."""

    encoder_layers: int
    decoder_layers: int
    heads: int
    width: int
    plain: int = 50_257
    bands: int = 80

    @property
    def end(self) -> int:
        """The token that ends a text; words come before it."""
        return self.plain

    @property
    def start(self) -> int:
        """The token of the start of a transcript."""
        return self.plain + 1

    @property
    def no_speech(self) -> int:
        """The token that says that nobody spoke."""
        return self.start + LANGUAGES + 5

    @property
    def vocabulary(self) -> int:
        """How many tokens there are, times included."""
        return self.no_speech + 2 + 1501


LITTLE = Shape(1, 1, 2, 64, plain=256)
SHAPES = {
    "tiny": Shape(4, 4, 6, 384),
    "base": Shape(6, 6, 8, 512),
    "small": Shape(12, 12, 12, 768),
    "large-v3-turbo": Shape(32, 4, 20, 1280, bands=128),
}
"""As in OpenAI's ``whisper/model.py`` checkpoints; turbo knows one language more than ours."""


def write_model(
    folder: Path,
    words: Sequence[str],
    *,
    certainty: float = 2.0,
    no_speech: float = -2.0,
    shape: Shape = LITTLE,
    **languages: float,
) -> Path:
    """A model that says ``words``; the larger ``certainty``, the surer (2.0: about 99 %).

    ``no_speech`` does the same for the belief that nothing was said, ``pt``, ``en`` and ``es`` for
    the belief that this language is spoken.
    """
    folder.mkdir(parents=True, exist_ok=True)
    spec = WhisperSpec(shape.encoder_layers, shape.heads, shape.decoder_layers, shape.heads)
    tokens = _tokens(words, shape)
    _Writing(spec, shape).write(_pointers(words, certainty, no_speech, languages, shape), words)
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = []
    spec.config.lang_ids = list(range(shape.start + 1, shape.start + 1 + LANGUAGES))
    spec.config.alignment_heads = [(0, 0)]
    spec.register_vocabulary(tokens)
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(folder))
    _write_tokenizer(folder, tokens, shape)
    (folder / "preprocessor_config.json").write_text(json.dumps({"feature_size": shape.bands}))
    return folder


def _pointers(
    words: Sequence[str],
    certainty: float,
    no_speech: float,
    languages: Mapping[str, float],
    shape: Shape,
) -> Floats:
    """Which token is said where: shape (vocabulary, width); the last column is all that follows."""
    rows = _zeros(shape.vocabulary, shape.width)
    known = {word: number for number, word in enumerate(dict.fromkeys(words), start=1)}
    for position, word in enumerate(words, start=PROMPT - 1):
        rows[known[word], position] = certainty
    rows[shape.end, shape.width - 1] = certainty
    rows[shape.no_speech, 0] = no_speech
    for code, belief in languages.items():
        rows[shape.start + 1 + CODES.index(code), 0] = belief
    return rows


def _tokens(words: Sequence[str], shape: Shape) -> list[str]:
    """The empty token is how CTranslate2 4.8 tells a multilingual model from an English one."""
    plain = [UNKNOWN, *(f"{SPACE}{word}" for word in dict.fromkeys(words))]
    plain += [f"{SPACE}filler{i}" for i in range(shape.end - 1 - len(plain))] + [""]
    special = ["endoftext", "startoftranscript", *CODES, "translate", "transcribe"]
    special += ["startoflm", "startofprev", "nospeech", "notimestamps"]
    tokens = plain + [f"<|{name}|>" for name in special]
    return tokens + [f"<|{i * 0.02:.2f}|>" for i in range(shape.vocabulary - len(tokens))]


def _write_tokenizer(folder: Path, tokens: Sequence[str], shape: Shape) -> None:
    plain = {token: number for number, token in enumerate(tokens[: shape.end])}
    tokenizer = Tokenizer(models.WordLevel(plain, unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement=SPACE)
    tokenizer.decoder = decoders.Metaspace(replacement=SPACE)
    special = [AddedToken(token, special=True) for token in tokens[shape.end :]]
    tokenizer.add_special_tokens(special)
    assert tokenizer.token_to_id("<|startoftranscript|>") == shape.start
    tokenizer.save(str(folder / "tokenizer.json"))


def _zeros(*shape: int) -> Floats:
    return np.zeros(shape, dtype=np.float32)


class _Writing:
    """Fills a specification. A layer's last step is zero, so it adds nothing to what passes."""

    def __init__(self, spec: WhisperSpec, shape: Shape) -> None:
        self._spec = spec
        self._shape = shape
        self._rng = np.random.default_rng(1)

    def write(self, pointers: Floats, words: Sequence[str]) -> None:
        width, encoder, decoder = self._shape.width, self._spec.encoder, self._spec.decoder
        encoder.conv1.weight, encoder.conv1.bias = (
            self._random(width, self._shape.bands, 3),
            _zeros(width),
        )
        encoder.conv2.weight, encoder.conv2.bias = self._random(width, width, 3), _zeros(width)
        encoder.position_encodings.encodings = self._random(1500, width)
        decoder.embeddings.weight = _zeros(self._shape.vocabulary, width)
        decoder.projection.weight = pointers
        decoder.position_encodings.encodings = self._positions(len(words))
        for part in (encoder, decoder):
            self._norm(part.layer_norm)
            for layer in part.layer:
                self._layer(layer)

    def _positions(self, words: int) -> Floats:
        positions = _zeros(POSITIONS, self._shape.width)
        place = np.arange(POSITIONS)
        last = self._shape.width - 1
        positions[place, np.where(place < PROMPT - 1 + words, place, last)] = 1
        return positions

    def _random(self, *shape: int) -> Floats:
        return self._rng.normal(0.0, 0.02, shape).astype(np.float32)

    def _linear(self, spec: object, out: int, into: int, *, last: bool = False) -> None:
        weight = _zeros(out, into) if last else self._random(out, into)
        spec.weight, spec.bias = weight, _zeros(out)  # type: ignore[attr-defined]

    def _norm(self, spec: object) -> None:
        width = self._shape.width
        spec.gamma, spec.beta = np.ones(width, np.float32), _zeros(width)  # type: ignore[attr-defined]

    def _layer(self, spec: object) -> None:
        width = self._shape.width
        for attention, factors in (("self_attention", (3, 1)), ("attention", (1, 2, 1))):
            part = getattr(spec, attention, None)
            if part is None:
                continue
            self._norm(part.layer_norm)
            for number, (linear, factor) in enumerate(zip(part.linear, factors, strict=True)):
                self._linear(linear, factor * width, width, last=number == len(factors) - 1)
        feed_forward = spec.ffn  # type: ignore[attr-defined]
        self._norm(feed_forward.layer_norm)
        self._linear(feed_forward.linear_0, 4 * width, width)
        self._linear(feed_forward.linear_1, width, 4 * width, last=True)
