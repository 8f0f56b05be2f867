"""Which language each party is spoken to in: the extension's, until they speak another one that
it allows. Slots are in none, so that an English visitor and a Brazilian resident both understand.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from conversation.doorman import resident
from conversation.doorman.desk import Desk
from conversation.doorman.questions import ask_again
from conversation.doorman.state import ASKING
from conversation.flow import Party
from conversation.understanding import Understanding

_STAR: Final[Mapping[str, tuple[str, ...]]] = {
    "pt-BR": ("asterisco", "asterisco duas vezes"),
    "en": ("star", "star twice"),
    "es": ("asterisco", "asterisco dos veces"),
}


def follow(desk: Desk, party: Party, heard: Understanding) -> Understanding | None:
    """Go over to the language that a party speaks, from the next sentence on.

    What is plainly another language is enough once; what only leans to one has to come twice in a
    row. Gives back what there is to act on in the turn, or None where it was all about the
    language and has been answered.
    """
    now, wanted = desk.language(party), heard.language
    leans = heard.leans_to if desk.speaks(heard.leans_to) else None
    before = desk.state.leanings.pop(str(party), None)
    if not desk.speaks(wanted):
        wanted = leans if leans == before else None
    if wanted is None or wanted == now:
        if leans is not None and leans != now:
            desk.state.leanings[str(party)] = leans
        return heard
    _go_over(desk, party, wanted)
    if heard.language != wanted:
        expecting = desk.state.expecting(party)
        heard = desk.rules_for(party).interpret(heard.text, heard.confidence, expecting)
    heard = replace(heard, language=None)
    if heard.says_something:
        return heard
    _confirm(desk, party)
    return None


def next_language(desk: Desk) -> None:
    """The visitor pressed the key for another language: the next one of the extension's."""
    known = desk.languages
    _go_over(
        desk, Party.VISITOR, known[(known.index(desk.language(Party.VISITOR)) + 1) % len(known)]
    )
    _confirm(desk, Party.VISITOR)


def offer(desk: Desk) -> None:
    """Tell the visitor, in each of the other languages, which key it is on."""
    known, now = desk.languages, desk.languages.index(desk.language(Party.VISITOR))
    for times in range(1, len(known)):
        language = known[(now + times) % len(known)]
        star = _STAR[language]
        key = star[min(times, len(star)) - 1]
        desk.tell(Party.VISITOR, "language.offer", language=language, values={"key": key})


def _go_over(desk: Desk, party: Party, language: str) -> None:
    desk.record("language", party=str(party), before=desk.language(party), language=language)
    desk.state.languages[str(party)] = language
    desk.state.misunderstood = 0


def _confirm(desk: Desk, party: Party) -> None:
    """Say in the new language that it is spoken, and what we asked."""
    desk.tell(party, "language.switched")
    if party is Party.RESIDENT:
        resident.explain_again(desk)
    elif desk.state.stage in ASKING:
        ask_again(desk)
    else:
        desk.say(party, "waiting")
