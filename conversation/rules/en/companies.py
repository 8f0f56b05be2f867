"""Firms as they are called in English; slots keep the name that Brazil gives them."""

from conversation.rules.companies import Company, Firms, FirmWords
from conversation.rules.en.common_words import GIVEN_NAMES, NEVER_NAMES, TITLES
from conversation.rules.firms import EVERYDAY_BRANDS, brands
from conversation.rules.words import words_in
from conversation.understanding import Intent

_D, _S = Intent.DELIVERY, Intent.SERVICE
_SHOPS = (
    ("farmácia", "pharmacy", _D, "pharmacy|drugstore|drug store"),
    ("padaria", "bakery", _D, "bakery"),
    ("supermercado", "supermarket", _D, "supermarket|grocery store"),
    ("pizzaria", "pizzeria", _D, "pizzeria|pizza place|pizza shop"),
    ("restaurante", "restaurant", _D, "restaurant"),
    ("floricultura", "flower shop", _D, "flower shop|florist"),
    ("lavanderia", "laundry", _D, "laundry|dry cleaner|dry cleaners"),
    ("transportadora", "shipping company", _D, "shipping company|courier company"),
    ("Correios", "post office", _D, "post office|mailman|postman|the mail"),
    ("prefeitura", "city hall", _S, "city hall"),
    ("imobiliária", "real estate agency", _S, "real estate agency|real estate"),
    ("administradora", "property manager", _S, "property manager|property management"),
)
_SAID = {name: said for name, said, _, _ in _SHOPS}
_MORE = {
    "ubereats": Company("Uber", "from", _D),
    "uber eats": Company("Uber", "from", _D),
    "i food": Company("iFood", "from", _D),
    "fed ex": Company("FedEx", "from", _D),
    "mercado libre": Company("Mercado Livre", "from", _D),
    "ups": Company("UPS", "from", _D),
}

FIRMS = Firms(
    FirmWords(
        introduces=words_in(
            """
            am are delivery deliveries package packages parcel order courier technician guy man
            team people driver service it is coming something food box letter maintenance here
            """
        ),
        links=words_in("from with of"),
        firm=words_in("company"),
        never=NEVER_NAMES,
        people=GIVEN_NAMES | TITLES,
        articles=words_in("the a"),
    ),
    {
        **brands("from"),
        **_MORE,
        **{
            phrase: Company(name, "from the", purpose)
            for name, _, purpose, phrases in _SHOPS
            for phrase in phrases.split("|")
        },
    },
    linked=EVERYDAY_BRANDS,
)


def company(name: str) -> str:
    """A firm's name in English: "pharmacy" for "farmácia"."""
    return _SAID.get(name, name)


def of_company(name: str) -> str:
    """The firm with "from" before it: "from Amazon", "from the pharmacy"."""
    return f"from the {_SAID[name]}" if name in _SAID else f"from {name}"
