"""Sentences by key: loaded and checked at start, rendered with another variant every time."""

import random
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

_START = re.compile(r"(?:^|(?<=[.!?] ))[¿¡]?\w")
_PLACEHOLDER = re.compile(r"\{([a-z_]*)\}")


class TextsError(ValueError):
    """A data file of sentences is wrong; the message says where and how in one sentence."""


@dataclass(frozen=True, slots=True)
class Text:
    """One thing that can be said: its variants, and the placeholders that every variant may use."""

    values: frozenset[str]
    variants: tuple[str, ...]


class Texts:
    """The sentences of one language; immutable, shared by all calls."""

    def __init__(self, language: str, texts: Mapping[str, Text]) -> None:
        self.language = language
        self._texts = dict(texts)

    @classmethod
    def load(cls, language: str, package: str = "conversation.texts") -> "Texts":
        """Read the data file of a BCP 47 language that comes in a ``package``, once: the
        doorman's, unless it is another agent's."""
        return _shipped(package, f"{language.replace('-', '_').lower()}.yaml", language)

    @classmethod
    def parse(cls, source: str, name: str = "texts") -> "Texts":
        """Read texts from YAML; ``name`` is the file's name for error messages."""
        try:
            data = yaml.safe_load(source)
        except yaml.YAMLError as error:
            where = " ".join(str(error).split())
            raise TextsError(f"{name} is not valid YAML: {where}") from error
        if not isinstance(data, dict) or not isinstance(data.get("texts"), dict):
            raise TextsError(f'{name} must have "language" and "texts"')
        texts = {str(key): _text(name, str(key), entry) for key, entry in data["texts"].items()}
        return cls(str(data.get("language", "")), texts)

    def require(self, needed: Mapping[str, Iterable[str]]) -> None:
        """Check that every key a flow says is here and uses only the values that the flow gives.

        Raises :class:`TextsError` for the first that is missing or asks for more.
        """
        for key, values in needed.items():
            if key not in self._texts:
                raise TextsError(f'the text "{key}" is missing in the {self.language} texts')
            unknown = self._texts[key].values - frozenset(values)
            if unknown:
                raise TextsError(
                    f'the text "{key}" of the {self.language} texts uses {{{min(unknown)}}}, '
                    f"which is not known there (known: {', '.join(sorted(values)) or 'nothing'})"
                )

    def with_overrides(self, overrides: Mapping[str, Iterable[str]]) -> "Texts":
        """The same texts with a condominium's own sentences in place of some keys' variants."""
        changed = {key: _checked("overrides", key, list(said)) for key, said in overrides.items()}
        unknown = next((key for key in changed if key not in self._texts), None)
        if unknown is not None:
            raise TextsError(f'there is no text "{unknown}" to replace')
        return Texts(self.language, {**self._texts, **changed})

    def keys(self) -> tuple[str, ...]:
        """Every key, in the file's order."""
        return tuple(self._texts)

    def variants(self, key: str) -> tuple[str, ...]:
        """Every variant of a text, as it is written; raises :class:`TextsError` for no text."""
        return self._get(key).variants

    def enumerate(self, key: str, values: Mapping[str, str] | None = None) -> tuple[str, ...]:
        """Every variant of a text, rendered: what a cache may hold ahead of the call."""
        return tuple(_sentence(variant, values or {}) for variant in self._get(key).variants)

    def variant_count(self, key: str) -> int:
        """How many variants a text has."""
        return len(self._get(key).variants)

    def phrasebook(self, seed: int) -> "Phrasebook":
        """A call's own way through the variants; the same seed says the same things."""
        return Phrasebook(self, seed)

    def _get(self, key: str) -> Text:
        try:
            return self._texts[key]
        except KeyError:
            raise TextsError(f'there is no text "{key}" in the {self.language} texts') from None


class Phrasebook:
    """Renders texts for one call, never the same variant twice in a row."""

    def __init__(self, texts: Texts, seed: int) -> None:
        self._texts = texts
        self._seed = seed
        self._used: dict[str, int] = {}

    def render(self, key: str, values: Mapping[str, str]) -> str:
        """The text's next variant with its values; raises :class:`TextsError` where one lacks."""
        count = self._texts.variant_count(key)
        used = self._used.get(key, 0)
        self._used[key] = used + 1
        start = random.Random(f"{self._seed}/{key}").randrange(count)  # noqa: S311 - no secret
        try:
            return self._texts.enumerate(key, values)[(start + used) % count]
        except KeyError as error:
            raise TextsError(f'the text "{key}" needs the value {error}') from None


def _sentence(variant: str, values: Mapping[str, str]) -> str:
    """Fill a variant in; sentences that begin with a value begin with a capital all the same."""
    return _START.sub(lambda start: start.group().upper(), variant.format_map(values))


@lru_cache(maxsize=8)
def _shipped(package: str, name: str, language: str) -> Texts:
    source = files(package).joinpath(name)
    if not source.is_file():
        raise TextsError(f'there are no texts for the language "{language}" ({name})')
    return Texts.parse(source.read_text(encoding="utf-8"), name)


def placeholders_of(variant: str) -> frozenset[str]:
    """The values that a sentence uses. Raises :class:`TextsError` for braces that are none."""
    if re.search(r"[{}]", _PLACEHOLDER.sub("", variant)) or "{}" in variant:
        raise TextsError(f'there is a broken placeholder in "{variant}"')
    return frozenset(_PLACEHOLDER.findall(variant))


def _text(name: str, key: str, entry: Any) -> Text:
    variants = entry if isinstance(entry, list) else [entry]
    if not variants or not all(isinstance(one, str) and one.strip() for one in variants):
        raise TextsError(f'{name}: "{key}" must be a sentence or a list of sentences')
    return _checked(name, key, variants)


def _checked(name: str, key: str, variants: list[str]) -> Text:
    for variant in variants:
        if re.search(r"[{}]", _PLACEHOLDER.sub("", variant)) or "{}" in variant:
            raise TextsError(f'{name}: "{key}" has a broken placeholder in "{variant}"')
    found = frozenset(value for variant in variants for value in _PLACEHOLDER.findall(variant))
    return Text(found, tuple(variant.strip() for variant in variants))
