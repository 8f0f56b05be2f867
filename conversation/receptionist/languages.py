"""Which language the caller is spoken to in: the extension's, until they speak another one."""

from conversation import going_over
from conversation.receptionist import answering
from conversation.receptionist.desk import Desk
from conversation.understanding import Understanding


def follow(desk: Desk, heard: Understanding) -> Understanding | None:
    """Go over to the language that the caller speaks, from the next sentence on.

    Gives back what there is to act on in the turn, or None where it was all about the language.
    """
    state = desk.state
    wanted, state.leaning = going_over.wanted(heard, desk.language, desk.languages, state.leaning)
    if wanted is None:
        return heard
    go_over(desk, wanted)
    heard = going_over.read_again(heard, wanted, desk.rules, state.expecting)
    if heard.says_something:
        return heard
    confirm(desk)
    return None


def next_language(desk: Desk) -> None:
    """The caller pressed the key for another language: the next one of the extension's."""
    go_over(desk, going_over.next_of(desk.languages, desk.language))
    confirm(desk)


def offer(desk: Desk) -> None:
    """Tell the caller, in each of the other languages, which key it is on."""
    for language, key in going_over.star_keys(desk.languages, desk.language):
        desk.say("language.offer", {"key": key}, language=language)


def go_over(desk: Desk, language: str) -> None:
    """Speak another language from the next sentence on."""
    desk.record("language", party="visitor", before=desk.language, language=language)
    desk.state.language, desk.state.leaning = language, None
    desk.state.misunderstood = 0


def confirm(desk: Desk) -> None:
    """Say in the new language that it is spoken, and what we asked."""
    desk.say("language.switched")
    answering.ask_again(desk)
