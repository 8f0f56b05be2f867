"""Which apartment, which block: "pro apartamento quinhentos e um do bloco b" is 501, B."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from conversation.rules.numerals import LONGEST_UNIT, Number, Numerals
from conversation.rules.words import Word
from conversation.understanding import Expecting

_LONGEST_BLOCK = 2
"""Digits of a block: "quinhentos e um" is no block 1."""


@dataclass(frozen=True, slots=True)
class UnitWords:
    """A language's words around units, folded."""

    numerals: Numerals
    units: frozenset[str]
    """ "apartamento", "suite": a number is due after them."""
    blocks: frozenset[str]
    letters: Mapping[str, str]
    """Letters by their names: "agá" is H."""
    letters_that_follow: frozenset[str]
    """Those of these names that may follow a number alone: "501 bê"."""
    towers: frozenset[str]
    ordinals: Mapping[str, str]
    fillers: frozenset[str]
    """Little words between "bloco" and its name."""
    number_word: str
    before_a_unit: frozenset[str]
    articles: frozenset[str]
    """Before a number these mean an hour or a firm, never an apartment."""
    not_before: frozenset[str]
    """ "telefone": what follows is no unit."""
    not_after: frozenset[str]
    """ "horas": what goes before is no unit."""
    corrections: frozenset[str]
    lone: frozenset[str]
    """Number words that are more often articles: "um"."""
    no_blocks: frozenset[str]
    """Number words that name no block, unless nothing else is said."""
    links: frozenset[str]
    """Between a number and its letter: "501 do b"."""
    little_letters: frozenset[str]
    """Letters that are words too: "a"."""
    never_names: frozenset[str]
    particles: frozenset[str]
    no_letters: frozenset[str] = frozenset()
    """Names of letters that are everyday words: at the end of a turn they are no block."""
    names_precede: bool = False
    """Whether a tower's name comes first: "north tower"."""
    anchors: frozenset[str] = field(init=False)
    """Words after which a number, or a block's name, is due."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "anchors", self.units | self.blocks)


@dataclass(frozen=True, slots=True)
class UnitHeard:
    """What was said about the unit; ``others`` are further readings of the number."""

    apartment: str | None = None
    block: str | None = None
    others: tuple[str, ...] = ()
    block_unheard: bool = False
    """A block was named, and nothing was heard of its name: "cento e um bloco"."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    number: Number
    at: int
    named: bool
    """Said after "apartamento" or right after a block: surely a unit."""


def find_unit(said: UnitWords, words: Sequence[Word], expecting: Expecting) -> UnitHeard:
    """Find apartment and block. A number alone counts where one was asked for or it has digits
    enough; telephone numbers, times and amounts do not count."""
    scan = _Scan(said, words, expecting)
    scan.run()
    chosen = scan.chosen()
    names_a_unit = chosen is not None and (
        chosen.named or len(chosen.number.digits) > _LONGEST_BLOCK
    )
    unheard = expecting is Expecting.BLOCK and scan.ends_before_a_block()
    if expecting is Expecting.BLOCK and scan.block is None and not names_a_unit:
        return UnitHeard(block_unheard=True) if unheard else scan.bare_block()
    if chosen is None:
        return UnitHeard(block=scan.block, block_unheard=unheard)
    block = scan.block or scan.letter_after(chosen.number.end)
    return UnitHeard(chosen.number.digits, block, chosen.number.others, unheard)


