import pytest

from conversation.rules import rules_for
from conversation.understanding import Expecting
from stt.endpointing import Completeness

RULES = rules_for("pt-BR")
CERTAIN, COMPLETE, LIKELY = (
    Completeness.CERTAIN,
    Completeness.COMPLETE,
    Completeness.LIKELY,
)
OPEN, UNKNOWN = Completeness.OPEN, Completeness.UNKNOWN

ROWS = [
    (Expecting.AUTHORISATION, LIKELY, "sim"),
    (Expecting.AUTHORISATION, LIKELY, "não"),
    (Expecting.AUTHORISATION, COMPLETE, "sim pode subir"),
    (Expecting.AUTHORISATION, LIKELY, "não autorizo"),
    (Expecting.AUTHORISATION, UNKNOWN, "o cachorro fugiu de casa"),
    (Expecting.AUTHORISATION, COMPLETE, "pode subir"),
    (Expecting.AUTHORISATION, CERTAIN, "quem é"),
    (Expecting.AUTHORISATION, COMPLETE, "um momento"),
    (Expecting.AUTHORISATION, COMPLETE, "deixa na portaria"),
    (Expecting.AUTHORISATION, UNKNOWN, "pode"),
    (Expecting.AUTHORISATION, UNKNOWN, "manda"),
    (Expecting.AUTHORISATION, UNKNOWN, "deixa"),
    (Expecting.AUTHORISATION, CERTAIN, "alô"),
    (Expecting.AUTHORISATION, OPEN, "deixa na"),
    (Expecting.YES_NO, COMPLETE, "isso"),
    (Expecting.YES_NO, COMPLETE, "sim"),
    (Expecting.YES_NO, LIKELY, "não"),
    (Expecting.YES_NO, OPEN, "não é o"),
    (Expecting.UNIT, OPEN, "apartamento"),
    (Expecting.UNIT, OPEN, "apartamento cinco"),
    (Expecting.UNIT, OPEN, "apartamento cinco zero"),
    (Expecting.UNIT, LIKELY, "apartamento cinco zero um"),
    (Expecting.UNIT, OPEN, "quinhentos"),
    (Expecting.UNIT, OPEN, "quinhentos e"),
    (Expecting.UNIT, LIKELY, "quinhentos e um"),
    (Expecting.UNIT, OPEN, "mil"),
    (Expecting.UNIT, OPEN, "mil e"),
    (Expecting.UNIT, OPEN, "quinhentos e um bloco"),
    (Expecting.UNIT, CERTAIN, "quinhentos e um bloco b"),
    (Expecting.UNIT, OPEN, "é pra dona"),
    (Expecting.UNIT, UNKNOWN, "é pra dona rita"),
    (Expecting.PURPOSE, OPEN, "boa tarde"),
    (Expecting.PURPOSE, OPEN, "boa tarde é uma entrega para o"),
    (Expecting.PURPOSE, OPEN, "entrega do"),
    (Expecting.PURPOSE, OPEN, "entrega do mercado livre pro apartamento"),
    (Expecting.PURPOSE, LIKELY, "entrega do mercado livre pro apartamento quinhentos e um"),
    (Expecting.PURPOSE, UNKNOWN, "é uma entrega"),
    (Expecting.PURPOSE, OPEN, "meu nome é"),
    (Expecting.PURPOSE, COMPLETE, "socorro"),
    (Expecting.PURPOSE, OPEN, "boa tarde meu nome é gilberto"),
    (Expecting.PURPOSE, OPEN, "eu queria"),
    (Expecting.PURPOSE, OPEN, "vim trazer é a"),
    (Expecting.PURPOSE, LIKELY, "desculpe não entendi"),
    (Expecting.PURPOSE, UNKNOWN, "aqui é da polícia"),
    (Expecting.BLOCK, LIKELY, "é o segundo"),
    (Expecting.BLOCK, CERTAIN, "é o a"),
    (Expecting.AUTHORISATION, LIKELY, "no momento não posso atender"),
    (Expecting.AUTHORISATION, LIKELY, "não melhor não"),
    (Expecting.AUTHORISATION, UNKNOWN, "pronto"),
    (Expecting.AUTHORISATION, LIKELY, "tá bom"),
    (Expecting.AUTHORISATION, COMPLETE, "tá bom pode subir"),
    (Expecting.PURPOSE, COMPLETE, "quero falar com o porteiro"),
    (Expecting.VISITOR_NAME, OPEN, "meu nome é"),
    (Expecting.BLOCK, UNKNOWN, "não sei o bloco"),
    (Expecting.UNIT, UNKNOWN, "não sei o número"),
    (Expecting.VISITOR_NAME, UNKNOWN, "carlos"),
    (Expecting.VISITOR_NAME, UNKNOWN, "é o um"),
    (Expecting.VISITOR_NAME, COMPLETE, "carlos pereira"),
    (Expecting.VISITOR_NAME, OPEN, "é o"),
    (Expecting.BLOCK, CERTAIN, "b"),
    (Expecting.BLOCK, OPEN, "é no bloco"),
    (Expecting.BLOCK, CERTAIN, "bloco dois"),
    (Expecting.PURPOSE, UNKNOWN, ""),
    (Expecting.PURPOSE, OPEN, "deixa eu ver"),
    (Expecting.UNIT, OPEN, "bom na verdade"),
    (Expecting.YES_NO, COMPLETE, "não é no bloco a"),
    (Expecting.PURPOSE, LIKELY, "vim visitar o daniel"),
    (Expecting.PURPOSE, CERTAIN, "vim visitar o daniel reis"),
]


@pytest.mark.parametrize(("expecting", "judged", "said"), ROWS)
def test_how_far_words_answer_what_was_asked(
    expecting: Expecting, judged: Completeness, said: str
) -> None:
    assert RULES.completeness(said, expecting) is judged
