"""Which apartment, which block: "pro apartamento quinhentos e um do bloco b" is 501, B."""

from conversation.rules.pt_br.common_words import NEVER_NAMES, PARTICLES
from conversation.rules.pt_br.numbers import NUMERALS
from conversation.rules.units import UnitWords
from conversation.rules.words import words_in

UNIT_WORDS = words_in(
    """
    apartamento apartamentos ape apto ap unidade casa sala conjunto numero cobertura loja
    """
)
BLOCK_WORDS = words_in("bloco torre predio edificio bl")

_LETTERS = {
    "be": "B", "ce": "C", "se": "C", "de": "D", "efe": "F", "ge": "G", "aga": "H", "jota": "J",
    "ka": "K", "ca": "K", "ele": "L", "eme": "M", "ene": "N", "pe": "P", "que": "Q", "erre": "R",
    "esse": "S", "te": "T", "ve": "V", "dabliu": "W", "xis": "X", "ze": "Z",
}  # fmt: skip
"""Letters by the names that they have in Brazil."""
_TOWERS = words_in(
    """
    norte sul leste oeste azul verde amarela branca principal fundos frente
    """
)
_ORDINALS = {
    "primeiro": "1", "primeira": "1", "segundo": "2", "segunda": "2", "terceiro": "3",
    "terceira": "3", "quarto": "4", "quarta": "4", "quinto": "5", "quinta": "5",
}  # fmt: skip
_FILLERS = words_in("numero n o a e do da de no na letra mesmo eh ah")
_BEFORE_A_UNIT = words_in("no do pro o ao para pra n e eh num")
_ARTICLES = words_in("as da pela das dos")
"""Before a number these mean an hour or the firm called 99, never an apartment."""
_NOT_UNITS_BEFORE = words_in(
    """
    telefone celular cpf rg documento identidade placa codigo senha pedido nota protocolo cep andar
    registro
    """
)
_NOT_UNITS_AFTER = words_in(
    """
    horas hora minutos minuto segundos reais real anos ano pessoas pessoa pacotes caixas
    volumes encomendas entregas sacolas envelopes dias dia andar
    vezes metros litros quilos pizzas marmitas galoes
    """
)
_CORRECTIONS = words_in("nao digo alias desculpa desculpe errado perdao quer melhor verdade")

UNITS = UnitWords(
    numerals=NUMERALS,
    units=UNIT_WORDS,
    blocks=BLOCK_WORDS,
    letters=_LETTERS,
    letters_that_follow=words_in("be ce efe ge aga"),
    towers=_TOWERS,
    ordinals=_ORDINALS,
    fillers=_FILLERS,
    number_word="numero",
    before_a_unit=_BEFORE_A_UNIT,
    articles=_ARTICLES,
    not_before=_NOT_UNITS_BEFORE,
    not_after=_NOT_UNITS_AFTER,
    corrections=_CORRECTIONS,
    lone=words_in("um uma meia"),
    no_blocks=words_in("uma meia"),
    links=words_in("do da no na traco letra"),
    little_letters=words_in("a e o"),
    never_names=NEVER_NAMES,
    particles=PARTICLES,
    no_letters=words_in("de que se ele"),
)
