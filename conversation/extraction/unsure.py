"""Where the rules are not sure, and only there is a language model asked."""

import re
from collections.abc import Callable
from typing import Final

from conversation.directory import Directory, Finding
from conversation.extraction.slots import ASKED_ABOUT, Group
from conversation.rules.words import fold
from conversation.understanding import Expecting, Instruction, Intent, Understanding

PURPOSES: Final = frozenset({Intent.DELIVERY, Intent.VISIT, Intent.SERVICE, Intent.RESIDENT})
FOUND: Final = frozenset({Finding.EXACT, Finding.WHICH_BLOCK, Finding.WHICH_RESIDENT})
NOT_HEARD: Final = 0.2
"""Below this confidence the words are noise: nobody can make more of them."""
_WORD = re.compile(r"[^\W\d_]+")


def unsure_of(
    heard: Understanding,
    expecting: Expecting,
    directory: Directory,
    explains: Callable[[str], bool],
) -> tuple[Group, ...]:
    """What is worth asking about a visitor's turn; nothing where the rules are sure.

    They are sure of what ends or turns the talk ("socorro", "chama o porteiro", "não sei"), of
    slots that they filled (a number only if the directory has it; whose name somebody said, it
    tells better than any model), and that nothing else was said where they have a meaning for every
    word: ``explains`` says whether they do.
    """
    if not _worth_it(heard):
        return ()
    missing = tuple(
        group for group in ASKED_ABOUT.get(expecting, ()) if not _known(group, heard, directory)
    )
    all_of_it = heard.says_something and not _strange(heard, explains)
    in_vain = "place" in missing and heard.apartment
    return () if all_of_it and not in_vain else missing


def knows_place(heard: Understanding, directory: Directory) -> bool:
    """Whether the directory has the unit or name of a turn."""
    if not (heard.apartment or heard.resident_name):
        return False
    found = directory.find(
        heard.apartment, heard.block, heard.resident_name, heard.apartment_alternatives
    )
    return found.finding in FOUND


def _worth_it(heard: Understanding) -> bool:
    if heard.code is not None:
        return False  # a secret, or the talk about one, leaves the house with nobody
    settled = heard.intent is not None and heard.intent not in PURPOSES | {Intent.GREETING}
    plain = heard.backchannel or heard.does_not_know or heard.abusive or heard.language
    waits = heard.instruction is Instruction.WAIT
    only_greets = heard.intent is Intent.GREETING and not heard.says_something
    nothing = not heard.text or heard.confidence < NOT_HEARD
    return not (settled or plain or waits or only_greets or nothing)


def _known(group: Group, heard: Understanding, directory: Directory) -> bool:
    match group:
        case "errand":
            return heard.intent in PURPOSES or bool(heard.company)
        case "place":
            unnumbered = not heard.apartment and (heard.block or heard.resident_name)
            return bool(unnumbered) or knows_place(heard, directory)
        case "caller":
            # nobody asks a courier's name
            return heard.visitor_name is not None or heard.intent is Intent.DELIVERY
        case _:
            return heard.answer is not None or bool(heard.apartment or heard.block)


def _strange(heard: Understanding, explains: Callable[[str], bool]) -> bool:
    """Whether there are words that are in no slot and that the rules have no meaning for."""
    slots = (heard.visitor_name, heard.resident_name, heard.company)
    used = {word for slot in slots if slot for word in fold(slot).split()}
    words = _WORD.findall(fold(heard.text))
    return any(len(word) > 1 and word not in used and not explains(word) for word in words)
