"""Whole visits in English and Spanish, and callers who go over to another language and back."""

from types import ModuleType
from typing import Any

import pytest

from conversation.doorman import Doorman, DoormanSettings
from conversation.flow import CallOutcome, CallStarted, Heard, Party, Say
from conversation.rules import rules_for
from conversation.rules.identifying import Spoken, identify
from conversation.rules.polyglot import Polyglot
from conversation.texts import Texts
from tests.conversation import english_turns, resident_turns, spanish_turns, visitor_turns
from tests.conversation.gate import CALL, DIRECTORY, Gate

LANGUAGES = ("pt-BR", "en", "es")
PLAIN = {language: rules_for(language, DIRECTORY.names()) for language in LANGUAGES}
RULES = {language: Polyglot(rules, PLAIN) for language, rules in PLAIN.items()}


class PolyglotGate(Gate):
    """A gate whose own language is ``own``, where callers may go over to the ``others``."""

    def __init__(self, own: str = "pt-BR", *others: str, **settings: Any) -> None:
        self.own = own
        self.others = others or tuple(one for one in LANGUAGES if one != own)
        self.settings = DoormanSettings("Residencial Aurora", **settings)
        self.books = {one: Texts.load(one).phrasebook(seed=1) for one in LANGUAGES}
        super().__init__()
        self.doorman = self.a_doorman()
        self.book = self.books[own]
        self.actions.clear()
        self.said.clear()
        self.happens(CallStarted(15))

    def a_doorman(self) -> Doorman:
        others = {one: RULES[one] for one in self.others}
        return Doorman(CALL, self.settings, DIRECTORY, RULES[self.own], others)

    def in_another_process(self) -> "PolyglotGate":
        snapshot = self.doorman.snapshot()
        self.doorman = self.a_doorman()
        self.doorman.restore(snapshot)
        return self

    def language(self, party: Party = Party.VISITOR) -> str:
        return self.doorman.language(party) or self.own

    def visitor(self, text: str, confidence: float = 0.95) -> "PolyglotGate":
        return self._hears(Party.VISITOR, text, confidence)

    def resident(
        self, text: str, confidence: float = 0.95, *, interrupted: bool = False
    ) -> "PolyglotGate":
        return self._hears(Party.RESIDENT, text, confidence)

    def _hears(self, party: Party, text: str, confidence: float) -> "PolyglotGate":
        rules = RULES[self.language(party)]
        heard = rules.interpret(text, confidence, self.doorman.expecting(party))
        self.happens(Heard(party, heard))
        return self

    def told(self, party: Party = Party.VISITOR) -> list[str]:
        """What a party was told in the last step, in the language that it was told in."""
        return [
            self.books[action.language or self.own].render(action.text, action.values)
            for action in self.last
            if isinstance(action, Say) and action.party is party
        ]

    def languages_told(self, party: Party = Party.VISITOR) -> set[str]:
        return {
            action.language or self.own
            for action in self.last
            if isinstance(action, Say) and action.party is party
        }


VISITS = {
    "en": (
        "hello i have a delivery from amazon for apartment five oh two block b",
        "which company is it",
        "let him in",
        "no don't let him in",
    ),
    "es": (
        "hola tengo una entrega de amazon para el apartamento quinientos dos bloque b",
        "de qué empresa es",
        "que suba",
        "no lo deje pasar",
    ),
    "pt-BR": (
        "entrega da amazon pro apartamento quinhentos e dois bloco b",
        "de que empresa",
        "pode subir",
        "não pode subir",
    ),
}


@pytest.mark.parametrize("own", LANGUAGES)
def test_a_visit_is_authorised_in_the_extensions_own_language(own: str) -> None:
    errand, asks, lets_in, _ = VISITS[own]
    gate = PolyglotGate(own).visitor(errand)
    assert gate.ringing == "2502"
    gate.answered()
    assert gate.languages_told(Party.RESIDENT) == {own}
    assert any("Amazon" in said for said in gate.told(Party.RESIDENT))
    gate.resident(asks)
    assert any("Amazon" in said for said in gate.told(Party.RESIDENT))
    gate.resident(lets_in)
    assert (gate.outcome, gate.opened) == ("authorised", True)
    assert gate.languages_told() == {own}


