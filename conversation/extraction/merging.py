"""The rules' slots and a language model's, made one: what the rules filled stands.

A model's word is only taken where the caller's words bear it out, and a unit or resident only if
the directory has it. What is taken lowers the confidence, so that the flow reads it back.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from rapidfuzz import fuzz

from conversation.directory import Directory
from conversation.directory.phonetics import sound_of
from conversation.directory.units import canonical_block, canonical_number
from conversation.extraction.slots import Caller, Errand, Group, Place, Reply, Slots
from conversation.extraction.unsure import FOUND, PURPOSES, knows_place
from conversation.rules.words import fold
from conversation.understanding import Answer, Expecting, Intent, Understanding

TO_BE_READ_BACK: Final = 0.55
"""Confidence of a turn whose unit is a model's: below the doorman's ``sure_confidence``."""
_MOST_WORDS = 4
_ALIKE = 75.0
"""Likeness (0..100, normalised indel) from which a word may be one that was heard."""
_APARTMENT = re.compile(r"[0-9]{1,5}[A-Z]?")
_WORD = re.compile(r"[0-9]+|[^\W\d_]+")


def merged(
    heard: Understanding,
    answers: Mapping[Group, Slots],
    expecting: Expecting,
    directory: Directory,
) -> Understanding:
    """A visitor's turn with what the model adds to it."""
    for slots in answers.values():
        match slots:
            case Errand():
                heard = _with_errand(heard, slots)
            case Place():
                heard = _with_place(heard, slots, expecting, directory)
            case Caller():
                heard = _with_caller(heard, slots)
            case Reply():
                heard = _with_reply(heard, slots, expecting)
    return heard


def borne_out(said: str | None, text: str) -> str | None:
    """The words of ``said``, in order, that the caller's own ``text`` has, as heard or nearly;
    ``None`` where that leaves nothing or too much."""
    heard = [fold(word) for word in _WORD.findall(text)]
    words = [word for word in _WORD.findall((said or "").lower()) if _is_among(fold(word), heard)]
    return " ".join(words) if 0 < len(words) <= _MOST_WORDS else None


def _is_among(word: str, heard: list[str]) -> bool:
    if word in heard or (len(word) > 3 and word in "".join(heard)):
        return True
    sounds = sound_of(word)
    long_enough = [each for each in heard if len(each) > 2 and len(word) > 2]
    return any(fuzz.ratio(word, each) >= _ALIKE or sounds == sound_of(each) for each in long_enough)


def _with_errand(heard: Understanding, slots: Errand) -> Understanding:
    if heard.intent in (None, Intent.GREETING) and slots.purpose != "unknown":
        heard = replace(heard, intent=Intent(slots.purpose))
    company = borne_out(slots.company, heard.text)
    if heard.company is None and company and heard.intent in PURPOSES | {None}:
        heard = replace(heard, company=company.title())
    return heard


def _with_caller(heard: Understanding, slots: Caller) -> Understanding:
    name = borne_out(slots.name, heard.text)
    if heard.visitor_name or not name or not name.replace(" ", "").isalpha():
        return heard
    taken = {*fold(heard.resident_name or "").split(), *fold(heard.company or "").split()}
    own = not taken.intersection(fold(name).split())
    return replace(heard, visitor_name=name) if own else heard


def _with_reply(heard: Understanding, slots: Reply, expecting: Expecting) -> Understanding:
    if heard.answer is not None or expecting is not Expecting.YES_NO or slots.answer == "unclear":
        return heard
    return replace(heard, answer=Answer(slots.answer))


def _with_place(
    heard: Understanding, slots: Place, expecting: Expecting, directory: Directory
) -> Understanding:
    if knows_place(heard, directory):
        return heard
    block = canonical_block(slots.block)
    block = heard.block or (block if block in directory.blocks else None)
    apartment = _apartment(slots, block, directory)
    resident = _resident(slots, block, heard, directory)
    if apartment:
        taken = replace(heard, apartment=apartment, apartment_alternatives=(), block=block)
        taken = replace(taken, resident_name=resident or heard.resident_name)
    elif resident:
        taken = replace(heard, apartment=None, apartment_alternatives=(), resident_name=resident)
    elif expecting is Expecting.BLOCK and block:
        taken = replace(heard, block=block)
    else:
        return heard
    return replace(taken, confidence=min(heard.confidence, TO_BE_READ_BACK))


def _apartment(slots: Place, block: str | None, directory: Directory) -> str | None:
    number = canonical_number(slots.apartment or "")
    if not _APARTMENT.fullmatch(number):
        return None
    return number if directory.find(number, block).finding in FOUND else None


def _resident(
    slots: Place, block: str | None, heard: Understanding, directory: Directory
) -> str | None:
    name = borne_out(slots.resident, heard.text)
    if name is None or fold(name) == fold(heard.visitor_name or ""):
        return None
    return name if directory.find(None, block, name).finding in FOUND else None
