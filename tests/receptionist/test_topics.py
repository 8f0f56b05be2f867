"""What a turn is about, by its words alone: on questions that the handbook does not have."""

import time
from random import Random

import pytest

from conversation.receptionist import Fact, Handbook
from conversation.receptionist.phone_numbers import read_back, spoken_digits
from conversation.receptionist.topics import Topics
from tests.receptionist.clinic import HANDBOOK, LANGUAGES

TOPICS = {language: Topics(HANDBOOK, language) for language in LANGUAGES}
QUESTIONS = {
    "pt-BR": {
        "bom dia eu queria saber que horas vocês abrem no sábado": ("1",),
        "até que horas vocês ficam abertos": ("1",),
        "onde fica a clínica": ("2",),
        "como eu chego aí, qual é a rua": ("2",),
        "qual o preço da consulta para o meu filho": ("3",),
        "consulta": ("3", "booking"),
        "vocês aceitam cartão de crédito": ("4",),
        "onde posso estacionar o carro": ("5",),
        "precisa de jejum pro exame de sangue": ("6",),
        "preciso de uma segunda via do boleto": ("billing",),
        "quero remarcar a minha consulta": ("booking",),
        "a enfermeira márcia está": ("nurse",),
        "queria deixar um recado": ("message",),
        "quais são as opções": ("menu",),
        "quero falar com uma pessoa": ("person",),
        "vocês vendem pizza": (),
        "qual é o telefone da doutora": (),
        "vocês atendem no feriado": (),
        "quantas pessoas cabem na sala de espera": (),
        "vocês menu remédio para caco": (),
    },
    "en": {
        "hi are you open on saturday": ("1",),
        "where are you located": ("2",),
        "how much does an appointment cost": ("3",),
        "do you take credit cards": ("4",),
        "is there parking nearby": ("5",),
        "i would like to book an appointment": ("booking",),
        "i want to talk to billing": ("billing",),
        "leave a message please": ("message",),
        "can i bring my dog": (),
    },
    "es": {
        "a qué hora abren": ("1",),
        "dónde queda la clínica": ("2",),
        "cuánto cuesta la consulta": ("3",),
        "aceptan tarjeta de crédito": ("4",),
        "hay estacionamiento": ("5",),
        "quiero pedir una cita": ("booking",),
        "quiero dejar un mensaje": ("message",),
        "puedo llevar mi perro": (),
    },
}
MISHEARD = {
    "onde fica aclinia": ("2",),
    "você aseita cartão": ("4",),
    "o exame precisa de geum": ("6",),
    "quero falar com o financero": ("billing",),
    "quero deixar um ricado": ("message",),
}
"""As the built-in recogniser writes them."""


@pytest.mark.parametrize(
    ("language", "said", "found"),
    [
        (language, said, found)
        for language, questions in QUESTIONS.items()
        for said, found in questions.items()
    ],
)
def test_a_question_finds_its_entry_or_nothing(
    language: str, said: str, found: tuple[str, ...]
) -> None:
    assert set(TOPICS[language].find(said)) == set(found)


@pytest.mark.parametrize(("said", "found"), MISHEARD.items())
def test_a_word_that_was_misheard_is_found_by_its_sound(said: str, found: tuple[str, ...]) -> None:
    assert TOPICS["pt-BR"].find(said) == found


@pytest.mark.parametrize("said", ["", "e o a de", "oi bom dia", "?!"])
def test_words_that_say_nothing_find_nothing(said: str) -> None:
    assert TOPICS["pt-BR"].find(said) == ()


def test_what_too_much_fits_is_about_nothing() -> None:
    says = {"pt-BR": "Sim."}
    facts = [Fact(str(number), says, {"pt-BR": (f"consulta {word}",)}) for number, word in WORDS]
    assert Topics(Handbook(facts[:2]), "pt-BR").find("consulta") == ("1", "2")
    assert Topics(Handbook(facts), "pt-BR").find("consulta") == ()


def test_a_long_handbook_holds_up_no_call() -> None:
    """It is searched on the event loop, with each partial text of every caller."""
    random = Random(1)
    words = ["".join(random.choices("aeioubcdfglmnprst", k=7)) for _ in range(1500)]

    def phrase(length: int) -> str:
        return " ".join(random.choices(words, k=length))

    facts = [
        Fact(str(number), {"pt-BR": phrase(12)}, {"pt-BR": tuple(phrase(4) for _ in range(4))})
        for number in range(200)
    ]
    topics, turn = Topics(Handbook(facts), "pt-BR"), phrase(15)
    began = time.process_time()
    topics.find(turn)
    assert time.process_time() - began < 0.1


WORDS = enumerate(("preço", "duração", "preparo"), start=1)


@pytest.mark.parametrize(
    ("language", "said", "digits"),
    [
        ("pt-BR", "onze nove oito sete meia cinco quatro três dois um zero", "119876543210"),
        ("pt-BR", "é o onze, noventa e oito, vinte e um, trinta", "11982130"),
        ("pt-BR", "11 98765 4321", "11987654321"),
        ("pt-BR", "não tenho telefone", ""),
        ("en", "four one five, five five five, oh one two three", "4155550123"),
        ("es", "cincuenta y cinco cuarenta y dos diez", "554210"),
    ],
)
def test_digits_are_taken_from_what_was_said(language: str, said: str, digits: str) -> None:
    assert spoken_digits(said, language) == digits


@pytest.mark.parametrize(
    ("language", "digits", "said"),
    [
        ("pt-BR", "11987654321", "um um, nove oito sete meia cinco, quatro três dois um"),
        ("pt-BR", "33334444", "três três três três, quatro quatro quatro quatro"),
        ("en", "415555012", "four one five five five, five zero one two"),
        ("es", "554210123456", "cinco cinco cuatro, dos uno cero, uno dos tres, cuatro cinco seis"),
    ],
)
def test_a_number_is_read_back_digit_by_digit(language: str, digits: str, said: str) -> None:
    assert read_back(digits, language) == said