class _Scan:
    """One pass over a turn's words that collects the last block and every possible unit."""

    def __init__(self, said: UnitWords, words: Sequence[Word], expecting: Expecting) -> None:
        self.block: str | None = None
        self._numbers: list[_Candidate] = []
        self._said = said
        self._words = words
        self._keys = [word.key for word in words]
        self._expecting = expecting
        self._block_end = -1

    def run(self) -> None:
        """Collect."""
        at = 0
        while at < len(self._keys):
            at = self._take_at(at)

    def _take_at(self, at: int) -> int:
        """Take what stands at a word, a block or a number, and say where to go on."""
        keys, numerals = self._keys, self._said.numerals
        if keys[at] in self._said.blocks and (found := self._block_after(at)):
            self.block, self._block_end = found
            return self._block_end
        number = numerals.read(keys, at) if numerals.is_number(keys[at]) else None
        if number is None:
            return at + 1
        named = at == self._block_end or self._is_named(at)
        if self._is_unit(at, number, named=named):
            self._numbers.append(_Candidate(number, at, named))
        return number.end

    def _is_named(self, at: int) -> bool:
        said, before = self._said, at - 1
        while before >= 0 and self._keys[before] in said.fillers - {said.number_word}:
            before -= 1
        return before >= 0 and self._keys[before] in said.units

    def _is_unit(self, at: int, number: Number, *, named: bool) -> bool:
        keys, said = self._keys, self._said
        before = keys[at - 1] if at else ""
        topic = next((key for key in reversed(keys[:at]) if key not in said.fillers), "")
        after = keys[number.end] if number.end < len(keys) else ""
        if len(number.digits) > LONGEST_UNIT or number.digits.strip("0") == "":
            return False
        if named:
            return True
        if before in said.articles or topic in said.not_before or after in said.not_after:
            return False
        if keys[at] in said.lone and number.end == at + 1:
            return self._expecting is Expecting.UNIT and len(keys) <= 2
        if self._expecting in (Expecting.UNIT, Expecting.BLOCK):
            return True
        return len(number.digits) > 1 and (
            at == 0 or before in said.before_a_unit or not before.isdigit()
        )

    def chosen(self) -> _Candidate | None:
        """The first number, or the one that corrects it: "501, não, 502"."""
        if not self._numbers:
            return None
        named = [candidate for candidate in self._numbers if candidate.named]
        chosen = (named or self._numbers)[0]
        for candidate in self._numbers:
            between = self._keys[chosen.number.end : candidate.at]
            if candidate.at > chosen.at and self._said.corrections.intersection(between):
                chosen = candidate
        return chosen

    def _block_after(self, at: int) -> tuple[str, int] | None:
        """The block named after the word at ``at`` or before it ("segunda torre"), and its end."""
        before = self._keys[at - 1] if at else ""
        if self._said.names_precede and before in self._said.towers:
            return before.upper(), at + 1
        value_at = at + 1
        while value_at < len(self._keys) - 1 and self._is_filler(value_at):
            value_at += 1
        found = self._block_value(value_at, mended=self._words[at].mended)
        if found:
            return found
        ordinal = self._said.ordinals.get(before)
        return (ordinal, at + 1) if ordinal else None

    def _is_filler(self, at: int) -> bool:
        """A little word before the block's name; "e" and "a" may be the name themselves."""
        return (
            self._keys[at] in self._said.fillers
            and self._block_value(at + 1, mended=True) is not None
        )

    def _block_value(self, at: int, *, mended: bool) -> tuple[str, int] | None:
        if at >= len(self._keys):
            return None
        key, said = self._keys[at], self._said
        number = said.numerals.read_small(self._keys, at)
        if number:
            return number.digits, number.end
        letter = self._letter(key)
        if letter:
            return letter, at + 1
        everyday = key in said.never_names and key not in said.towers
        if mended or everyday or key in said.units or key in said.particles:
            return None
        return self._words[at].heard.upper(), at + 1

    def _letter(self, key: str) -> str | None:
        return key.upper() if len(key) == 1 and key.isalpha() else self._said.letters.get(key)

    def letter_after(self, at: int) -> str | None:
        """A letter right after the number: "501 b", "501 do b", "501 a" at the very end."""
        keys, said = self._keys, self._said
        linked = at < len(keys) and keys[at] in said.links
        at += linked
        if at >= len(keys):
            return None
        key, last = keys[at], at == len(keys) - 1
        if key == "a" and not (last or linked):
            return None
        if len(key) == 1 and key.isalpha() and key not in said.little_letters - {"a"}:
            return key.upper()
        named = said.letters.get(key) if last and key not in said.no_letters else None
        return named if named and (linked or key in said.letters_that_follow) else None

    def ends_before_a_block(self) -> bool:
        """Whether the last word is "bloco", or "do" after a number: a vowel that ends a turn is
        swallowed at times, while a consonant's name is heard."""
        keys, said = self._keys, self._said
        if not keys or self.block is not None:
            return False
        if len(keys) > 1 and said.numerals.is_number(keys[-2]):
            return keys[-1] in said.blocks | said.links
        little = said.fillers | said.links | said.little_letters
        return keys[-1] in said.blocks and little.issuperset(keys[:-1])

    def bare_block(self) -> UnitHeard:
        """The answer to "which block?": a letter, a number or a tower's name, with little
        around."""
        keys, said = self._keys, self._said
        for at in reversed(range(len(keys))):
            if keys[at] in said.lone and at and keys[at - 1] in said.ordinals:
                continue  # "the second one"
            if keys[at] in said.no_blocks and at:
                continue  # "coisa é uma"
            if keys[at] in said.towers or said.numerals.is_number(keys[at]):
                found = self._block_value(at, mended=False)
                return UnitHeard(block=found[0] if found else None)
            if keys[at] in said.ordinals:
                return UnitHeard(block=said.ordinals[keys[at]])
            letter = self._letter(keys[at])
            alone = len(keys) == 1 or at == len(keys) - 1
            if letter and (alone or keys[at] not in said.little_letters):
                return UnitHeard(block=letter)
        only = self._words[-1] if len(keys) == 1 and keys[-1] not in said.never_names else None
        return UnitHeard(block=only.heard.upper() if only else None)
