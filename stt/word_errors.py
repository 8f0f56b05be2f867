"""How many words of a text were recognised wrongly."""

from collections.abc import Sequence


def word_errors(said: Sequence[str], heard: Sequence[str]) -> int:
    """Words to replace, insert and delete to get from one to the other."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(said, 1):
        above, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (word != other))
    return row[-1]
