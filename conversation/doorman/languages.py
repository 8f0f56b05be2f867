"""Which language each party is spoken to in: the extension's, until they speak another one that
it allows. Slots are in none, so that an English visitor and a Brazilian resident both understand.
"""

from conversation import going_over
from conversation.doorman import resident
from conversation.doorman.desk import Desk
from conversation.doorman.questions import ask_again
from conversation.doorman.state import ASKING
from conversation.flow import Party
from conversation.understanding import Understanding


def follow(desk: Desk, party: Party, heard: Understanding) -> Understanding | None:
    """Go over to the language that a party speaks, from the next sentence on.

    Gives back what there is to act on in the turn, or None where it was all about the language and
    has been answered.
    """
    now, leanings = desk.language(party), desk.state.leanings
    before = leanings.pop(str(party), None)
    wanted, leaning = going_over.wanted(heard, now, desk.languages, before)
    if leaning is not None:
        leanings[str(party)] = leaning
    if wanted is None:
        return heard
    _go_over(desk, party, wanted)
    expecting = desk.state.expecting(party)
    heard = going_over.read_again(heard, wanted, desk.rules_for(party), expecting)
    if heard.says_something:
        return heard
    _confirm(desk, party)
    return None


def next_language(desk: Desk) -> None:
    """The visitor pressed the key for another language: the next one of the extension's."""
    now = desk.language(Party.VISITOR)
    _go_over(desk, Party.VISITOR, going_over.next_of(desk.languages, now))
    _confirm(desk, Party.VISITOR)


def offer(desk: Desk) -> None:
    """Tell the visitor, in each of the other languages, which key it is on."""
    now = desk.language(Party.VISITOR)
    for language, key in going_over.star_keys(desk.languages, now):
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