@pytest.mark.parametrize("own", LANGUAGES)
def test_a_visit_is_refused_in_the_extensions_own_language(own: str) -> None:
    errand, _, _, refuses = VISITS[own]
    gate = PolyglotGate(own).visitor(errand)
    gate.answered()
    gate.resident(refuses)
    assert (gate.outcome, gate.opened) == ("denied", False)


@pytest.mark.parametrize("own", LANGUAGES)
def test_a_visit_that_nobody_answers_ends_in_the_extensions_own_language(own: str) -> None:
    gate = PolyglotGate(own).visitor(VISITS[own][0])
    gate.phone(CallOutcome.NO_ANSWER)
    assert gate.outcome == "no_answer"
    assert gate.languages_told() == {own}


@pytest.mark.parametrize("visitor", ["en", "es"])
def test_a_visitor_and_a_resident_each_hear_their_own_language(visitor: str) -> None:
    gate = PolyglotGate().visitor(VISITS[visitor][0])
    assert gate.language() == visitor
    assert gate.languages_told() == {visitor}
    assert gate.ringing == "2502"
    gate.answered()
    assert gate.languages_told(Party.RESIDENT) == {"pt-BR"}
    assert "entrega da Amazon" in gate.told(Party.RESIDENT)[0]
    gate.resident("quem é")
    assert gate.languages_told(Party.RESIDENT) == {"pt-BR"}
    gate.resident("pode subir")
    assert gate.outcome == "authorised"
    assert gate.languages_told() == {visitor}
    assert gate.languages_told(Party.RESIDENT) == {"pt-BR"}


def test_a_shop_is_called_what_each_party_calls_it() -> None:
    gate = PolyglotGate().visitor("hi i'm from the pharmacy with a delivery for five oh two")
    assert "from the pharmacy" in " ".join(gate.told())
    assert "apartment 502, block B" in " ".join(gate.told())
    gate.answered()
    assert "da farmácia" in gate.told(Party.RESIDENT)[0]


@pytest.mark.parametrize(
    ("said", "language", "opening"),
    [
        ("do you speak english", "en", "English"),
        ("fala inglês", "en", "English"),
        ("habla español", "es", "español"),
        ("hello good morning", "en", "English"),
        ("buenas tardes señor", "es", "español"),
    ],
)
def test_who_asks_for_a_language_gets_it_and_the_question_again(
    said: str, language: str, opening: str
) -> None:
    gate = PolyglotGate().visitor(said)
    assert gate.language() == language
    assert gate.keys_said == ["language.switched", "ask.purpose"]
    assert opening in gate.told()[0]


@pytest.mark.parametrize(
    "said", ["ok", "no", "não", "hello", "hi", "delivery", "uber", "si", "yes"]
)
def test_one_word_changes_no_language(said: str) -> None:
    assert PolyglotGate().visitor(said).language() == "pt-BR"


def test_a_language_that_comes_twice_is_meant() -> None:
    gate = PolyglotGate().visitor("hello")
    assert gate.language() == "pt-BR"
    assert gate.visitor("hello").language() == "en"


def test_a_leaning_is_forgotten_when_something_else_comes_between() -> None:
    gate = PolyglotGate().visitor("hello").visitor("é uma entrega").visitor("hello")
    assert gate.language() == "pt-BR"


def test_a_visitor_may_go_over_and_back() -> None:
    gate = PolyglotGate().visitor("good morning i have a delivery")
    assert (gate.language(), gate.languages_told()) == ("en", {"en"})
    gate.visitor("desculpa eu falo português é pro quinhentos e dois")
    assert (gate.language(), gate.ringing) == ("pt-BR", "2502")
    assert [data["language"] for data in gate.records("language")] == ["en", "pt-BR"]


def test_the_language_survives_the_process() -> None:
    gate = PolyglotGate().visitor("hello i have a delivery").in_another_process()
    gate.happens(CallStarted(15, resumed=True))
    assert (gate.language(), gate.languages_told()) == ("en", {"en"})


