"""Which language the caller is spoken to in: the extension's, until they speak another one."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from conversation.receptionist import answering
from conversation.receptionist.desk import Desk
from conversation.understanding import Understanding

_STAR: Final[Mapping[str, tuple[str, ...]]] = {
    "pt-BR": ("asterisco", "asterisco duas vezes"),
    "en": ("star", "star twice"),
    "es": ("asterisco", "asterisco dos veces"),
}


def follow(desk: Desk, heard: Understanding) -> Understanding | None:
    """Go over to a language that a turn is plainly in, or that two in a row lean to.

    Gives back what there is to act on in the turn, or None where it was all about the language.
    """
    before, desk.state.leaning = desk.state.leaning, heard.leans_to
    wanted = heard.language if heard.language in desk.languages else None
    if wanted is None and heard.leans_to == before and before in desk.languages:
        wanted = before
    if wanted is None or wanted == desk.language:
        return heard
    go_over(desk, wanted)
    if heard.language != wanted:
        heard = desk.rules.interpret(heard.text, heard.confidence, desk.state.expecting)
    heard = replace(heard, language=None)
    if heard.says_something:
        return heard
    confirm(desk)
    return None


def next_language(desk: Desk) -> None:
    """The caller pressed the key for another language: the next one of the extension's."""
    place = desk.languages.index(desk.language)
    go_over(desk, desk.languages[(place + 1) % len(desk.languages)])
    confirm(desk)


def offer(desk: Desk) -> None:
    """Tell the caller, in each of the other languages, which key it is on."""
    for times, language in enumerate(desk.languages[1:], start=1):
        star = _STAR[language]
        key = star[min(times, len(star)) - 1]
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
