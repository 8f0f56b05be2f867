"""Handbooks as people write them, in YAML or JSON; docs/receptionist.md shows one."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from conversation.receptionist.handbook import MINUTES_A_DAY, Department, Fact, Handbook, Hours
from conversation.receptionist.topics import RESERVED
from conversation.texts.catalogue import TextsError
from conversation.texts.overrides import check_speakable

LANGUAGES: Final = ("pt-BR", "en", "es")
Language = Literal["pt-BR", "en", "es"]
Spoken = Annotated[str, Field(min_length=1, max_length=400, pattern=r"^[^\x00-\x1f\x7f{}]+$")]
"""One breath of speech, in one line."""
Asked = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]+$")]
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY: Final = f"({'|'.join(_DAYS)})"
_CLOCK: Final = "([01][0-9]|2[0-4]):([0-5][0-9])"
Days = Annotated[str, Field(pattern=f"^{_DAY}(-{_DAY})?$")]
Spans = Annotated[str, Field(pattern=f"^{_CLOCK}-{_CLOCK}(, ?{_CLOCK}-{_CLOCK}){{0,5}}$")]


_FORMS: Final[Mapping[str | int, str]] = {
    "says": "write it in one line, without braces",
    "name": "write it in one line, without braces",
    "asked": "write each question in one line",
    "id": "a department's id has lower-case letters, digits, _ and -",
    "key": 'a key is one of "1" to "9"',
    "extension": "an extension of the dialplan has letters, digits, and the signs _ * # +",
    "hours": 'write hours like {mon-fri: "08:00-12:00, 13:00-18:00", sat: "08:00-12:00"}',
    "closed": 'write days like "12-25" or "2026-12-24"',
}
"""What has not the form that a pattern wants, in words."""


class HandbookError(ValueError):
    """A handbook cannot be used; the message says where and why in one sentence."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FactEntry(_Strict):
    """A numbered fact. ``says`` is what callers hear, word for word; ``asked`` are questions that
    it answers, as people ask them. Either is in the handbook's language, or by language."""

    id: Annotated[int, Field(ge=1, le=9999)]
    says: Spoken | dict[Language, Spoken]
    asked: list[Asked] | dict[Language, list[Asked]] = Field(default_factory=list)


class DepartmentEntry(_Strict):
    """Who may be spoken with. ``hours`` are by day or days ("mon-fri"): "08:00-12:00, 13:00-18:00";
    always, where there are none."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
    name: Spoken | dict[Language, Spoken]
    asked: list[Asked] | dict[Language, list[Asked]] = Field(default_factory=list)
    key: Annotated[str, Field(pattern=r"^[1-9]$")] | None = None
    extension: Annotated[str, Field(pattern=r"^[0-9A-Za-z_*#+]{1,32}$")]
    hours: dict[Days, Spans] = Field(default_factory=dict, max_length=14)


class HandbookDocument(_Strict):
    """A receptionist's handbook."""

    language: Language = "pt-BR"
    """Of what is not given by language."""
    facts: list[FactEntry] = Field(default_factory=list, max_length=200)
    departments: list[DepartmentEntry] = Field(default_factory=list, max_length=20)
    closed: list[Annotated[str, Field(pattern=r"^(\d{4}-)?\d{2}-\d{2}$")]] = Field(
        default_factory=list, max_length=100
    )
    """Days on which no department with hours answers: "12-25" each year, "2026-12-24" once."""


def read_handbook(source: str, name: str = "handbook") -> dict[str, Any]:
    """A handbook's document from YAML or JSON text, checked. Raises :class:`HandbookError`."""
    try:
        data = yaml.safe_load(source)
    except yaml.YAMLError as error:
        raise HandbookError(f"{name} is not valid YAML: {' '.join(str(error).split())}") from error
    if not isinstance(data, dict):
        raise HandbookError(f'{name} must have "facts" or "departments"')
    return check_handbook(data, name)


def check_handbook(data: Mapping[str, Any], name: str = "handbook") -> dict[str, Any]:
    """The document as JSON-able data, if it can be used and spoken. Raises
    :class:`HandbookError`."""
    document = _document(data, name)
    handbook = _handbook(document, name)
    for fact in handbook.facts:
        for language, said in fact.says.items():
            _check_said(f"{name}: fact {fact.id}", language, said)
    for department in handbook.departments:
        for language, said in department.name.items():
            _check_said(f"{name}: department {department.id}", language, said)
    return document.model_dump(mode="json", exclude_unset=True)


