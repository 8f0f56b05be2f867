"""Count which word follows which in the grammars, for the decoder.

    python -m stt.training.language stt/builtin/words.txt

One line a word: the word, its log probability, its back-off weight (both natural logarithms), then
``index:logp`` for the words seen after it. The first three lines are the beginnings of a sentence
in Portuguese, English and Spanish. Names that training holds out are not in it.
"""

from __future__ import annotations

import argparse
import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

from stt.builtin.language import BEGIN_ENGLISH, BEGIN_PORTUGUESE, BEGIN_SPANISH, END
from stt.training.grammar.english import EnglishGrammar
from stt.training.grammar.pt_br import Grammar
from stt.training.grammar.spanish import SpanishGrammar
from stt.training.synthesis import written

DISCOUNT = 0.6
RAREST = 3  # words seen less often are invented ones, left to the decoder's spelling
COMMON_PAIR = 4  # rarer pairs are left to the back-off
PORTUGUESE, ENGLISH, SPANISH = 500_000, 150_000, 120_000


def sentences(portuguese: int, english: int, spanish: int, seed: int) -> Iterator[list[str]]:
    """Sentences as lists of words, with marks of their beginning and end."""
    rng = random.Random(seed)
    shares = (
        (portuguese, BEGIN_PORTUGUESE, Grammar(rng).sentence),
        (english, BEGIN_ENGLISH, EnglishGrammar(rng).sentence),
        (spanish, BEGIN_SPANISH, SpanishGrammar(rng).sentence),
    )
    for count_of, begin, sentence in shares:
        for _ in range(count_of):
            yield [begin, *written(sentence()).split(), END]


def count(corpus: Iterable[list[str]]) -> tuple[Counter[str], dict[str, Counter[str]]]:
    """Words, and the words after each."""
    words: Counter[str] = Counter()
    following: dict[str, Counter[str]] = defaultdict(Counter)
    for sentence in corpus:
        words.update(sentence)
        for first, second in pairwise(sentence):
            following[first][second] += 1
    return words, following


def table(words: Counter[str], following: dict[str, Counter[str]]) -> str:
    """The file's text: bigrams by absolute discounting, backing off to single words."""
    begins = (BEGIN_PORTUGUESE, BEGIN_ENGLISH, BEGIN_SPANISH)
    kept = [w for w, n in words.most_common() if n >= RAREST and w not in begins]
    index = {word: i for i, word in enumerate((*begins, *kept))}
    total = sum(words[word] for word in kept)
    lines = []
    for word in index:
        after = [(w, n) for w, n in following[word].items() if w in index]
        seen = sum(following[word].values()) or 1
        left = sum(following[word].values()) - sum(max(0.0, n - DISCOUNT) for _, n in after)
        back_off = max(left, 0.3) / seen
        pairs = []
        for second, n in sorted(after, key=lambda pair: -pair[1]):
            if n >= COMMON_PAIR:
                share = (n - DISCOUNT) / seen + back_off * words[second] / total
                pairs.append(f"{index[second]}:{math.log(share):.1f}")
        alone = math.log(words[word] / total) if word not in begins else -99.0
        lines.append(" ".join((word, f"{alone:.2f}", f"{math.log(back_off):.2f}", *pairs)))
    return "\n".join(lines) + "\n"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path)
    options = parser.parse_args()
    options.output.write_text(table(*count(sentences(PORTUGUESE, ENGLISH, SPANISH, 1))), "utf-8")


if __name__ == "__main__":
    main()
