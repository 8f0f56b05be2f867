"""A rule: what is written like this is said like that. A language is a sequence of rules."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

Say = Callable[[re.Match[str]], str]


@dataclass(frozen=True, slots=True)
class Rule:
    """Every match of ``written`` is replaced by what ``say`` makes of it."""

    written: re.Pattern[str]
    say: Say

    def apply(self, text: str) -> str:
        """``text`` with the rule applied from left to right."""
        return self.written.sub(self.say, text)


def rule(written: str, said: str | Say, *, any_case: bool = False) -> Rule:
    """A rule from a pattern and either a template, as for :func:`re.sub`, or a function."""
    pattern = re.compile(written, re.IGNORECASE if any_case else 0)
    if isinstance(said, str):
        return Rule(pattern, lambda match, template=said: match.expand(template))  # type: ignore[misc]
    return Rule(pattern, said)


def word_rule(words: Mapping[str, str], before: str = r"\b", after: str = "") -> Rule:
    """Replaces any of ``words`` as they are written, between the patterns ``before`` and
    ``after`` (which are looked at, not replaced). Longer words come first."""
    either = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return rule(f"{before}({either}){after}", lambda match: words[match[1]])


def apply_rules(rules: Iterable[Rule], text: str) -> str:
    """``text`` after all rules, in their order."""
    for each in rules:
        text = each.apply(text)
    return text
