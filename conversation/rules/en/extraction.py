"""The rules for English: its tables, together."""
# ruff: noqa: E501 - a line is a group of phrases

import re
from collections.abc import Iterable

from conversation.rules.completeness import EndWords
from conversation.rules.en import companies
from conversation.rules.en.answers import ANSWERS
from conversation.rules.en.common_words import GIVEN_NAMES, KIN, NEVER_NAMES, TITLES
from conversation.rules.en.intents import INTENTS
from conversation.rules.en.names import NAMES
from conversation.rules.en.numbers import NUMERALS, mend_numbers
from conversation.rules.en.units import UNITS
from conversation.rules.extraction import Lexicon, LexiconRules
from conversation.rules.manners import MannerWords
from conversation.rules.patterns import any_of
from conversation.rules.words import Vocabulary, Word, phrases_in, words_in

_WHOLE = {
    "im": "i am", "dont": "do not", "don": "do not", "cant": "can not", "cannot": "can not",
    "wont": "will not", "won't": "will not", "can't": "can not", "didnt": "did not",
    "doesnt": "does not", "isnt": "is not", "arent": "are not", "ain't": "is not",
    "aint": "is not", "its": "it is", "whos": "who is", "whats": "what is", "wheres": "where is",
    "hes": "he is", "shes": "she is", "theyre": "they are", "thats": "that is", "ive": "i have",
    "theres": "there is", "gonna": "going to", "wanna": "want to", "lemme": "let me",
    "let's": "let us", "lets": "let us", "ma'am": "madam", "shouldnt": "should not",
    "couldnt": "could not", "alrighty": "alright", "uhhuh": "uh huh", "mmhmm": "mm hmm",
    "o'clock": "oclock",
}  # fmt: skip
_ENDINGS = {
    "n't": " not", "'m": " am", "'re": " are", "'ve": " have", "'ll": " will", "'d": " would",
}  # fmt: skip
_IS = frozenset("it he she who what where there that here when how name".split())  # noqa: SIM905
_CONTRACTED = re.compile(r"[a-z]+(?:n't|'[a-z]+)?")
_NO_PROBLEM = re.compile(r"\b(?:no|not a) (?:problem|worries)(?! with)\b")
"""A yes that begins with "no"."""


def _expanded(match: re.Match[str]) -> str:
    word = match.group()
    if word in _WHOLE:
        return _WHOLE[word]
    for ending, said in _ENDINGS.items():
        if word.endswith(ending):
            return word.removesuffix(ending) + said
    bare = word.removesuffix("'s")
    return word if bare == word else f"{bare} {'is' if bare in _IS else 's'}"


def whole_words(text: str) -> str:
    """ "I'm Daniel's friend, don't worry" as "i am daniel s friend, do not worry"."""
    said = _CONTRACTED.sub(_expanded, text.lower().replace("’", "'"))
    return _NO_PROBLEM.sub("sure", said)


def _mend(words: list[Word]) -> list[Word]:
    return mend_numbers(words, UNITS.anchors)


_KEYWORDS = words_in(
    """
    apartment building block tower delivery delivering package parcel courier visitor visiting
    service technician maintenance plumber electrician emergency police ambulance authorize
    authorized approve resident doorman concierge downstairs reception message pharmacy
    """
)
_LEXICON = Lexicon(
    language="en",
    vocabulary=Vocabulary(
        keywords=_KEYWORDS | companies.FIRMS.words,
        others=GIVEN_NAMES | NEVER_NAMES | KIN | TITLES,
    ),
    units=UNITS,
    names=NAMES,
    answers=ANSWERS,
    intents=INTENTS,
    manners=MannerWords(
        backchannels=words_in(
            "uh huh mm hmm mhm ok okay right yeah yes i see hm ah oh alright got it sure um"
        ),
        murmurs=words_in("a uh um m am ha the"),
        plain_answers=words_in("ok okay right yeah yes alright sure i see got it"),
        abuse=any_of(
            """
            fuck*|shit|bullshit|bitch|asshole|bastard|idiot|moron|stupid|motherfucker|dick|cunt|crap
            son of a bitch|dumb|dumbass|screw you|go to hell|piss off|jerk|retard
            """
        ),
        ignorance=any_of(
            """
            do not know|not sure|no idea|i forgot|(can|do) not remember( _)*|does not say( _)*
            (not|nothing) written|it (only|just) (says|has)( _)*|have no idea|self employed|freelance
            (do|does) not have (a |the |any )?(block|tower|number|apartment|company)
            there is no (block|tower|number|building)|no (block|company|building|tower)|on my own
            private|independent|not (here|listed)|did not (say|tell)( _)*
            """
        ),
        objections=any_of(
            """
            wait|hold on|hang on|stop|cancel|wrong|another|actually|sorry|excuse me|listen|no no
            never mind|do not call|not that|i said|i meant|i already|what|it is not|that is not|no$
            """
        ),
        small_talk=any_of("rain*|cold|hot|sunny|windy|weather|traffic|hold this"),
    ),
    ends=EndWords(
        units=UNITS,
        numerals=NUMERALS,
        hanging=UNITS.anchors
        | words_in(
            """
            the a an of to for from in at with and or but my your his her is am are was have i he
            she they we because so that name visit visiting deliver bring want see mr mrs ms doctor
            thousand
            """
        ),
        goes_on_or_not=words_in("can may let send could"),
        hesitation=words_in("uh um hm er ah uhm hmm"),
        closed=words_in("thanks bye goodbye"),
        thinking=phrases_in(
            "let me see", "let me check", "let me look", "one second", "hang on", "actually",
            "i think", "you know", "i mean", "well",
        ),
        assents=words_in(
            """
            yes yeah yep yup no nope nah ok okay all right alright sure fine good of course
            absolutely definitely certainly that is it s
            """
        ),
        introductions=words_in("this am we"),
    ),
    codes=words_in("code codes pin password passcode"),
    signing=any_of(
        """
        (needs|need|requires|require|must|has to|have to)( _){0,4} (sign|signed|signature)
        signature (required|needed)|sign for (it|this|them)|registered (mail|letter)
        """
    ),
    find_company=companies.FIRMS.find,
    company=companies.company,
    of_company=companies.of_company,
    decisions=(
        "yes", "no", "let him in", "let her in", "send him up", "send her up", "open the gate",
        "i authorize", "don't let him in", "i don't know this person", "who is it",
        "from which company", "what is it", "one moment", "tell him to wait", "i'm coming down",
        "leave it at the desk", "let me talk to him", "say i'm not home", "hello", "who is this",
        "i'm not expecting anyone", "go ahead", "of course", "sure",
    ),
    confirmations=("yes", "no", "right", "correct", "that's right", "apartment", "block", "wrong"),
    errands=(
        "delivery", "delivery for apartment", "package", "visit", "i'm here to visit", "service",
        "maintenance", "my name is", "apartment", "block", "building", "tower", "good morning",
        "good afternoon", "good evening", "yes", "no", "i'm here to see", "friend",
        "i want to talk to a person", *companies.FIRMS.phrases,
    ),
    prepare=whole_words,
    mend=_mend,
)  # fmt: skip


class EnRules(LexiconRules):
    """Slot extraction for English."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        """``names`` are the directory's words; see :class:`LexiconRules`."""
        super().__init__(_LEXICON, names)
