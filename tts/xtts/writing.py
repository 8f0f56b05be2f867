"""A text in XTTS's tokens, and cut to what XTTS can say in one breath."""

from typing import Any, Final

from tts.engine import RefusedTextError
from tts.sentences import split_sentences
from tts.xtts.names import LANGUAGES, base_language

USUAL_LIMIT: Final = 200
_LETTERS_OF_THEIR_OWN: Final = frozenset({"ja", "ko", "zh"})
_UNKNOWN: Final = "[UNK]"


def pieces_of(text: str, language: str, tokenizer: Any, longest: int) -> list[str]:
    """The sentences of ``text``, of ``longest`` characters and of what the model can say in this
    language at most. Raises :class:`~tts.engine.SynthesisError`."""
    base = base_language(language)
    if base not in LANGUAGES:
        raise RefusedTextError(f"XTTS does not speak {language}; it speaks {', '.join(LANGUAGES)}")
    limit = min(longest, tokenizer.char_limits.get(base, USUAL_LIMIT))
    pieces = split_sentences(text, limit)
    if not pieces:
        raise RefusedTextError("there is no text to speak")
    return pieces


def tokens_of(piece: str, language: str, tokenizer: Any, most: int) -> list[int]:
    """What the GPT reads. Numbers and abbreviations were written out before, in our own way: the
    model's rules for Portuguese are those of Portugal. Raises
    :class:`~tts.engine.SynthesisError`."""
    base = base_language(language)
    plain = " ".join(piece.replace('"', "").lower().split())
    if base in _LETTERS_OF_THEIR_OWN:
        plain = tokenizer.preprocess_text(plain, base)
    tag = "zh-cn" if base == "zh" else base
    tokens: list[int] = tokenizer.tokenizer.encode(f"[{tag}]{plain}".replace(" ", "[SPACE]")).ids
    unknown = tokenizer.tokenizer.token_to_id(_UNKNOWN)
    if all(token == unknown for token in tokens[1:]):
        raise RefusedTextError(f"XTTS knows no character of {piece[:40]!r}")
    if len(tokens) > most:
        raise RefusedTextError(f"XTTS reads {most} tokens at most, and {piece[:40]!r}... has more")
    return tokens