def test_a_language_that_is_no_longer_allowed_falls_back_to_the_extensions() -> None:
    gate = PolyglotGate().visitor("hello i have a delivery")
    gate.others = ("es",)
    gate.in_another_process().happens(CallStarted(15, resumed=True))
    assert gate.language() == "pt-BR"


def test_a_language_that_is_not_allowed_is_not_spoken() -> None:
    gate = PolyglotGate("pt-BR", "es").visitor("hello do you speak english")
    assert gate.language() == "pt-BR"
    assert gate.keys_said == ["english.keys"]


def test_the_star_key_is_the_next_language_and_the_greeting_may_say_so() -> None:
    gate = PolyglotGate(offers_languages=True)
    assert gate.told()[1:] == [
        "For English, press star.",
        "Para español, marque asterisco dos veces.",
    ]
    assert gate.doorman.expecting(Party.VISITOR) == "purpose"
    assert gate.language() == "pt-BR"
    assert gate.keys("*").doorman.language(Party.VISITOR) == "en"
    assert gate.keys("*").doorman.language(Party.VISITOR) == "es"
    assert gate.keys("*").doorman.language(Party.VISITOR) is None


def test_who_is_not_understood_twice_is_offered_the_other_languages() -> None:
    gate = PolyglotGate().visitor("o céu é azul").visitor("a grama é verde")
    assert "language.offer" in gate.keys_said
    assert "language.offer" not in Gate().visitor("o céu é azul").visitor("é verde").keys_said


def test_a_resident_may_ask_for_another_language_too() -> None:
    gate = PolyglotGate().visitor(VISITS["pt-BR"][0])
    gate.answered()
    gate.resident("sorry do you speak english")
    assert gate.keys_said == ["language.switched", "resident.ask.delivery_company"]
    assert gate.languages_told(Party.RESIDENT) == {"en"}
    gate.resident("yes let him in")
    assert gate.outcome == "authorised"
    assert gate.languages_told() == {"pt-BR"}


def test_the_next_resident_is_spoken_to_in_the_extensions_language_again() -> None:
    gate = PolyglotGate().visitor("visita pro apartamento quinhentos e um bloco b")
    gate.visitor("meu nome é carlos")
    gate.answered()
    gate.resident("sorry do you speak english").resident("you have the wrong number")
    gate.answered()
    assert gate.languages_told(Party.RESIDENT) == {"pt-BR"}


@pytest.mark.parametrize(
    ("text", "present", "spoken"),
    [
        ("vim visitar a maria", "pt-BR", Spoken()),
        ("no apartamento quinhentos e um", "pt-BR", Spoken()),
        ("é do uber eats", "pt-BR", Spoken()),
        ("delivery do burger king pro quinhentos", "pt-BR", Spoken()),
        ("quiero hablar con daniel", "pt-BR", Spoken("es", plain=True)),
        ("para el quinientos uno", "pt-BR", Spoken("es", plain=True)),
        ("i have a package for five oh one", "pt-BR", Spoken("en", plain=True)),
        ("eu tenho uma entrega", "en", Spoken("pt-BR", plain=True)),
        ("obrigado", "en", Spoken("pt-BR")),
        ("mr daniel reis apartment two", "en", Spoken()),
        ("", "en", Spoken()),
    ],
)
def test_a_language_is_told_by_words_that_only_it_has(
    text: str, present: str, spoken: Spoken
) -> None:
    assert identify(text, present, LANGUAGES) == spoken


def _turns(module: ModuleType) -> list[str]:
    tables = [table for name, table in vars(module).items() if name.isupper()]
    return [line.split(" = ")[0] for table in tables for line in table.splitlines() if line]


@pytest.mark.parametrize(
    ("own", "modules"),
    [
        ("pt-BR", (visitor_turns, resident_turns)),
        ("en", (english_turns,)),
        ("es", (spanish_turns,)),
    ],
)
def test_nobody_is_taken_for_a_speaker_of_another_language(
    own: str, modules: tuple[ModuleType, ...]
) -> None:
    english = {said for said in _turns(visitor_turns) if PLAIN["pt-BR"].interpret(said).language}
    turns = [said for module in modules for said in _turns(module) if said not in english]
    assert [said for said in turns if identify(said, own, LANGUAGES).plain] == []
