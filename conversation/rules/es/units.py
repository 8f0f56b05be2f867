"""Which apartment, which block: "apartamento quinientos uno, torre b" is 501, B."""

from conversation.rules.es.common_words import NEVER_NAMES, PARTICLES
from conversation.rules.es.numbers import NUMERALS
from conversation.rules.units import UnitWords
from conversation.rules.words import words_in

_LETTERS = {
    "be": "B", "ce": "C", "de": "D", "efe": "F", "ge": "G", "hache": "H", "jota": "J", "ka": "K",
    "ele": "L", "eme": "M", "ene": "N", "pe": "P", "cu": "Q", "erre": "R", "ese": "S", "te": "T",
    "uve": "V", "ve": "V", "equis": "X", "zeta": "Z",
}  # fmt: skip
_ORDINALS = {
    "primera": "1", "primer": "1", "primero": "1", "segunda": "2", "segundo": "2", "tercera": "3",
    "tercer": "3", "cuarta": "4", "cuarto": "4", "quinta": "5", "quinto": "5",
}  # fmt: skip

UNITS = UnitWords(
    numerals=NUMERALS,
    units=words_in(
        "apartamento apartamentos departamento departamentos depto dpto apto unidad casa oficina "
        "numero piso"
    )
    - {"piso"},
    blocks=words_in("bloque torre edificio bloco"),
    letters=_LETTERS,
    letters_that_follow=words_in("be ce efe ge hache"),
    towers=words_in("norte sur este oeste azul verde amarilla blanca roja principal"),
    ordinals=_ORDINALS,
    fillers=words_in("numero n el la es de del en letra eh ah este"),
    number_word="numero",
    before_a_unit=words_in("en al para el es del de y eh"),
    articles=words_in("las"),
    not_before=words_in(
        """
        telefono celular cedula documento pasaporte placa codigo clave pedido factura protocolo piso
        """
    ),
    not_after=words_in(
        """
        horas hora minutos minuto segundos reales pesos dolares años personas persona paquetes cajas
        pedidos bolsas sobres dias dia veces metros pizzas momento cosas amigos
        """
    ),
    corrections=words_in("no digo perdon disculpe equivocado mejor verdad error"),
    lone=words_in("un uno una"),
    no_blocks=words_in("una"),
    links=words_in("del de letra guion"),
    little_letters=words_in("a e o y u"),
    never_names=NEVER_NAMES,
    particles=PARTICLES,
    no_letters=words_in("de te ese ele ve"),
)