def handbook_of(data: Mapping[str, Any], languages: Iterable[str]) -> Handbook:
    """The handbook of a document, which has everything in each of ``languages``. Raises
    :class:`HandbookError`."""
    handbook = _handbook(_document(data, "its handbook"), "its handbook")
    for language in languages:
        for fact in handbook.facts:
            if language not in fact.says:
                raise HandbookError(f"fact {fact.id} of its handbook says nothing in {language}")
        for department in handbook.departments:
            if language not in department.name:
                raise HandbookError(
                    f'department "{department.id}" of its handbook has no name in {language}'
                )
    return handbook


def weekly_hours(written: Mapping[str, str]) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Spans for Monday to Sunday of what has the form of :data:`Days` and :data:`Spans`; none at
    all where nothing is written. Raises ``ValueError``."""
    week: list[list[tuple[int, int]]] = [[] for _ in _DAYS]
    for days, spans in written.items():
        for day in _days(days):
            week[day] += _spans(spans)
    return tuple(tuple(day) for day in week) if written else ()


def _document(data: Mapping[str, Any], name: str) -> HandbookDocument:
    try:
        return HandbookDocument.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = [part for part in first["loc"] if "str" not in str(part) and "[" not in str(part)]
        said = first["msg"]
        if first["type"] == "string_pattern_mismatch":
            said = next((_FORMS[part] for part in reversed(place) if part in _FORMS), said)
        raise HandbookError(f"{name}: {'.'.join(map(str, place))}: {said}") from None


def _handbook(document: HandbookDocument, name: str) -> Handbook:
    try:
        _refuse_ambiguous(document)
        return _built(document)
    except ValueError as error:
        raise HandbookError(f"{name}: {error}") from None


def _refuse_ambiguous(document: HandbookDocument) -> None:
    """Raises ``ValueError`` for an id or key that is there twice, or is our own."""
    ids = [*(str(each.id) for each in document.facts), *(each.id for each in document.departments)]
    _refuse_twice("id", ids)
    _refuse_twice("key", [each.key for each in document.departments if each.key])
    if taken := RESERVED.intersection(ids):
        raise ValueError(f'the id "{min(taken)}" is our own: choose another one')


def _built(document: HandbookDocument) -> Handbook:
    own, closed = document.language, frozenset(document.closed)
    facts = [
        Fact(str(each.id), _by_language(each.says, own), _phrases(each.asked, own))
        for each in document.facts
    ]
    departments = [
        Department(
            each.id,
            _by_language(each.name, own),
            each.extension,
            _phrases(each.asked, own),
            each.key,
            Hours(weekly_hours(each.hours), closed),
        )
        for each in document.departments
    ]
    return Handbook(facts, departments)


def _by_language(given: str | Mapping[Language, str], own: str) -> Mapping[str, str]:
    return (
        {own: given} if isinstance(given, str) else {str(key): said for key, said in given.items()}
    )


def _phrases(
    given: Sequence[str] | Mapping[Language, Sequence[str]], own: str
) -> Mapping[str, tuple[str, ...]]:
    by_language = given if isinstance(given, Mapping) else {own: given}
    return {str(language): tuple(phrases) for language, phrases in by_language.items()}


def _check_said(where: str, language: str, said: str) -> None:
    try:
        check_speakable(language, said)
    except TextsError as error:
        raise HandbookError(f"{where} in {language}: {error}") from None


def _refuse_twice(what: str, given: Sequence[str]) -> None:
    twice = next((each for each in given if given.count(each) > 1), None)
    if twice is not None:
        raise ValueError(f'the {what} "{twice}" is there twice')


def _days(written: str) -> range:
    first, _, last = written.partition("-")
    days = range(_DAYS.index(first), _DAYS.index(last or first) + 1)
    if not days:
        raise ValueError(f'"{written}" ends before it begins; write sun and mon apart')
    return days


def _spans(written: str) -> list[tuple[int, int]]:
    spans = []
    for each in written.split(","):
        opens, opened, closes, closed = map(int, re.findall("[0-9]+", each))
        start, end = opens * 60 + opened, closes * 60 + closed
        if not start < end <= MINUTES_A_DAY:
            raise ValueError(f'"{each.strip()}" ends before it begins, or after midnight')
        spans.append((start, end))
    return spans
