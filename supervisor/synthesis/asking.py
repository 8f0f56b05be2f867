"""What a job is asked for: a text, or a batch as CSV, made into items; or every fault in it."""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, get_args
from uuid import UUID

from tts.engine import SynthesisError
from tts.normalising import Normaliser, normaliser_for, unsaid
from tts.passages import passages
from tts.profiles import DEFAULT_PROFILE, ProfileName

LONGEST_TEXT: Final = 100_000
"""Characters of one item: nearly two hours of speech."""
LONGEST_CSV: Final = 1_000_000
"""Characters of a batch."""
MOST_ROWS: Final = 1000
FEWEST_LETTERS: Final = 2
"""Of what is spoken: voices that sample make noises of a single letter."""
SPEEDS: Final = (0.5, 2.0)
COLUMNS: Final = ("text", "name", "voice", "profile", "language", "speed")
"""Of a batch; all but the first may be left out, and then the job's own count."""
MOST_FAULTS: Final = 50
LONGEST_NAME: Final = 100
VOICE_NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9+_.-]{0,79}$"
LANGUAGE: Final = r"^[a-z]{2,3}(-[A-Z]{2})?$"


@dataclass(frozen=True, slots=True)
class Manner:
    """How an item is to be spoken. ``speed`` is a factor on that of the settings."""

    voice: str | None = None
    voice_id: UUID | None = None
    """Of a cloned voice; then there is no ``voice``."""
    profile: ProfileName = DEFAULT_PROFILE
    language: str = "pt-BR"
    speed: float = 1.0


@dataclass(frozen=True, slots=True)
class NewItem:
    """A text that can be spoken; it is ``passages`` long. ``warning`` says what of it is not heard
    as it is written."""

    number: int
    name: str
    text: str
    manner: Manner
    passages: int
    warning: str | None = None


class RefusedError(Exception):
    """A request cannot be carried out; ``faults`` are pairs of where and a sentence each."""

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        super().__init__(faults[0][1])
        self.faults = tuple(faults)


class FaultError(ValueError):
    """One thing that is wrong, in one sentence without its full stop."""


def item_of(text: str, manner: Manner, number: int = 1, name: str = "") -> NewItem:
    """One text as an item. Raises :class:`FaultError`."""
    count = _checked(text, normaliser_for(manner.language))
    return NewItem(number, name, text, manner, count, _warning(text, manner.language))


def manner_of(base: Manner | None = None, **given: str | None) -> Manner:
    """``base`` with what is ``given`` as text: voice, profile, language, speed. Raises
    :class:`FaultError` for what is none."""
    read = {key: _READ[key](value) for key, value in given.items() if value is not None}
    if "voice" in read:
        read["voice_id"] = None
    return replace(base or Manner(), **read)


