"""What is written but never spoken: markup, emoji, control characters, doubled punctuation."""

import html
import re

from tts.normalising.rules import apply_rules, rule
from tts.normalising.speakable import plain_characters, without_emoji

_MARKUP = (
    rule(r"<(?:script|style)\b[^>]*>.*?</(?:script|style)>", " ", any_case=True),
    rule(r"<br\s*/?>|</(?:p|div|li|h[1-6])>", "\n", any_case=True),
    rule(r"</?[a-zA-Z][^<>]{0,200}>", ""),
    rule(r"!?\[([^\]\n]*)\]\([^)\s]*\)", r"\1"),
    rule(r"(?m)^\s{0,3}(?:#{1,6}|>|[-*+•])\s+", ""),
    rule(r"`+|~~|\*{1,3}(?=\S)|(?<=\S)\*{1,3}", ""),
    rule(r"(?<!\w)_{1,2}(?=\S)|(?<=\S)_{1,2}(?!\w)", ""),
)

_TIDYING = (
    rule(r"[“”„«»\"]", ""),
    rule(r"[‘’´]", "'"),
    rule(r"[\[({]+", ", "),
    rule(r"[\])}]+", ","),
    rule(r"\s+[—–]\s+", ", "),
    rule(r"…|\.{2,}", "..."),
    rule(r"[!?]*\?[!?]*", "?"),
    rule(r"!{2,}", "!"),
    rule(r"[^\S\n]+", " "),
    rule(r" *\n[\s]*", "\n"),
    rule(r"\s+([,.;:!?])", r"\1"),
    rule(r",(?:\s*,)+", ","),
    rule(r",+\s*([.;:!?])", r"\1"),
    rule(r"([.;:!?]),+", r"\1"),
    rule(r"(?m)^[\s,;:.]+(?=\w)", ""),
    rule(r",\s*$", ""),
    rule(r",(?=[^\s\d])", ", "),
)

_CONTROL = re.compile(r"[^\S\n]|[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def without_markup(text: str) -> str:
    """``text`` in NFC without HTML, SSML, Markdown, emoji and characters that nobody sees.

    Line breaks stay: they end sentences.
    """
    text = plain_characters(html.unescape(text))
    return without_emoji(apply_rules(_MARKUP, _CONTROL.sub(" ", text)))


def tidy(text: str) -> str:
    """Words with single spaces, and punctuation as a voice expects it."""
    return apply_rules(_TIDYING, text).strip()
