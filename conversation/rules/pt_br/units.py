"""Which apartment, which block: "pro apartamento quinhentos e um do bloco b" is 501, B."""

from collections.abc import Sequence
from dataclasses import dataclass

from conversation.rules.pt_br.common_words import NEVER_NAMES, PARTICLES
from conversation.rules.pt_br.numbers import (
    DIGITS,
    LONGEST_UNIT,
    Number,
    is_number,
    read_number,
    read_small_number,
)
from conversation.rules.words import Word, words_in
from conversation.understanding import Expecting

UNIT_WORDS = words_in(
    """
    apartamento apartamentos ape apto ap unidade casa sala conjunto numero cobertura loja
    """
)
BLOCK_WORDS = words_in("bloco torre predio edificio bl")
ANCHORS = UNIT_WORDS | BLOCK_WORDS
"""Words after which a number, or a block's name, is due."""

_LETTERS = {
    "be": "B", "ce": "C", "se": "C", "de": "D", "efe": "F", "ge": "G", "aga": "H", "jota": "J",
    "ka": "K", "ca": "K", "ele": "L", "eme": "M", "ene": "N", "pe": "P", "que": "Q", "erre": "R",
    "esse": "S", "te": "T", "ve": "V", "dabliu": "W", "xis": "X", "ze": "Z",
}  # fmt: skip
"""Letters by the names that they have in Brazil."""
_TOWERS = words_in(
    """
    norte sul leste oeste azul verde amarela branca principal fundos frente
    """
)
_ORDINALS = {
    "primeiro": "1", "primeira": "1", "segundo": "2", "segunda": "2", "terceiro": "3",
    "terceira": "3", "quarto": "4", "quarta": "4", "quinto": "5", "quinta": "5",
}  # fmt: skip
_FILLERS = words_in("numero n o a e do da de no na letra mesmo eh ah")
_BEFORE_A_UNIT = words_in("no do pro o ao para pra n e eh num")
_ARTICLES = words_in("as da pela das dos")
"""Before a number these mean an hour or the firm called 99, never an apartment."""
_NOT_UNITS_BEFORE = words_in(
    """
    telefone celular cpf rg documento identidade placa codigo senha pedido nota protocolo cep andar
    registro
    """
)
_NOT_UNITS_AFTER = words_in(
    """
    horas hora minutos minuto segundos reais real anos ano pessoas pessoa pacotes caixas
    volumes encomendas entregas sacolas envelopes dias dia andar
    vezes metros litros quilos pizzas marmitas galoes
    """
)
_LONGEST_BLOCK = 2
"""Digits of a block: "quinhentos e um" is no block 1."""
_CORRECTIONS = words_in("nao digo alias desculpa desculpe errado perdao quer melhor verdade")


@dataclass(frozen=True, slots=True)
class UnitHeard:
    """What was said about the unit; ``others`` are further readings of the number."""

    apartment: str | None = None
    block: str | None = None
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Candidate:
    number: Number
    at: int
    named: bool
    """Said after "apartamento" or right after a block: surely a unit."""


def find_unit(words: Sequence[Word], expecting: Expecting) -> UnitHeard:
    """Find apartment and block. A number alone counts where one was asked for or it has digits
    enough; telephone numbers, times and amounts do not count."""
    keys = [word.key for word in words]
    scan = _Scan(words, keys, expecting)
    scan.run()
    chosen = _choose(keys, scan.numbers)
    names_a_unit = chosen is not None and (
        chosen.named or len(chosen.number.digits) > _LONGEST_BLOCK
    )
    if expecting is Expecting.BLOCK and scan.block is None and not names_a_unit:
        return _bare_block(words, keys)
    if chosen is None:
        return UnitHeard(block=scan.block)
    block = scan.block or _letter_after(keys, chosen.number.end)
    return UnitHeard(chosen.number.digits, block, chosen.number.others)


class _Scan:
    """One pass over a turn's words that collects the last block and every possible unit."""

    def __init__(self, words: Sequence[Word], keys: Sequence[str], expecting: Expecting) -> None:
        self.block: str | None = None
        self.numbers: list[_Candidate] = []
        self._words = words
        self._keys = keys
        self._expecting = expecting
        self._block_end = -1

    def run(self) -> None:
        """Collect."""
        at = 0
        while at < len(self._keys):
            at = self._take_at(at)

    def _take_at(self, at: int) -> int:
        """Take what stands at a word, a block or a number, and say where to go on."""
        keys = self._keys
        if keys[at] in BLOCK_WORDS and (found := _block_after(self._words, keys, at)):
            self.block, self._block_end = found
            return self._block_end
        number = read_number(keys, at) if is_number(keys[at]) else None
        if number is None:
            return at + 1
        named = at == self._block_end or _is_named(keys, at)
        if _is_unit(keys, at, number, named=named, expecting=self._expecting):
            self.numbers.append(_Candidate(number, at, named))
        return number.end


