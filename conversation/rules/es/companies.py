"""Firms as they are called in Spanish; slots keep the name that Brazil gives them."""

from conversation.rules.companies import Company, Firms, FirmWords
from conversation.rules.es.common_words import GIVEN_NAMES, NEVER_NAMES, TITLES
from conversation.rules.firms import EVERYDAY_BRANDS, brands
from conversation.rules.words import words_in
from conversation.understanding import Intent

_D, _S = Intent.DELIVERY, Intent.SERVICE
_SHOPS = (
    ("farmácia", "de la", "farmacia", _D, "farmacia"),
    ("padaria", "de la", "panadería", _D, "panaderia"),
    ("supermercado", "del", "supermercado", _D, "supermercado"),
    ("pizzaria", "de la", "pizzería", _D, "pizzeria"),
    ("restaurante", "del", "restaurante", _D, "restaurante"),
    ("floricultura", "de la", "florería", _D, "floreria|floristeria"),
    ("lavanderia", "de la", "lavandería", _D, "lavanderia|tintoreria"),
    ("transportadora", "de la", "transportadora", _D, "transportadora|mensajeria"),
    ("Correios", "del", "correo", _D, "correo|correos|cartero"),
    ("prefeitura", "de la", "municipalidad", _S, "municipalidad|alcaldia|prefectura"),
    ("imobiliária", "de la", "inmobiliaria", _S, "inmobiliaria"),
    ("administradora", "de la", "administradora", _S, "administradora"),
)
_SAID = {name: (of, said) for name, of, said, _, _ in _SHOPS}
_MORE = {
    "i food": Company("iFood", "de", _D),
    "mercado libre": Company("Mercado Livre", "de", _D),
    "pedidos ya": Company("PedidosYa", "de", _D),
    "ubereats": Company("Uber", "de", _D),
    "fed ex": Company("FedEx", "de", _D),
}

FIRMS = Firms(
    FirmWords(
        introduces=words_in(
            """
            soy somos vengo venimos entrega entregas encomienda paquete pedido tecnico tecnica
            repartidor repartidora mensajero servicio instalador equipo gente caja comida
            mantenimiento
            """
        ),
        links=words_in("de del"),
        firm=words_in("empresa compañia tienda"),
        never=NEVER_NAMES,
        people=GIVEN_NAMES | TITLES,
        articles=words_in("la el los las"),
    ),
    {
        **brands("de"),
        **_MORE,
        **{
            phrase: Company(name, of, purpose)
            for name, of, _, purpose, phrases in _SHOPS
            for phrase in phrases.split("|")
        },
    },
    linked=EVERYDAY_BRANDS,
)


def company(name: str) -> str:
    """A firm's name in Spanish: "farmacia" for "farmácia"."""
    return _SAID[name][1] if name in _SAID else name


def of_company(name: str) -> str:
    """The firm with "de" before it: "de Amazon", "de la farmacia", "del correo"."""
    return " ".join(_SAID[name]) if name in _SAID else f"de {name}"
