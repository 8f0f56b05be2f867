"""Which apartment, which block: "apartment five oh one, building b" is 501, B."""

from conversation.rules.en.common_words import NEVER_NAMES, PARTICLES
from conversation.rules.en.numbers import NUMERALS
from conversation.rules.units import UnitWords
from conversation.rules.words import words_in

_LETTERS = {
    "bee": "B", "cee": "C", "sea": "C", "see": "C", "dee": "D", "eff": "F", "gee": "G",
    "aitch": "H", "jay": "J", "kay": "K", "el": "L", "em": "M", "en": "N", "pee": "P", "cue": "Q",
    "ess": "S", "tee": "T", "vee": "V", "ex": "X", "why": "Y", "zee": "Z", "zed": "Z",
    "alpha": "A", "alfa": "A", "bravo": "B", "charlie": "C", "delta": "D", "echo": "E",
    "foxtrot": "F", "golf": "G", "hotel": "H",
}  # fmt: skip
_ORDINALS = {
    "first": "1", "second": "2", "third": "3", "fourth": "4", "fifth": "5", "sixth": "6",
}  # fmt: skip

UNITS = UnitWords(
    numerals=NUMERALS,
    units=words_in("apartment apartments apt unit suite flat house room condo number"),
    blocks=words_in("block building tower bloc blk bldg"),
    letters=_LETTERS,
    letters_that_follow=words_in("bee cee dee eff gee aitch jay kay alpha alfa bravo delta"),
    towers=words_in("north south east west blue green yellow white red main front back"),
    ordinals=_ORDINALS,
    fillers=words_in("number the is of in letter uh um it a"),
    number_word="number",
    before_a_unit=words_in("in at to for the from on and is uh um"),
    articles=words_in("my his her"),
    not_before=words_in(
        """
        phone telephone cell mobile id passport document plate code password order receipt protocol
        zip floor
        """
    ),
    not_after=words_in(
        """
        hours hour minutes minute seconds dollars reais years people persons packages package boxes
        box bags bag days times pizzas pizza letters orders items things of more oclock am pm
        moment second friends
        """
    ),
    corrections=words_in("no not sorry actually mean wrong rather wait correction"),
    lone=words_in("one oh o"),
    no_blocks=frozenset(),
    links=words_in("letter dash in"),
    little_letters=words_in("a i o"),
    never_names=NEVER_NAMES,
    particles=PARTICLES,
    no_letters=words_in("see sea why el en em ex golf hotel charlie echo"),
    names_precede=True,
)