def _is_named(keys: Sequence[str], at: int) -> bool:
    before = at - 1
    while before >= 0 and keys[before] in _FILLERS and keys[before] != "numero":
        before -= 1
    return before >= 0 and keys[before] in UNIT_WORDS


def _is_unit(
    keys: Sequence[str], at: int, number: Number, *, named: bool, expecting: Expecting
) -> bool:
    before = keys[at - 1] if at else ""
    topic = next((key for key in reversed(keys[:at]) if key not in _FILLERS), "")
    after = keys[number.end] if number.end < len(keys) else ""
    if len(number.digits) > LONGEST_UNIT or number.digits.strip("0") == "":
        return False
    if named:
        return True
    if before in _ARTICLES or topic in _NOT_UNITS_BEFORE or after in _NOT_UNITS_AFTER:
        return False
    if keys[at] in ("um", "uma", "meia") and number.end == at + 1:
        return expecting is Expecting.UNIT and len(keys) <= 2
    if expecting in (Expecting.UNIT, Expecting.BLOCK):
        return True
    return len(number.digits) > 1 and (at == 0 or before in _BEFORE_A_UNIT or not before.isdigit())


def _choose(keys: Sequence[str], candidates: Sequence[_Candidate]) -> _Candidate | None:
    """The first number, or the one that corrects it: "501, não, 502"."""
    if not candidates:
        return None
    named = [candidate for candidate in candidates if candidate.named] or list(candidates)
    chosen = named[0]
    for candidate in candidates:
        between = keys[chosen.number.end : candidate.at]
        if candidate.at > chosen.at and _CORRECTIONS.intersection(between):
            chosen = candidate
    return chosen


def _block_after(words: Sequence[Word], keys: Sequence[str], at: int) -> tuple[str, int] | None:
    """The block named after the word at ``at`` or before it ("segunda torre"), and its end."""
    value_at = at + 1
    while value_at < len(keys) - 1 and _is_filler(words, keys, value_at):
        value_at += 1
    found = _block_value(words, keys, value_at, mended=words[at].mended)
    if found:
        return found
    ordinal = _ORDINALS.get(keys[at - 1]) if at else None
    return (ordinal, at + 1) if ordinal else None


def _is_filler(words: Sequence[Word], keys: Sequence[str], at: int) -> bool:
    """A little word before the block's name; "e" and "a" may be the name themselves."""
    return keys[at] in _FILLERS and _block_value(words, keys, at + 1, mended=True) is not None


def _block_value(
    words: Sequence[Word], keys: Sequence[str], at: int, *, mended: bool
) -> tuple[str, int] | None:
    if at >= len(keys):
        return None
    number = read_small_number(keys, at)
    if number:
        return number.digits, number.end
    letter = _letter(keys[at])
    if letter:
        return letter, at + 1
    if (
        mended
        or keys[at] in UNIT_WORDS | PARTICLES
        or (keys[at] in NEVER_NAMES and keys[at] not in _TOWERS)
    ):
        return None
    return words[at].heard.upper(), at + 1


def _letter(key: str) -> str | None:
    return key.upper() if len(key) == 1 and key.isalpha() else _LETTERS.get(key)


def _letter_after(keys: Sequence[str], at: int) -> str | None:
    """A letter right after the number: "501 b", "501 do b", "501 a" at the very end."""
    linked = at < len(keys) and keys[at] in ("do", "da", "no", "na", "traco", "letra")
    at += linked
    if at >= len(keys):
        return None
    key, last = keys[at], at == len(keys) - 1
    if key == "a" and not (last or linked):
        return None
    if len(key) == 1 and key.isalpha() and key not in "eo":
        return key.upper()
    named = _LETTERS.get(key) if last and key not in ("de", "que", "se", "ele") else None
    return named if named and (linked or key in ("be", "ce", "efe", "ge", "aga")) else None


def _bare_block(words: Sequence[Word], keys: Sequence[str]) -> UnitHeard:
    """The answer to "which block?": a letter, a number or a tower's name, with little around."""
    for at in reversed(range(len(keys))):
        if keys[at] in DIGITS or keys[at] in _TOWERS or is_number(keys[at]):
            found = _block_value(words, keys, at, mended=False)
            return UnitHeard(block=found[0] if found else None)
        if keys[at] in _ORDINALS:
            return UnitHeard(block=_ORDINALS[keys[at]])
        letter = _letter(keys[at])
        if letter and (len(keys) == 1 or at == len(keys) - 1 or keys[at] not in "aeo"):
            return UnitHeard(block=letter)
    only = words[-1] if len(words) == 1 and words[-1].key not in NEVER_NAMES else None
    return UnitHeard(block=only.heard.upper() if only else None)