def items_of_csv(
    text: str, manner: Manner, check: Callable[[Manner], None] = lambda _: None
) -> list[NewItem]:
    """The items of a batch, as documented in docs/synthesis-jobs.md.

    ``check`` raises :class:`FaultError` for a manner that nobody can speak in. Raises
    :class:`RefusedError`, where every bad row is named with its line.
    """
    rows = _rows(text)
    try:
        columns = _header(next(rows, (1, []))[1])
    except (FaultError, csv.Error) as fault:
        raise RefusedError([("line 1", f"line 1: {fault}")]) from None
    items: list[NewItem] = []
    faults: list[tuple[str, str]] = []
    try:
        for line, cells in rows:
            try:
                items.append(_item(len(items) + len(faults) + 1, columns, cells, manner, check))
            except FaultError as fault:
                faults.append((f"line {line}", f"line {line}: {fault}"))
            if len(items) + len(faults) > MOST_ROWS or len(faults) == MOST_FAULTS:
                break
    except csv.Error as error:
        faults.append(("csv", f"this is no CSV: {error}"))
    if len(items) + len(faults) > MOST_ROWS:
        faults.insert(0, ("csv", f"there are more than {MOST_ROWS} rows; send several jobs"))
    if not items and not faults:
        faults.append(("csv", "there is no row below the header"))
    if faults:
        raise RefusedError(faults)
    return items


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not empty, with the line that each begins on."""
    text = text.removeprefix("\ufeff")
    head = text.partition("\n")[0]
    delimiter = ";" if head.count(";") > head.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield line, cells
        line = reader.line_num + 1


def _header(cells: list[str]) -> list[str]:
    names = [cell.strip().lower() for cell in cells]
    known = ", ".join(COLUMNS)
    for name in names:
        if name not in COLUMNS:
            raise FaultError(f"there is no column {name[:40]!r}; the header may have {known}")
        if names.count(name) > 1:
            raise FaultError(f"the column {name} is there twice")
    if "text" not in names:
        raise FaultError(f"the header has no column text; it may have {known}")
    return names


def _item(
    number: int,
    columns: Sequence[str],
    cells: Sequence[str],
    manner: Manner,
    check: Callable[[Manner], None],
) -> NewItem:
    if len(cells) != len(columns):
        raise FaultError(
            f"{len(cells)} cells where the header has {len(columns)}; "
            "quote a text that has the separator in it"
        )
    given = {name: cell.strip() for name, cell in zip(columns, cells, strict=True) if cell.strip()}
    text, name = given.pop("text", ""), given.pop("name", "")
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise FaultError(f"name has more than {LONGEST_NAME} characters, or control characters")
    spoken = manner_of(manner, **given)
    check(spoken)
    return item_of(text, spoken, number, name)


def _checked(text: str, normaliser: Normaliser) -> int:
    """How many passages a text has. Raises :class:`FaultError` for what nobody can say."""
    if not text.strip():
        raise FaultError("there is no text")
    if len(text) > LONGEST_TEXT:
        raise FaultError(
            f"the text is too long: it has {len(text)} characters, and {LONGEST_TEXT} are the most"
        )
    if "\x00" in text:
        raise FaultError("the text has a character U+0000, which nobody can say")
    try:
        found = passages(text, normaliser)
    except SynthesisError:
        raise FaultError("nothing in the text can be spoken; write words or numbers") from None
    if sum(character.isalnum() for passage in found for character in passage.text) < FEWEST_LETTERS:
        raise FaultError("the text is too short: a voice needs a word to say")
    return len(found)


def _warning(text: str, language: str) -> str | None:
    """What is not heard as it is written: emoji, markup, letters that sound like others. Raises
    :class:`FaultError` for words that a voice of the language has no letters for."""
    left_out = unsaid(text, language)
    foreign = [each for each in left_out.dropped if unicodedata.category(each[0])[0] == "L"]
    if foreign:
        named = ", ".join(foreign[:10])
        raise FaultError(f"a voice of {language} cannot say {named}; write that in its own letters")
    return left_out.complaint()


def _read_voice(value: str) -> str:
    if not re.fullmatch(VOICE_NAME, value):
        raise FaultError(f"{value[:40]!r} is no name of a voice, such as pt-br+f2")
    return value


def _read_profile(value: str) -> str:
    if value not in get_args(ProfileName):
        known = ", ".join(get_args(ProfileName))
        raise FaultError(f"there is no profile {value[:40]!r}; there are {known}")
    return value


def _read_language(value: str) -> str:
    if not re.fullmatch(LANGUAGE, value):
        raise FaultError(f"{value[:40]!r} is no language, such as pt-BR")
    return value


def _read_speed(value: str) -> float:
    low, high = SPEEDS
    try:
        speed = float(value.replace(",", "."))
    except ValueError:
        speed = 0.0
    if not low <= speed <= high:
        raise FaultError(f"speed is a number from {low:g} to {high:g}, not {value[:40]!r}")
    return speed


_READ: Final[dict[str, Callable[[str], Any]]] = {
    "voice": _read_voice,
    "profile": _read_profile,
    "language": _read_language,
    "speed": _read_speed,
}
