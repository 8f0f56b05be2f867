"""Words around names in English: "my name is carlos", "here to see mrs rita", "daniel's friend"."""

from conversation.rules.en.common_words import (
    GIVEN_NAMES,
    KIN,
    NAME_SHAPED_VERBS,
    NEVER_NAMES,
    PARTICLES,
    TITLES,
)
from conversation.rules.en.companies import FIRMS
from conversation.rules.en.units import UNITS
from conversation.rules.names import NameWords
from conversation.rules.words import phrases_in, words_in

_INTRODUCTIONS = phrases_in(
    "my name is", "my full name is", "the name is", "name is", "my name", "call me", "this is",
    "i am", "it is", "tell him it is", "tell her it is", "tell them it is", "say it is",
    "i am called",
)  # fmt: skip
_OWNED = KIN | words_in(
    """
    apartment apt flat place house package delivery party order birthday dinner lunch food pizza
    medicine groceries home unit cleaner
    """
)

NAMES = NameWords(
    given=GIVEN_NAMES,
    never=NEVER_NAMES | KIN | UNITS.letters_that_follow | words_in("bravo foxtrot"),
    titles=TITLES,
    particles=PARTICLES,
    kin=KIN,
    shaped_like_verbs=NAME_SHAPED_VERBS,
    firms=FIRMS.words | words_in("net vivo claro sky"),
    articles=words_in("the"),
    introductions=_INTRODUCTIONS,
    sure=frozenset(phrase for phrase in _INTRODUCTIONS if "name" in phrase or "me" in phrase),
    wanted_after=words_in("see visit visiting seeing meet meeting for to with called family"),
    between=words_in("a an the to with of for"),
    owned=_OWNED,
    of=words_in("of"),
    awaits=words_in("expecting waiting called invited lives asked ordered authorized"),
    it_is=("it", "is"),
    possessive="s",
    known_only=words_in("for to with called"),
)
