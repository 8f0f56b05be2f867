"""A tiny CTranslate2 Whisper model whose weights are written by hand, without torch.

It hears nothing: whatever the audio, it says the words that it was made with, because each
position of the decoder points at one token. That proves that loading, prompting, threads and the
reading of results work, and nothing at all about recognition.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from ctranslate2.specs import WhisperSpec
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

Floats = npt.NDArray[np.float32]
SPACE = "\u0120"
"""How GPT-2's vocabulary, and so Whisper's, writes the space before a word."""
UNKNOWN = "[unknown]"
WIDTH = 64
"""Also the number of decoder positions that can point at a token."""
PROMPT = 4
"""Start of transcript, language, task, no timestamps: the last of them is where words begin."""
POSITIONS = 448
LANGUAGES = 99
CODES = ("en", "pt", "es", *(f"x{i}" for i in range(LANGUAGES - 3)))
END = 256
"""Words come before the token that ends a text; Whisper's own vocabulary has 50,257 of them."""
START = END + 1
NO_SPEECH = START + LANGUAGES + 5
VOCABULARY = NO_SPEECH + 2 + 1501


def write_model(
    folder: Path,
    words: Sequence[str],
    *,
    certainty: float = 2.0,
    no_speech: float = -2.0,
    **languages: float,
) -> Path:
    """A model that says ``words``; the larger ``certainty``, the surer (2.0: about 99 %).

    ``no_speech`` does the same for the belief that nothing was said, ``pt``, ``en`` and ``es`` for
    the belief that this language is spoken.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tokens = _tokens(words)
    spec = WhisperSpec(1, 2, 1, 2)
    _fill_encoder(spec)
    _fill_decoder(spec, _pointers(words, certainty, no_speech, languages), len(words))
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = []
    spec.config.lang_ids = list(range(START + 1, START + 1 + LANGUAGES))
    spec.config.alignment_heads = [(0, 0)]
    spec.register_vocabulary(tokens)
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(folder))
    _write_tokenizer(folder, tokens)
    (folder / "preprocessor_config.json").write_text(json.dumps({"feature_size": 80}))
    return folder


def _pointers(
    words: Sequence[str], certainty: float, no_speech: float, languages: Mapping[str, float]
) -> Floats:
    """Which token is said where: shape (vocabulary, width); the last column is all that follows."""
    rows = np.zeros((VOCABULARY, WIDTH), dtype=np.float32)
    known = {word: number for number, word in enumerate(dict.fromkeys(words), start=1)}
    for position, word in enumerate(words, start=PROMPT - 1):
        rows[known[word], position] = certainty
    rows[END, WIDTH - 1] = certainty
    rows[NO_SPEECH, 0] = no_speech
    for code, belief in languages.items():
        rows[START + 1 + CODES.index(code), 0] = belief
    return rows


def _tokens(words: Sequence[str]) -> list[str]:
    """The empty token is how CTranslate2 4.8 tells a multilingual model from an English one."""
    plain = [UNKNOWN, *(f"{SPACE}{word}" for word in dict.fromkeys(words))]
    plain += [f"{SPACE}filler{i}" for i in range(END - 1 - len(plain))] + [""]
    special = ["endoftext", "startoftranscript", *CODES, "translate", "transcribe"]
    special += ["startoflm", "startofprev", "nospeech", "notimestamps"]
    tokens = plain + [f"<|{name}|>" for name in special]
    return tokens + [f"<|{i * 0.02:.2f}|>" for i in range(VOCABULARY - len(tokens))]


def _write_tokenizer(folder: Path, tokens: Sequence[str]) -> None:
    plain = {token: number for number, token in enumerate(tokens[:END])}
    tokenizer = Tokenizer(models.WordLevel(plain, unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement=SPACE)
    tokenizer.decoder = decoders.Metaspace(replacement=SPACE)
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in tokens[END:]])
    assert tokenizer.token_to_id("<|startoftranscript|>") == START
    tokenizer.save(str(folder / "tokenizer.json"))


def _zeros(*shape: int) -> Floats:
    return np.zeros(shape, dtype=np.float32)


def _linear(spec: object, out: int, into: int) -> None:
    spec.weight, spec.bias = _zeros(out, into), _zeros(out)  # type: ignore[attr-defined]


def _norm(spec: object) -> None:
    spec.gamma, spec.beta = np.ones(WIDTH, np.float32), _zeros(WIDTH)  # type: ignore[attr-defined]


def _layer(spec: object) -> None:
    """A transformer layer that adds nothing to what passes through it."""
    for attention, widths in (("self_attention", (3, 1)), ("attention", (1, 2, 1))):
        part = getattr(spec, attention, None)
        if part is None:
            continue
        _norm(part.layer_norm)
        for linear, factor in zip(part.linear, widths, strict=True):
            _linear(linear, factor * WIDTH, WIDTH)
    _norm(spec.ffn.layer_norm)  # type: ignore[attr-defined]
    _linear(spec.ffn.linear_0, WIDTH, WIDTH)  # type: ignore[attr-defined]
    _linear(spec.ffn.linear_1, WIDTH, WIDTH)  # type: ignore[attr-defined]


def _fill_encoder(spec: WhisperSpec) -> None:
    encoder = spec.encoder
    encoder.conv1.weight, encoder.conv1.bias = _zeros(WIDTH, 80, 3), _zeros(WIDTH)
    encoder.conv2.weight, encoder.conv2.bias = _zeros(WIDTH, WIDTH, 3), _zeros(WIDTH)
    encoder.position_encodings.encodings = _zeros(1500, WIDTH)
    _norm(encoder.layer_norm)
    _layer(encoder.layer[0])


def _fill_decoder(spec: WhisperSpec, pointers: Floats, words: int) -> None:
    decoder = spec.decoder
    decoder.embeddings.weight = _zeros(VOCABULARY, WIDTH)
    decoder.projection.weight = pointers
    positions = _zeros(POSITIONS, WIDTH)
    place = np.arange(POSITIONS)
    positions[place, np.where(place < PROMPT - 1 + words, place, WIDTH - 1)] = 1
    decoder.position_encodings.encodings = positions
    _norm(decoder.layer_norm)
    _layer(decoder.layer[0])
